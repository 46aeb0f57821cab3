/** `podpass inject`: the webhook's own engine over manifests. */
import type { BadObject } from "../manifests/bad-object.ts";
import type { ManifestDocument, ManifestFile } from "../manifests/document.ts";
import { collectAdditions, type InjectedManifests, injectManifests } from "../manifests/inject-manifests.ts";
import type { ManifestObject } from "../manifests/objects.ts";
import { rewrite } from "../manifests/rewrite.ts";
import { collectServiceAccounts, type ServiceAccounts } from "../manifests/service-accounts.ts";
import { EXIT } from "./exit-codes.ts";
import { explain } from "./explain.ts";
import { asDiff } from "./inject-diff.ts";
import { badMessages, decisionMessages, leftOutMessages } from "./inject-messages.ts";
import { asJson, asYaml } from "./inject-output.ts";
import { configurationFindings } from "./lint-findings.ts";
import { showMessage } from "./messages.ts";
import { findConfiguration, requireSettings } from "./settings.ts";
import { readSources } from "./sources.ts";
import type { Output, Terminal } from "./terminal.ts";

/** The command's options. */
export interface InjectOptions {
  readonly filename: readonly string[];
  readonly config?: string;
  readonly namespace: string;
  readonly output: "yaml" | "json" | "diff";
  readonly explain?: boolean;
  /** Write what is not refused even where something is. */
  readonly keepGoing?: boolean;
}

/**
 * What is not to be applied: workloads that are refused, objects that the API server would not take, and the workloads of
 * a ServiceAccount that it would not.
 */
const refusedObjects = (
  { decided }: InjectedManifests,
  bad: readonly BadObject[],
  { written }: ServiceAccounts,
): ReadonlySet<ManifestObject> => {
  const refused = new Set(bad.map(({ object }) => object));
  const badAccounts = new Set(
    written.filter(({ object }) => refused.has(object)).map(({ account }) => `${account.namespace}/${account.name}`),
  );
  for (const { object, namespace, serviceAccount, decision } of decided)
    if (decision.outcome === "denied" || badAccounts.has(`${namespace}/${serviceAccount}`)) refused.add(object);
  return refused;
};

const nothingWritten = (count: number): string =>
  `podpass: nothing is written, since ${count === 1 ? "one object is" : `${count} objects are`} refused; --keep-going writes the others\n`;

interface Written {
  readonly files: readonly ManifestFile[];
  readonly injected: InjectedManifests;
  readonly leftOut: ReadonlySet<ManifestObject>;
}

const written = ({ files, injected, leftOut }: Written, { output, namespace }: InjectOptions, out: Output): string => {
  const additions = collectAdditions(injected.decided.filter(({ object }) => !leftOut.has(object)));
  if (output === "diff") {
    const changesOf = (document: ManifestDocument) => ({ additions: additions.get(document) ?? [], removals: [] });
    return asDiff(files, (document) => rewrite(document, changesOf(document)), namespace, out);
  }
  return output === "json" ? asJson(files, { additions, leftOut }) : asYaml(files, { additions, leftOut });
};

/** Runs the command; returns the exit code. */
export const inject = async (options: InjectOptions, terminal: Terminal): Promise<number> => {
  const { namespace, keepGoing = false } = options;
  const { out, err } = terminal;
  const { files, objects } = await readSources(options.filename, terminal);
  const configuration = await findConfiguration(options.config, { files, objects }, terminal);
  const settings = requireSettings(configuration);
  const serviceAccounts = collectServiceAccounts(objects, namespace);
  const context = { settings, serviceAccounts, namespace };
  const injected = injectManifests(objects, context);
  const bad = [...serviceAccounts.bad, ...injected.bad];
  const leftOut = refusedObjects(injected, bad, serviceAccounts);

  const messages = [
    ...configurationFindings(configuration).map(({ message, ...rest }) => ({
      ...rest,
      object: "Configuration",
      text: message,
    })),
    ...badMessages(bad, namespace),
    // What is said of the others may come of what is bad.
    ...(bad.length === 0 || keepGoing ? decisionMessages(injected, context) : []),
    ...(keepGoing ? leftOutMessages(leftOut, namespace) : []),
  ];
  for (const message of messages) err.write(showMessage(message, err));
  if (leftOut.size === 0 || keepGoing) out.write(written({ files, injected, leftOut }, options, out));
  if (options.explain === true) err.write(explain(injected.decided, err));
  if (leftOut.size > 0 && !keepGoing) err.write(nothingWritten(leftOut.size));
  if (bad.length > 0) return EXIT.badInput;
  return leftOut.size > 0 ? EXIT.violation : EXIT.done;
};

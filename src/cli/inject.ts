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
import { anewMessages, badMessages, decisionMessages, leftOutMessages } from "./inject-messages.ts";
import { asJson, asYaml, type Rewrite } from "./inject-output.ts";
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

interface Injected {
  readonly files: readonly ManifestFile[];
  readonly injected: InjectedManifests;
  readonly leftOut: ReadonlySet<ManifestObject>;
}

interface Written {
  readonly text: string;
  /** The documents that could not be changed in place. */
  readonly anew: readonly ManifestDocument[];
}

const written = (
  { files, injected, leftOut }: Injected,
  { output, namespace }: InjectOptions,
  out: Output,
): Written => {
  const additions = collectAdditions(injected.decided.filter(({ object }) => !leftOut.has(object)));
  const anew: ManifestDocument[] = [];
  const noting: Rewrite = (document, changes) => {
    const rewritten = rewrite(document, changes);
    if (rewritten.isAnew) anew.push(document);
    return rewritten;
  };
  if (output === "diff") {
    const changesOf = (document: ManifestDocument) => ({ additions: additions.get(document) ?? [], removals: [] });
    return { text: asDiff(files, (document) => noting(document, changesOf(document)), namespace, out), anew };
  }
  const result = { additions, leftOut };
  return { text: output === "json" ? asJson(files, result) : asYaml(files, result, noting), anew };
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
  if (leftOut.size === 0 || keepGoing) {
    const { text, anew } = written({ files, injected, leftOut }, options, out);
    for (const message of anewMessages(anew)) err.write(showMessage(message, err));
    out.write(text);
  }
  if (options.explain === true) err.write(explain(injected.decided, err));
  if (leftOut.size > 0 && !keepGoing) err.write(nothingWritten(leftOut.size));
  if (bad.length > 0) return EXIT.badInput;
  return leftOut.size > 0 ? EXIT.violation : EXIT.done;
};

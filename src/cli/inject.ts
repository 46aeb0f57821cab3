/** `podpass inject`: the webhook's own engine over manifests. */
import { injectManifests } from "../manifests/inject-manifests.ts";
import { showObject } from "../manifests/objects.ts";
import { collectServiceAccounts } from "../manifests/service-accounts.ts";
import { line } from "../reasons/text.ts";
import { BadInput, EXIT } from "./exit-codes.ts";
import { explain } from "./explain.ts";
import { asDiff } from "./inject-diff.ts";
import { decisionMessages } from "./inject-messages.ts";
import { asJson, asYaml } from "./inject-output.ts";
import { showMessage } from "./messages.ts";
import { findConfiguration, requireSettings } from "./settings.ts";
import { readSources } from "./sources.ts";
import type { Terminal } from "./terminal.ts";

/** The command's options. */
export interface InjectOptions {
  readonly filename: readonly string[];
  readonly config?: string;
  readonly namespace: string;
  readonly output: "yaml" | "json" | "diff";
  readonly explain?: boolean;
}

/** Runs the command; returns the exit code. */
export const inject = async (options: InjectOptions, terminal: Terminal): Promise<number> => {
  const { namespace } = options;
  const { out, err } = terminal;
  const sources = await readSources(options.filename, terminal);
  const configuration = await findConfiguration(options.config, sources);
  const settings = requireSettings(configuration);
  const serviceAccounts = collectServiceAccounts(sources.objects, namespace);
  const context = { settings, serviceAccounts, namespace };
  const injected = injectManifests(sources.objects, context);
  const bad = [...serviceAccounts.bad, ...injected.bad];
  if (bad.length > 0)
    throw new BadInput(
      bad
        .map(({ object, place, message }) => ({
          severity: "error" as const,
          place,
          object: showObject(object, object.namespace ?? namespace),
          text: message,
        }))
        .map((message) => showMessage(message, err).trimEnd())
        .join("\n"),
    );

  for (const notice of settings.notices) err.write(`${line(`${configuration.file}: note: ${notice}`, 1000)}\n`);
  for (const message of decisionMessages(injected.decided, context)) err.write(showMessage(message, err));
  if (options.output === "diff") out.write(asDiff(sources.files, injected.additions, namespace, out));
  else if (options.output === "json") out.write(asJson(sources.files, injected.additions));
  else out.write(asYaml(sources.files, injected.additions));
  if (options.explain === true) err.write(explain(injected.decided, err));
  return injected.decided.some(({ decision }) => decision.outcome === "denied") ? EXIT.violation : EXIT.done;
};

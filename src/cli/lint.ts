/** `podpass lint`: configuration and annotations judged by the core, for CI. */
import { showObject } from "../manifests/objects.ts";
import { collectServiceAccounts } from "../manifests/service-accounts.ts";
import { BadInput, EXIT } from "./exit-codes.ts";
import { adviceFor } from "./lint-advice.ts";
import { configurationFindings, coreFindings, type Finding, objectFindings } from "./lint-findings.ts";
import { type LintedPolicies, lintPolicies, showPolicyNotes } from "./lint-policies.ts";
import { showMessage } from "./messages.ts";
import { findConfiguration } from "./settings.ts";
import { readSources, type Sources } from "./sources.ts";
import type { Output, Terminal } from "./terminal.ts";

/** The command's options. */
export interface LintOptions {
  readonly filename?: readonly string[];
  readonly config?: string;
  readonly namespace: string;
  readonly output: "text" | "json";
  readonly strict?: boolean;
}

const inOrder = (findings: readonly Finding[], { files }: Sources): readonly Finding[] => {
  const rank = new Map(files.map(({ name }, index) => [name, index]));
  // The configuration of --config comes first.
  const fileOf = ({ place }: Finding) => rank.get(place.file) ?? -1;
  return findings.toSorted(
    (one, other) =>
      fileOf(one) - fileOf(other) || one.place.line - other.place.line || one.place.column - other.place.column,
  );
};

const showFinding = ({ severity, code, place, object, message }: Finding, out: Output): string => {
  const about = object && (object.kind === "Configuration" ? object.kind : showObject(object, object.namespace));
  return `${showMessage({ severity, place, object: about, text: message, code }, out)}    ${adviceFor(code)}\n`;
};

const asJson = (findings: readonly Finding[], policies: LintedPolicies | undefined): string => {
  const problems = findings.map(({ severity, code, place, object, message }) => ({
    severity,
    code,
    ...place,
    object: object ?? null,
    message,
    advice: adviceFor(code),
  }));
  return `${JSON.stringify({ problems, policies: policies ?? null }, null, 2)}\n`;
};

const counted = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? "" : "s"}`;

/** Runs the command; returns the exit code. */
export const lint = async (options: LintOptions, terminal: Terminal): Promise<number> => {
  const { namespace, output, filename = [] } = options;
  if (filename.length === 0 && options.config === undefined)
    throw new BadInput("there is nothing to check; name manifests with -f, or a configuration with --config");
  const sources = await readSources(filename, terminal);
  const configuration = await findConfiguration(options.config, sources, terminal);
  const serviceAccounts = collectServiceAccounts(sources.objects, namespace);
  const found = [
    ...configurationFindings(configuration),
    ...objectFindings(serviceAccounts.bad, serviceAccounts.repeated, namespace),
    ...(configuration.ok
      ? coreFindings(sources.objects, { settings: configuration.settings, serviceAccounts, namespace })
      : []),
  ];
  const findings = inOrder(found, sources);
  const errors = findings.filter(({ severity }) => severity === "error").length;
  const warnings = findings.filter(({ severity }) => severity === "warning").length;

  const policies = lintPolicies(configuration);

  if (output === "json") terminal.out.write(asJson(findings, policies));
  else {
    terminal.out.write(findings.map((finding) => showFinding(finding, terminal.out)).join(""));
    // Beside what is found, which is empty where nothing is.
    if (policies !== undefined) terminal.err.write(showPolicyNotes(policies, terminal.err));
  }
  const total = `${counted(errors, "error")} and ${counted(warnings, "warning")} in ${counted(sources.files.length || 1, "file")}`;
  terminal.err.write(`${total}${configuration.ok ? "" : "; the rest is not judged without a configuration"}\n`);
  return errors > 0 || (options.strict === true && warnings > 0) ? EXIT.violation : EXIT.done;
};

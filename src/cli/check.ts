/** `podpass check`: is an installation healthy, and if not, what to do. */
import { CHECK_IDS, countLevels, type Finding, judgeAll } from "../check/checks.ts";
import type { Facts, Installation } from "../check/facts.ts";
import type { Connection } from "../kube/connection.ts";
import { list } from "../reasons/text.ts";
import { visibleJson } from "../trust/visible-json.ts";
import { gather } from "./check/gather.ts";
import { showFindings } from "./check/show-findings.ts";
import { openOrFail } from "./cluster.ts";
import { BadInput, EXIT } from "./exit-codes.ts";
import { requireName } from "./kubernetes-name.ts";
import { readText } from "./sources.ts";
import type { Terminal } from "./terminal.ts";

/** The command's options. */
export interface CheckOptions {
  readonly namespace: string;
  readonly name: string;
  readonly config?: string;
  readonly skip?: readonly string[];
  readonly fetchIssuer?: boolean;
  readonly strict?: boolean;
  readonly output: "text" | "json";
}

const readSkipped = (skip: readonly string[]): ReadonlySet<string> => {
  const unknown = skip.filter((id) => !CHECK_IDS.includes(id));
  if (unknown.length > 0)
    throw new BadInput(`--skip: there is no check ${list(unknown)}; allowed: ${CHECK_IDS.join(", ")}`);
  return new Set(skip);
};

const readInstallation = ({ namespace, name }: CheckOptions): Installation => {
  requireName("namespace", namespace);
  requireName("name", name);
  return { namespace, name };
};

/** The result for scripts; `id`, `level` and the members of `data` keep their names. */
export const checkJson = (facts: Pick<Facts, "installation" | "ownVersion">, findings: readonly Finding[]): string => {
  const counts = countLevels(findings);
  const checks = findings.map(({ id, group, level, text, advice, details, data }) => ({
    id,
    group,
    level,
    message: text,
    advice: advice ?? null,
    details,
    data: data ?? {},
  }));
  const { installation, ownVersion } = facts;
  return `${visibleJson({ installation, podpass: ownVersion, healthy: counts.fail === 0, counts, checks }, 2)}\n`;
};

/** Runs the command; returns the exit code, 1 where a check failed. Changes nothing in the cluster. */
export const check = async (
  options: CheckOptions,
  terminal: Terminal,
  open: () => Promise<Connection>,
): Promise<number> => {
  const installation = readInstallation(options);
  const skipped = readSkipped(options.skip ?? []);
  const { config } = options;
  const configuration =
    config === undefined
      ? undefined
      : { text: await readText(config), origin: config, source: { kind: "file", path: config } as const };
  const facts = await gather(await openOrFail(open), {
    installation,
    configuration,
    withDryRun: !skipped.has("webhook-called"),
    withAccountDryRun: !skipped.has("serviceaccounts-called"),
    fetchIssuer: options.fetchIssuer === true,
  });
  const findings = judgeAll(facts, skipped);
  terminal.out.write(
    options.output === "json" ? checkJson(facts, findings) : showFindings(facts, findings, terminal.out),
  );
  const { fail, warn } = countLevels(findings);
  return fail > 0 || (options.strict === true && warn > 0) ? EXIT.violation : EXIT.done;
};

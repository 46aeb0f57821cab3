/** What is generated from the running parts: the table of metrics, and what the commands say of themselves. */
import { Registry } from "prom-client";
import { POLICY_STATES } from "../src/check/policy-states.ts";
import { createKubeMetrics } from "../src/telemetry/kube-metrics.ts";
import { openLog } from "../src/telemetry/log.ts";
import { createMetrics, OUTCOMES } from "../src/telemetry/metrics.ts";
import { createPodStatusTelemetry } from "../src/telemetry/pod-status.ts";
import { createPolicyTelemetry } from "../src/telemetry/policies.ts";
import { code, codes, table } from "./markdown.ts";
import { outputOf } from "./recorder.ts";

/** What prom-client keeps of each metric; its types say less. */
interface Described {
  readonly name: string;
  readonly help: string;
  readonly type: string;
  readonly labelNames: readonly string[];
  get(): Promise<{ readonly values: readonly { readonly labels: Readonly<Record<string, string>> }[] }>;
}

const tableOf = (registry: Registry): string => {
  const rows = registry.getMetricsAsArray().map((metric) => {
    const { name, help, type, labelNames } = metric as unknown as Described;
    return [code(name), String(type), codes(labelNames), help.replaceAll("|", "\\|")];
  });
  return table(["Metric", "Type", "Labels", "Meaning"], rows);
};

/** A row for each label whose values are there from the start, with all of them. */
const valuesOf = async (registry: Registry): Promise<readonly (readonly string[])[]> => {
  const rows: string[][] = [];
  for (const metric of registry.getMetricsAsArray()) {
    const { name, labelNames, get } = metric as unknown as Described;
    // Its outcomes have a table of their own, and its reasons a page.
    if (name === "podpass_admission_requests_total") continue;
    const { values } = await get.call(metric);
    for (const label of labelNames) {
      const told = new Set(values.flatMap(({ labels }) => labels[label] ?? []));
      if (told.size > 0) rows.push([code(name), code(label), codes([...told])]);
    }
  }
  return rows;
};

const outcomesTable = (): string =>
  table(
    ["`outcome`", "Meaning"],
    Object.entries(OUTCOMES).map(([outcome, meaning]) => [code(outcome), meaning]),
  );

const statesTable = (): string =>
  table(
    ["`state`", "Meaning"],
    Object.entries(POLICY_STATES).map(([state, meaning]) => [code(state), meaning]),
  );

/** The tables of metrics of docs/operations.md, by marker; those of Node.js itself are not in them. */
export const metricsTables = async (): Promise<ReadonlyMap<string, string>> => {
  const ofCluster = new Registry();
  createKubeMetrics(ofCluster, openLog("silent").log, () => undefined);
  const ofPolicies = new Registry();
  createPolicyTelemetry(ofPolicies, openLog("silent").log);
  const ofPods = new Registry();
  createPodStatusTelemetry(ofPods, openLog("silent").log);
  const { registry } = createMetrics(false);
  const values: (readonly string[])[] = [];
  for (const one of [registry, ofCluster, ofPolicies, ofPods]) values.push(...(await valuesOf(one)));
  return new Map([
    ["metrics", tableOf(registry)],
    ["cluster metrics", tableOf(ofCluster)],
    ["policy metrics", tableOf(ofPolicies)],
    ["policy states", statesTable()],
    ["pod metrics", tableOf(ofPods)],
    ["outcomes", outcomesTable()],
    ["label values", table(["Metric", "Label", "Values"], values)],
  ]);
};

const helpOf = async (...command: readonly string[]): Promise<string> =>
  `\`\`\`text\n${(await outputOf([...command, "--help"])).trimEnd()}\n\`\`\``;

/** The help texts for the markers `podpass …` that are on `page`, by their name. */
export const helpTexts = async (page: string): Promise<ReadonlyMap<string, string>> => {
  const texts = new Map<string, string>();
  for (const [, name = "", command] of page.matchAll(/<!-- begin generated: (podpass(?: ([a-z]+))?) -->/g))
    texts.set(name, await helpOf(...(command === undefined ? [] : [command])));
  return texts;
};

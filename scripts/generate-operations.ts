/** What is generated from the running parts: the table of metrics, and what the commands say of themselves. */
import { Registry } from "prom-client";
import { createKubeMetrics } from "../src/telemetry/kube-metrics.ts";
import { openLog } from "../src/telemetry/log.ts";
import { createMetrics } from "../src/telemetry/metrics.ts";
import { code, codes, table } from "./markdown.ts";
import { outputOf } from "./recorder.ts";

/** What prom-client keeps of each metric; its types say less. */
interface Described {
  readonly name: string;
  readonly help: string;
  readonly type: string;
  readonly labelNames: readonly string[];
}

const tableOf = (registry: Registry): string => {
  const rows = registry.getMetricsAsArray().map((metric) => {
    const { name, help, type, labelNames } = metric as unknown as Described;
    return [code(name), String(type), codes(labelNames), help.replaceAll("|", "\\|")];
  });
  return table(["Metric", "Type", "Labels", "Meaning"], rows);
};

/** The tables of metrics of docs/operations.md, by marker; those of Node.js itself are not in them. */
export const metricsTables = (): ReadonlyMap<string, string> => {
  const ofCluster = new Registry();
  createKubeMetrics(ofCluster, openLog("silent").log, () => undefined);
  return new Map([
    ["metrics", tableOf(createMetrics(false).registry)],
    ["cluster metrics", tableOf(ofCluster)],
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

/** What is generated from the running parts: the table of metrics, and what the commands say of themselves. */
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

/** The table of metrics of docs/operations.md; those of Node.js itself are not in it. */
export const metricsTable = (): string => {
  const { registry } = createMetrics(false);
  const rows = registry.getMetricsAsArray().map((metric) => {
    const { name, help, type, labelNames } = metric as unknown as Described;
    return [code(name), String(type), codes(labelNames), help.replaceAll("|", "\\|")];
  });
  return table(["Metric", "Type", "Labels", "Meaning"], rows);
};

const COMMANDS = ["inject", "lint", "presets", "serve"] as const;

const helpOf = async (...command: readonly string[]): Promise<string> =>
  `\`\`\`text\n${(await outputOf([...command, "--help"])).trimEnd()}\n\`\`\``;

/** The help texts of docs/cli.md, by the name of their markers. */
export const helpTexts = async (): Promise<ReadonlyMap<string, string>> => {
  const texts = new Map([["podpass", await helpOf()]]);
  for (const command of COMMANDS) texts.set(`podpass ${command}`, await helpOf(command));
  return texts;
};

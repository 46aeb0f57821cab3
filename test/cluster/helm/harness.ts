/** What tests with Helm start with. */
import { join } from "node:path";
import { describe } from "vitest";
import { parseAllDocuments } from "yaml";
import { findHelm, type HelmResult, runHelm } from "./helm.ts";

/** Values of the chart. */
export type Values = Readonly<Record<string, unknown>>;

/** One rendered object. */
export interface Rendered {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly [field: string]: unknown;
}

const found = await findHelm();
if (found.kind === "missing") {
  const line = `TESTS OF THE CHART ARE SKIPPED: ${found.reason}`;
  if (process.env["CI"] === "true") throw new Error(line);
  process.stderr.write(`\n${line}\n\n`);
}

/** The chart's folder. */
export const chart = join(import.meta.dirname, "../../../charts/podpass");

/** `describe` for tests that need Helm; skipped where there can be none. */
export const describeWithHelm = describe.skipIf(found.kind === "missing");

/** Runs Helm with `values` as a file of values on its standard input, where there are some. */
export const helm = (args: readonly string[], values?: Values): Promise<HelmResult> => {
  if (found.kind === "missing") throw new Error(found.reason);
  const all = values === undefined ? args : [...args, "--values=-"];
  return runHelm(found.path, all, values === undefined ? "" : JSON.stringify(values));
};

/** Like {@link helm}, and throws what Helm says where it fails. Returns its output. */
export const mustHelm = async (args: readonly string[], values?: Values): Promise<string> => {
  const { code, stdout, stderr } = await helm(args, values);
  if (code !== 0) throw new Error(`helm ${args.join(" ")}: ${stderr}`);
  return stdout;
};

/** The objects in a text of several documents. */
export const objectsIn = (text: string): readonly Rendered[] => {
  const documents = parseAllDocuments(text, { uniqueKeys: true });
  if ("empty" in documents) return [];
  for (const { errors } of documents) if (errors[0] !== undefined) throw errors[0];
  return documents.map((document) => document.toJS()).filter((value) => value !== null);
};

/** What the chart renders. */
export interface RenderOptions {
  readonly values?: Values;
  readonly release?: string;
  readonly namespace?: string;
  /** The cluster's version; the newest that Helm knows by default. */
  readonly kubernetes?: string;
}

/** Renders the chart. */
export const render = async (options: RenderOptions = {}): Promise<readonly Rendered[]> => {
  const { values = {}, release = "podpass", namespace = "podpass-system", kubernetes } = options;
  const version = kubernetes === undefined ? [] : ["--kube-version", kubernetes];
  return objectsIn(await mustHelm(["template", release, chart, "--namespace", namespace, ...version], values));
};

/** From the text of a configuration file to settings, or to the list of everything that is wrong with it. */
import { type Node, Schema } from "yaml";
import { line } from "../reasons/text.ts";
import { Lines } from "../yaml/lines.ts";
import { type Step, stepInto } from "../yaml/nodes.ts";
import { BOUNDED, type TextProblem, type ReadOptions as YamlOptions } from "../yaml/parse.ts";
import { readYaml, toldProblems, type YamlDocument } from "../yaml/read.ts";
import { toPlain } from "../yaml/values.ts";
import { compileConfiguration, presetNames } from "./compile.ts";
import { type ConfigurationProblem, type Notice, problemsOf, showPath } from "./problem.ts";
import { problemsOfTheRest } from "./rest.ts";
import { type ConfigurationSchema, configurationSchema } from "./schema.ts";
import type { Settings } from "./settings.ts";

/** A problem with its place in the file; line and column count from 1. */
export interface LocatedProblem extends ConfigurationProblem {
  readonly line: number;
  readonly column: number;
}

/** A notice with its place in the file. */
export interface LocatedNotice extends Notice {
  readonly line: number;
  readonly column: number;
}

/** The result of reading a configuration. */
export type ReadConfiguration =
  | {
      readonly ok: true;
      readonly settings: Settings;
      /** Those of the settings. */
      readonly notices: readonly LocatedNotice[];
      /** What was written, as plain values. */
      readonly written: unknown;
    }
  | { readonly ok: false; readonly problems: readonly LocatedProblem[] };

/** `FILE:LINE:COLUMN: PATH: MESSAGE`, one problem a line, safe to print. */
export const showProblems = (file: string, problems: readonly LocatedProblem[]): string =>
  problems
    .map((problem) => {
      const place = problem.path.length === 0 ? "" : `${showPath(problem.path)}: `;
      return line(`${file}:${problem.line}:${problem.column}: ${place}${problem.message}`, 1000);
    })
    .join("\n");

// zod leaves such a key out without a word, and no name of ours may be one.
const poisonedKeys = (data: unknown): readonly ConfigurationProblem[] => {
  const problems: ConfigurationProblem[] = [];
  const path: (string | number)[] = [];
  const walk = (value: unknown): void => {
    if (typeof value !== "object" || value === null) return;
    const entries = Array.isArray(value) ? value.entries() : Object.entries(value);
    for (const [step, item] of entries) {
      path.push(step);
      if (step === "__proto__")
        problems.push({ path: [...path], message: "not a valid name; allowed: any other", isAboutKey: true });
      else walk(item);
      path.pop();
    }
  };
  walk(data);
  return problems;
};

let made: ConfigurationSchema | undefined;

/** Made at the first reading, and kept for the next ones. */
const schema = () => {
  made ??= configurationSchema(presetNames);
  return made;
};

/** Settings, or every problem of `data`. */
const check = (
  data: unknown,
  ownNamespace: string | undefined,
): { readonly settings?: Settings; readonly problems: readonly ConfigurationProblem[] } => {
  const parsed = schema().safeParse(data);
  if (!parsed.success) {
    const { issues } = parsed.error;
    const rest = problemsOfTheRest(schema(), issues, data, ownNamespace);
    return { problems: [...problemsOf(schema(), issues, data), ...rest] };
  }
  const compiled = compileConfiguration(parsed.data, ownNamespace);
  return compiled.ok ? { settings: compiled.settings, problems: [] } : { problems: compiled.problems };
};

/** What a configuration is read with. */
export interface ReadOptions {
  /** Podpass' own namespace, which is always exempt from the policy. */
  readonly ownNamespace?: string | undefined;
}

/** How a configuration is read: YAML 1.2. */
const READ_OPTIONS: YamlOptions = { ...BOUNDED, schema: new Schema({ schema: "core" }) };

const EMPTY = "the file is empty; allowed: apiVersion: podpass.dev/v1alpha1, kind: Configuration, …";

/** The one document of a configuration's text, or why there is none. */
const oneDocument = (text: string): YamlDocument | readonly TextProblem[] => {
  const { documents, problem } = readYaml(text, READ_OPTIONS);
  if (problem !== undefined) return [problem];
  const [document, second] = documents;
  if (document === undefined || document.parsed.contents === null) return [{ offset: 0, message: EMPTY }];
  const warnings = document.parsed.warnings.map(({ pos, message }) => ({ offset: pos[0], message }));
  const problems = [...document.problems, ...warnings];
  if (problems.length > 0) return toldProblems(problems);
  if (second === undefined) return document;
  return [{ offset: second.parsed.range[0], message: "a second document starts here; allowed: one" }];
};

/** Where a problem is written; the nearest place above it where that is not written itself. */
const offsetOf = (
  { path, isAboutKey }: Pick<ConfigurationProblem, "path" | "isAboutKey">,
  { parsed, targets }: YamlDocument,
): number => {
  let node: Node | undefined = parsed.contents ?? undefined;
  let offset = 0;
  for (const [depth, step] of path.entries()) {
    const next: Step = stepInto(node, String(step), targets);
    const at = isAboutKey && depth === path.length - 1 ? next.at : next.node;
    if (at === undefined) break;
    offset = at.range?.[0] ?? offset;
    node = next.node;
  }
  return offset;
};

/** Reads the text of a configuration file (YAML or JSON, one document). */
export const readConfiguration = (text: string, options: ReadOptions = {}): ReadConfiguration => {
  const lines = new Lines(text);
  const document = oneDocument(text);
  if (!("parsed" in document))
    return {
      ok: false,
      problems: document.map(({ offset, message }) => ({ path: [], message, ...lines.placeOf(offset) })),
    };
  const data = toPlain(document.value);
  const { settings, problems } = check(data, options.ownNamespace);
  const all = [...poisonedKeys(data), ...problems];
  const located = <Told extends Pick<ConfigurationProblem, "path" | "isAboutKey">>(told: readonly Told[]) =>
    told
      .map((one) => ({ ...one, ...lines.placeOf(offsetOf(one, document)) }))
      .sort((a, b) => a.line - b.line || a.column - b.column);
  return settings !== undefined && all.length === 0
    ? { ok: true, settings, notices: located(settings.notices), written: data }
    : { ok: false, problems: located(all) };
};

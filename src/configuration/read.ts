/** From the text of a configuration file to settings, or to the list of everything that is wrong with it. */
import { isMap, isNode, isScalar, LineCounter, parseAllDocuments } from "yaml";
import { line, messageOf } from "../reasons/text.ts";
import { compileConfiguration, presetNames } from "./compile.ts";
import { type ConfigurationProblem, type Path, problemsOf, showPath } from "./problem.ts";
import { problemsOfTheRest } from "./rest.ts";
import { type ConfigurationSchema, configurationSchema } from "./schema.ts";
import type { Settings } from "./settings.ts";

/** A problem with its place in the file; line and column count from 1. */
export interface LocatedProblem extends ConfigurationProblem {
  readonly line: number;
  readonly column: number;
}

/** The result of reading a configuration. */
export type ReadConfiguration =
  | { readonly ok: true; readonly settings: Settings }
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
const poisonedKeys = (data: unknown, path: Path = []): readonly ConfigurationProblem[] => {
  if (typeof data !== "object" || data === null) return [];
  if (Array.isArray(data)) return data.flatMap((item, index) => poisonedKeys(item, [...path, index]));
  return Object.entries(data).flatMap(([key, value]) =>
    key === "__proto__"
      ? [{ path: [...path, key], message: "not a valid name; allowed: any other", isAboutKey: true }]
      : poisonedKeys(value, [...path, key]),
  );
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

/** Reads the text of a configuration file (YAML or JSON, one document). */
export const readConfiguration = (text: string, options: ReadOptions = {}): ReadConfiguration => {
  const lines = new LineCounter();
  const documents = parseAllDocuments(text, { lineCounter: lines, prettyErrors: false });
  const document = "empty" in documents ? undefined : documents[0];
  const at = (offset: number) => {
    const { line: row, col } = lines.linePos(offset);
    return { line: Math.max(row, 1), column: Math.max(col, 1) };
  };
  const whole = (message: string, offset = 0): ReadConfiguration => ({
    ok: false,
    problems: [{ path: [], message, ...at(offset) }],
  });
  if (document === undefined || document.contents === null)
    return whole("the file is empty; allowed: apiVersion: podpass.dev/v1alpha1, kind: Configuration, …");
  const syntax = [...document.errors, ...document.warnings];
  if (syntax.length > 0)
    return { ok: false, problems: syntax.map((error) => ({ path: [], message: error.message, ...at(error.pos[0]) })) };
  const second = documents[1];
  if (second !== undefined) return whole("a second document starts here; allowed: one", second.range[0]);

  const keyAt = (path: Path): unknown => {
    const parent = path.length === 1 ? document.contents : document.getIn(path.slice(0, -1), true);
    return isMap(parent)
      ? parent.items.find(({ key }) => isScalar(key) && key.value === path[path.length - 1])?.key
      : undefined;
  };
  const offsetOf = ({ path, isAboutKey }: ConfigurationProblem): number => {
    const key = isAboutKey ? keyAt(path) : undefined;
    if (isNode(key) && key.range) return key.range[0];
    for (let length = path.length; length > 0; length--) {
      const node = document.getIn(path.slice(0, length), true);
      if (isNode(node) && node.range) return node.range[0];
    }
    return 0;
  };
  const data = toData(document);
  if (!data.ok) return whole(data.message);
  const { settings, problems } = check(data.value, options.ownNamespace);
  const all = [...poisonedKeys(data.value), ...problems];
  if (settings !== undefined && all.length === 0) return { ok: true, settings };
  return {
    ok: false,
    problems: all
      .map((problem) => ({ ...problem, ...at(offsetOf(problem)) }))
      .sort((a, b) => a.line - b.line || a.column - b.column),
  };
};

const holdsItself = (data: unknown, above: readonly unknown[] = []): boolean =>
  typeof data === "object" &&
  data !== null &&
  (above.includes(data) || Object.values(data).some((value) => holdsItself(value, [...above, data])));

// Aliases that grow beyond the library's bound, that are not anchored or that go round in circles are found only here.
const toData = (document: { toJS(): unknown }) => {
  try {
    const value = document.toJS();
    return holdsItself(value)
      ? { ok: false as const, message: "an alias stands inside its own anchor; allowed: one that ends" }
      : { ok: true as const, value };
  } catch (error) {
    return { ok: false as const, message: messageOf(error) };
  }
};

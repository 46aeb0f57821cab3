/** A text of YAML or JSON as documents with their values, whatever its author made of it. */
import type { Document } from "yaml";
import { MAX_TOLD_PROBLEMS } from "./limits.ts";
import type { Targets } from "./nodes.ts";
import { parseText, type ReadOptions, type TextProblem } from "./parse.ts";
import { aliasBudget, readValue, TEMPLATE } from "./read-value.ts";

/** One document. */
export interface YamlDocument {
  readonly parsed: Document.Parsed;
  /** What it holds; nothing that counts where there are problems. */
  readonly value: unknown;
  readonly targets: Targets;
  readonly problems: readonly TextProblem[];
}

/** The documents of a text, or why it cannot be read at all. */
export interface YamlText {
  readonly documents: readonly YamlDocument[];
  readonly problem?: TextProblem;
}

const NO_TARGETS: Targets = new Map();

const templateIn = (text: string, { range: [from, to] }: Document.Parsed): readonly TextProblem[] => {
  const offset = text.slice(0, to).indexOf("{{", from);
  return offset === -1 ? [] : [{ offset, message: TEMPLATE }];
};

/** Reads `text`. A document that breaks YAML's syntax has problems; the others are read. */
export const readYaml = (text: string, options: ReadOptions): YamlText => {
  const { documents, problem } = parseText(text, options);
  const budget = aliasBudget();
  return {
    documents: documents.map((parsed) => {
      if (parsed.errors.length === 0) return { parsed, ...readValue(parsed.contents, budget) };
      const problems = parsed.errors.map(({ pos, message }) => ({ offset: pos[0], message }));
      const told = [...templateIn(text, parsed), ...problems];
      return { parsed, value: undefined, targets: NO_TARGETS, problems: told };
    }),
    ...(problem && { problem }),
  };
};

/** The first of a file's problems, and how many more there are. */
export const toldProblems = (problems: readonly TextProblem[]): readonly TextProblem[] => {
  const next = problems[MAX_TOLD_PROBLEMS];
  if (next === undefined) return problems;
  const rest = (problems.length - MAX_TOLD_PROBLEMS).toLocaleString("en-US");
  return [...problems.slice(0, MAX_TOLD_PROBLEMS), { offset: next.offset, message: `and ${rest} more from here on` }];
};

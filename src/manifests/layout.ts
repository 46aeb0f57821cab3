/** How a document is laid out, so that what is added looks like what is there. */
import { Document, isMap, isSeq, type Node, visit } from "yaml";
import { isMapping } from "../yaml/values.ts";
import { documentText, type ManifestDocument, startOf } from "./document.ts";
import { columnOf } from "./edits.ts";
import { escapeBreaks, quoteBreaks } from "./line-breaks.ts";

/** A document's habits. */
export interface Layout {
  /** Spaces of one level of nesting. */
  readonly step: number;
  /** Are the dashes of a list deeper than the key above them? */
  readonly indentSeq: boolean;
  readonly eol: string;
  /** The white space of one level, where the document is JSON on many lines. */
  readonly jsonUnit: string;
}

const habits = (
  document: ManifestDocument,
): { readonly steps: readonly number[]; readonly dashes: readonly number[] } => {
  const { file } = document;
  const steps: number[] = [];
  const dashes: number[] = [];
  visit(document.parsed, {
    Pair: (_, { key, value }) => {
      const isBlock = (isMap(value) || isSeq(value)) && !value.flow && value.items.length > 0;
      if (!isBlock) return;
      const deeper = columnOf(file, startOf(value)) - columnOf(file, startOf(key as Node));
      if (isSeq(value)) dashes.push(deeper);
      else if (deeper > 0) steps.push(deeper);
    },
  });
  return { steps, dashes };
};

/** Reads the layout of a document. */
export const layoutOf = (document: ManifestDocument): Layout => {
  const { steps, dashes } = habits(document);
  const text = documentText(document);
  return {
    step: steps.length === 0 ? 2 : steps.reduce((least, step) => Math.min(least, step)),
    // Where the document has no list yet, as kubectl writes it.
    indentSeq: dashes.filter((deeper) => deeper > 0).length * 2 > dashes.length,
    eol: text.includes("\r\n") ? "\r\n" : "\n",
    jsonUnit: document.isJson ? (/\n([ \t]+)/.exec(text)?.[1] ?? "") : "",
  };
};

/** Is `value` written in a line of its own kind, without children? */
export const isInline = (value: unknown): boolean =>
  !(isMapping(value) && value.size > 0) && !(Array.isArray(value) && value.length > 0);

/** `value` as the lines of a YAML block, without indentation of their own. */
export const blockLines = (value: unknown, { step, indentSeq }: Layout): readonly string[] => {
  const document = new Document(value, { compat: "yaml-1.1", aliasDuplicateObjects: false });
  quoteBreaks(document);
  return escapeBreaks(document.toString({ indent: step, indentSeq, lineWidth: 0 }))
    .replace(/\n$/, "")
    .split("\n");
};

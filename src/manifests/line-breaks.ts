/**
 * Line breaks of YAML 1.1, which kubectl goes by, that are none in YAML 1.2, which is written here. Left as they are, a
 * ServiceAccount's annotation could begin lines of its own in the pods that it goes into.
 */
import { type Document, visit } from "yaml";

const BREAKS = /[\u0085\u2028\u2029]/g;

const escaped = (character: string): string => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;

/** JSON, or YAML after {@link quoteBreaks}, without such breaks: in double quotes their escapes are the same. */
export const escapeBreaks = (text: string): string => text.replace(BREAKS, escaped);

/** Has every text with such a break in it be written in double quotes. */
export const quoteBreaks = (document: Document): void => {
  visit(document, {
    Scalar: (_, node) => {
      if (typeof node.value === "string" && node.value.search(BREAKS) >= 0) node.type = "QUOTE_DOUBLE";
    },
  });
};

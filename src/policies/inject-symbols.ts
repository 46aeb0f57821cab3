/**
 * What the webhook's own code renders, as CEL: it is given a symbol for each value that only the API server will know, and
 * what it returns is taken apart at these symbols. So there is no second model of what a pod gets.
 */
import { joined } from "./cel.ts";

// Private use: no configuration has reason to contain them, and one that does is not rendered.
const START = "\ue000";
const END = "\ue001";

/** Does `text` hold what a symbol is made of? */
export const holdsSymbol = (text: string): boolean => text.includes(START) || text.includes(END);

/** Stands for the value of the CEL expression `expression`. */
export const symbol = (expression: string): string => `${START}${expression}${END}`;

/** What `rendered` is once its symbols have their values; `form` is what becomes of each. */
export const expressed = (rendered: string, form: (expression: string) => string = (value) => value): string =>
  joined(
    rendered.split(START).flatMap((piece, index) => {
      if (index === 0) return [{ literal: piece }];
      const end = piece.indexOf(END);
      return [{ expression: form(piece.slice(0, end)) }, { literal: piece.slice(end + END.length) }];
    }),
  );

/** All of `conditions` that say something; `true` of none. */
export const both = (...conditions: readonly string[]): string => {
  if (conditions.includes("false")) return "false";
  const said = [...new Set(conditions)].filter((condition) => condition !== "true");
  return said.length === 0 ? "true" : said.map((one) => (said.length === 1 ? one : `(${one})`)).join(" && ");
};

/** One of `conditions`. */
export const either = (conditions: readonly string[]): string => {
  if (conditions.includes("true")) return "true";
  const said = conditions.filter((condition) => condition !== "false");
  return said.length === 0 ? "false" : said.map((one) => (said.length === 1 ? one : `(${one})`)).join(" || ");
};

/** The opposite of `condition`. */
export const not = (condition: string): string => {
  if (condition === "true") return "false";
  return condition === "false" ? "true" : `!(${condition})`;
};

/** `yes` where `condition` holds, else `no`. */
export const choose = (condition: string, yes: string, no: string): string => {
  if (condition === "true" || yes === no) return yes;
  return condition === "false" ? no : `(${condition} ? ${yes} : ${no})`;
};

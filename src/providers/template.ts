/** Templates: text with the references of {@link KNOWN_REFERENCES}, and nothing else. */

/** What a `${…}` stands for. */
export type Reference =
  | { readonly kind: "parameter"; readonly name: string }
  | { readonly kind: "file"; readonly name: string }
  | { readonly kind: "token"; readonly field: "file" | "dir" | "audience" }
  | { readonly kind: "serviceAccount"; readonly field: "name" | "namespace" }
  | { readonly kind: "subject" };

/** A parsed template: literal text and references, in order. */
export type Template = readonly (string | Reference)[];

/** Gives a reference its value, or undefined where it has none. */
export type Lookup = (reference: Reference) => string | undefined;

/** All that a template may refer to, as it is written. */
export const KNOWN_REFERENCES: readonly string[] = [
  "${parameter.NAME}",
  "${token.file}",
  "${token.dir}",
  "${token.audience}",
  "${file.NAME}",
  "${serviceAccount.name}",
  "${serviceAccount.namespace}",
  "${subject}",
];

/** References by a name of their own. */
const FIXED: ReadonlyMap<string, Reference> = new Map<string, Reference>([
  ["token.file", { kind: "token", field: "file" }],
  ["token.dir", { kind: "token", field: "dir" }],
  ["token.audience", { kind: "token", field: "audience" }],
  ["serviceAccount.name", { kind: "serviceAccount", field: "name" }],
  ["serviceAccount.namespace", { kind: "serviceAccount", field: "namespace" }],
  ["subject", { kind: "subject" }],
]);

const reference = (inner: string): Reference | undefined => {
  const fixed = FIXED.get(inner);
  if (fixed !== undefined) return fixed;
  if (inner.startsWith("parameter.")) return { kind: "parameter", name: inner.slice("parameter.".length) };
  if (inner.startsWith("file.")) return { kind: "file", name: inner.slice("file.".length) };
  return undefined;
};

/** A reference as it is written. */
export const showReference = (reference: Reference): string => {
  if (reference.kind === "subject") return "${subject}";
  return `\${${reference.kind}.${"name" in reference ? reference.name : reference.field}}`;
};

/**
 * Parses `text`. What is none of the references is returned in `unknown`, as written; the template is usable
 * only when that list is empty.
 */
export const parseTemplate = (text: string): { readonly template: Template; readonly unknown: readonly string[] } => {
  const template: (string | Reference)[] = [];
  const unknown: string[] = [];
  let rest = 0;
  for (let start = text.indexOf("${"); start !== -1; start = text.indexOf("${", rest)) {
    if (start > rest) template.push(text.slice(rest, start));
    const end = text.indexOf("}", start);
    const written = end === -1 ? text.slice(start) : text.slice(start, end + 1);
    const found = end === -1 ? undefined : reference(written.slice(2, -1));
    if (found === undefined) unknown.push(written);
    else template.push(found);
    rest = start + written.length;
  }
  if (rest < text.length) template.push(text.slice(rest));
  return { template, unknown };
};

/** Does `reference` say where the token and the files are? */
export const namesPlace = (reference: Reference): boolean =>
  reference.kind === "file" || (reference.kind === "token" && reference.field !== "audience");

/** The references of a template, in order. */
export const references = (template: Template): readonly Reference[] =>
  template.filter((part): part is Reference => typeof part !== "string");

/** The template's text, or undefined when one of its references has no value. `escapeValue` is applied to values only. */
export const renderTemplate = (
  template: Template,
  lookup: Lookup,
  escapeValue?: (value: string) => string,
): string | undefined => {
  let text = "";
  for (const part of template) {
    if (typeof part === "string") {
      text += part;
      continue;
    }
    const value = lookup(part);
    if (value === undefined) return undefined;
    text += escapeValue === undefined ? value : escapeValue(value);
  }
  return text;
};

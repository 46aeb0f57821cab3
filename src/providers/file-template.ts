/**
 * Files as templates. JSON is written from values, never by pasting text, so that no parameter can change its
 * structure; and never through an object of ours, so that no key from a user becomes a property.
 */
import type { FileSpec, JsonTemplate } from "./provider-spec.ts";
import { type Lookup, parseTemplate, type Reference, references, renderTemplate, type Template } from "./template.ts";

type JsonNode =
  | { readonly kind: "leaf"; readonly template: Template }
  | { readonly kind: "constant"; readonly json: string }
  | { readonly kind: "array"; readonly items: readonly JsonNode[] }
  | { readonly kind: "object"; readonly entries: readonly (readonly [key: string, node: JsonNode])[] };

/** The body of a file: one JSON value, or lines of text. */
export type FileBody =
  | { readonly kind: "json"; readonly root: JsonNode }
  | { readonly kind: "text"; readonly lines: readonly Template[] };

/** A file body parsed, with the references that no template may have. */
export interface ParsedFile {
  readonly body: FileBody;
  readonly references: readonly Reference[];
  readonly unknown: readonly string[];
}

const jsonNode = (value: JsonTemplate, seen: { references: Reference[]; unknown: string[] }): JsonNode => {
  if (typeof value === "string") {
    const { template, unknown } = parseTemplate(value);
    seen.references.push(...references(template));
    seen.unknown.push(...unknown);
    return { kind: "leaf", template };
  }
  if (value === null || typeof value !== "object") return { kind: "constant", json: JSON.stringify(value) };
  if (Array.isArray(value)) return { kind: "array", items: value.map((item: JsonTemplate) => jsonNode(item, seen)) };
  return { kind: "object", entries: Object.entries(value).map(([key, item]) => [key, jsonNode(item, seen)] as const) };
};

/** Parses the body of `file`, which has either `json` or `text`. */
export const parseFile = (file: FileSpec): ParsedFile => {
  const seen: { references: Reference[]; unknown: string[] } = { references: [], unknown: [] };
  if (file.text === undefined) {
    const root = jsonNode(file.json ?? null, seen);
    return { body: { kind: "json", root }, ...seen };
  }
  const lines = file.text.split("\n").map((text) => {
    const { template, unknown } = parseTemplate(text);
    seen.references.push(...references(template));
    seen.unknown.push(...unknown);
    return template;
  });
  return { body: { kind: "text", lines }, ...seen };
};

const renderNode = (node: JsonNode, lookup: Lookup): string | undefined => {
  switch (node.kind) {
    case "constant":
      return node.json;
    case "leaf": {
      const text = renderTemplate(node.template, lookup);
      return text === undefined ? undefined : JSON.stringify(text);
    }
    case "array": {
      const items = node.items.map((item) => renderNode(item, lookup)).filter((item) => item !== undefined);
      return `[${items.join(",")}]`;
    }
    case "object": {
      const members: string[] = [];
      for (const [key, child] of node.entries) {
        const value = renderNode(child, lookup);
        if (value !== undefined) members.push(`${JSON.stringify(key)}:${value}`);
      }
      return `{${members.join(",")}}`;
    }
  }
};

/** The file's content. A JSON leaf or a line of text one of whose references has no value is left out. */
export const renderFile = (body: FileBody, lookup: Lookup): string => {
  if (body.kind === "json") return renderNode(body.root, lookup) ?? "null";
  return body.lines
    .map((template) => renderTemplate(template, lookup))
    .filter((text) => text !== undefined)
    .join("\n");
};

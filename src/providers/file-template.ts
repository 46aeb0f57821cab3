/**
 * Files as templates. JSON, TOML, INI and properties are written from values, never by pasting text, so that no parameter can change
 * their structure; and never through an object of ours, so that no key from a user becomes a property.
 */
import { writeIni } from "./ini.ts";
import { writeProperties } from "./properties.ts";
import type { FileSpec, JsonTemplate } from "./provider-spec.ts";
import {
  type Lookup,
  parseTemplate,
  type Reference,
  references,
  renderTemplate,
  showReference,
  type Template,
} from "./template.ts";
import { writeToml } from "./toml.ts";
import { isTable, type Scalar, type Value } from "./value.ts";

type Node =
  | { readonly kind: "leaf"; readonly template: Template }
  | { readonly kind: "constant"; readonly value: Exclude<Scalar, string> }
  | { readonly kind: "array"; readonly items: readonly Node[] }
  | { readonly kind: "object"; readonly entries: readonly (readonly [key: string, node: Node])[] };

/** A format of one value. */
type ValueFormat = "json" | "toml" | "ini" | "properties";

/** The body of a file: one value in its format, or lines of text. */
export type FileBody =
  | { readonly kind: ValueFormat; readonly root: Node }
  | { readonly kind: "text"; readonly lines: readonly Template[] };

/** A template of a file. */
export interface FoundTemplate {
  readonly template: Template;
  /** Where in the file's {@link FileSpec} it is. */
  readonly path: readonly (string | number)[];
  readonly references: readonly Reference[];
  /** What is none of the references that there are. */
  readonly unknown: readonly string[];
}

/** A file body parsed, with every template in it, in order. */
export interface ParsedFile {
  readonly body: FileBody;
  readonly templates: readonly FoundTemplate[];
  readonly references: readonly Reference[];
}

/** Parses templates and remembers them. */
class TemplateReader {
  readonly found: FoundTemplate[] = [];

  read(text: string, path: FoundTemplate["path"]): Template {
    const { template, unknown } = parseTemplate(text);
    this.found.push({ template, path, references: references(template), unknown });
    return template;
  }

  node(value: JsonTemplate, path: FoundTemplate["path"]): Node {
    if (typeof value === "string") return { kind: "leaf", template: this.read(value, path) };
    if (value === null || typeof value !== "object") return { kind: "constant", value };
    if (Array.isArray(value))
      return { kind: "array", items: value.map((item: JsonTemplate, index) => this.node(item, [...path, index])) };
    const entries = Object.entries(value).map(([key, item]) => [key, this.node(item, [...path, key])] as const);
    return { kind: "object", entries };
  }
}

const bodyOf = ({ json, toml, ini, properties, text }: FileSpec, reader: TemplateReader): FileBody => {
  if (text !== undefined) return { kind: "text", lines: text.split("\n").map((one) => reader.read(one, ["text"])) };
  if (toml !== undefined) return { kind: "toml", root: reader.node(toml, ["toml"]) };
  if (ini !== undefined) return { kind: "ini", root: reader.node(ini, ["ini"]) };
  if (properties !== undefined) return { kind: "properties", root: reader.node(properties, ["properties"]) };
  return { kind: "json", root: reader.node(json ?? null, ["json"]) };
};

/** Parses the body of `file`, which has one of `json`, `toml`, `ini`, `properties` and `text`. */
export const parseFile = (file: FileSpec): ParsedFile => {
  const reader = new TemplateReader();
  const body = bodyOf(file, reader);
  return { body, templates: reader.found, references: reader.found.flatMap((found) => found.references) };
};

const filledIn = (node: Node, lookup: Lookup): Value | undefined => {
  switch (node.kind) {
    case "constant":
      return node.value;
    case "leaf":
      return renderTemplate(node.template, lookup);
    case "array":
      return node.items.map((item) => filledIn(item, lookup)).filter((item) => item !== undefined);
    case "object": {
      const entries: (readonly [string, Value])[] = [];
      for (const [key, child] of node.entries) {
        const value = filledIn(child, lookup);
        if (value !== undefined) entries.push([key, value]);
      }
      return { entries };
    }
  }
};

const writeJson = (value: Value): string => {
  if (isTable(value))
    return `{${value.entries.map(([key, one]) => `${JSON.stringify(key)}:${writeJson(one)}`).join(",")}}`;
  if (Array.isArray(value)) return `[${value.map(writeJson).join(",")}]`;
  return JSON.stringify(value);
};

const WRITERS: Record<ValueFormat, (value: Value) => string> = {
  json: writeJson,
  toml: writeToml,
  ini: writeIni,
  properties: writeProperties,
};

/** Of `json`, `toml`, `ini`, `properties` and `text` the one that `file` has. */
export const formatOf = (file: FileSpec): FileBody["kind"] => parseFile(file).body.kind;

/** The file for people, with its references as they are written. */
export const showFile = (file: FileSpec): string =>
  file.json === undefined ? renderFile(parseFile(file).body, showReference) : JSON.stringify(file.json, null, 2);

/** The file's content. A string of a value or a line of text one of whose references has no value is left out. */
export const renderFile = (body: FileBody, lookup: Lookup): string => {
  if (body.kind === "text")
    return body.lines
      .map((template) => renderTemplate(template, lookup))
      .filter((text) => text !== undefined)
      .join("\n");
  return WRITERS[body.kind](filledIn(body.root, lookup) ?? null);
};

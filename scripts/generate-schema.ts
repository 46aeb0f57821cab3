/** What is generated from the configuration's schema: the JSON Schema for editors, and the tables of the reference. */
import { z } from "zod";
import { presetNames } from "../src/configuration/compile.ts";
import { BODIES } from "../src/configuration/file-schema.ts";
import * as names from "../src/configuration/names.ts";
import { configurationSchema } from "../src/configuration/schema.ts";
import { code, codes, table } from "./markdown.ts";

type Schema = z.core.JSONSchema.BaseSchema;

const member = (schema: Schema | undefined, ...path: readonly string[]): Schema | undefined => {
  let at = schema;
  for (const step of path) {
    const next: unknown = step === "*" ? (at?.additionalProperties ?? at?.items) : at?.properties?.[step];
    at = typeof next === "object" && next !== null ? (next as Schema) : undefined;
  }
  return at;
};

/** The JSON Schema of a configuration file. */
export const configurationJsonSchema = (): Schema => {
  const schema = z.toJSONSchema(configurationSchema(presetNames), { io: "input" });
  const file = member(schema, "providers", "*", "files", "*");
  // A refinement, which has no JSON Schema of its own.
  if (file !== undefined) file.oneOf = BODIES.map((body) => ({ required: [body] }));
  const { $schema, ...rest } = schema;
  return {
    ...($schema !== undefined && { $schema }),
    $id: "https://podpass.dev/schema/v1alpha1/configuration.schema.json",
    title: "Podpass configuration",
    description: "What the platform team writes: the providers, and what the platform allows.",
    ...rest,
  };
};

const isNameRule = (value: unknown): value is names.NameRule =>
  typeof value === "object" && value !== null && "pattern" in value && "allowed" in value;

const WORDS: ReadonlyMap<string, string> = new Map(
  Object.values<unknown>(names)
    .filter(isNameRule)
    .map((rule) => [rule.pattern.source, rule.allowed]),
);

const range = (schema: Schema): string => {
  const from = schema.minimum ?? schema.minLength;
  const to = schema.maximum ?? schema.maxLength;
  if (to === undefined) return "";
  return from === undefined ? `at most ${to}` : `${from} to ${to}`;
};

const allowedText = (schema: Schema): string => {
  if (schema.pattern !== undefined) return WORDS.get(schema.pattern) ?? code(schema.pattern);
  const size = range(schema);
  return size === "" ? "text" : `text, ${size} characters`;
};

/** In words, what may be written for `schema`. */
const allowed = (schema: Schema | undefined): string => {
  if (schema === undefined) return "";
  if (schema.const !== undefined) return code(String(schema.const));
  // The list of presets is long and stands on its own page.
  if (schema.enum !== undefined)
    return schema.enum.length > 6 ? "a [preset](presets.md)" : codes(schema.enum.map(String));
  if (schema.$ref !== undefined) return "any JSON value";
  if (schema.anyOf !== undefined) return schema.anyOf.map((one) => allowed(one as Schema)).join(" or ");
  switch (schema.type) {
    case "string":
      return allowedText(schema);
    case "integer":
      return `whole number, ${range(schema)}`;
    case "boolean":
      return "`true` or `false`";
    case "array":
      return `list of: ${allowed(member(schema, "*"))}`;
    case "null":
      return "`null`";
    default:
      return member(schema, "*") === undefined || schema.properties !== undefined ? "mapping" : "mapping of names";
  }
};

type Row = readonly [field: string, allowed: string, meaning: string];

const rows = (schema: Schema, prefix: string, keyName: string): readonly Row[] =>
  Object.entries(schema.properties ?? {}).flatMap(([name, value]) => {
    const field = value as Schema;
    const path = `${prefix}${name}`;
    const isRequired = schema.required?.includes(name) ?? false;
    const row: Row = [code(path), allowed(field), `${isRequired ? "Required. " : ""}${field.description ?? ""}`];
    const item = member(field, "*");
    // Data of presets; its own page says what each means.
    if (name === "native") return [row];
    const below =
      item?.properties === undefined
        ? rows(field, `${path}.`, keyName)
        : rows(item, field.type === "array" ? `${path}[].` : `${path}.<${keyName}>.`, keyName);
    return [row, ...below];
  });

const HEAD = ["Field", "Allowed", "Meaning"];

/** The tables of docs/configuration.md, by the name of their markers. */
export const configurationTables = (): ReadonlyMap<string, string> => {
  const schema = configurationJsonSchema();
  const top = Object.entries(schema.properties ?? {}).map(([name, value]): Row => {
    const isRequired = schema.required?.includes(name) ?? false;
    const field = value as Schema;
    return [code(name), allowed(field), `${isRequired ? "Required. " : ""}${field.description ?? ""}`];
  });
  return new Map([
    ["top", table(HEAD, top)],
    ["provider", table(HEAD, rows(member(schema, "providers", "*") ?? {}, "", "parameter"))],
    ["defaults", table(HEAD, rows(member(schema, "defaults", "*") ?? {}, "defaults[].", "parameter"))],
    ["policy", table(HEAD, rows(member(schema, "policy") ?? {}, "policy.", "name"))],
  ]);
};

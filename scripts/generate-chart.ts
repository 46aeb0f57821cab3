/** What is generated of the Helm chart: the JSON Schema of its values, and the table of them in its README. */
import { z } from "zod";
import type { ChartValue } from "./chart-values.ts";
import { chartValuesSchema } from "./chart-values-schema.ts";
import { configurationJsonSchema } from "./generate-schema.ts";
import { code, table } from "./markdown.ts";

type Schema = z.core.JSONSchema.BaseSchema;

/**
 * A pattern as Helm, which is written in Go, can read it: RE2 has no lookahead, so the bound on the length and the
 * exception that stand at the beginning become keywords of their own.
 */
const re2Pattern = (pattern: string): Schema => {
  const bound = /^\^\(\?=\.\{1,(\d+)\}\$\)(.*)$/.exec(pattern);
  if (bound !== null) return { pattern: `^${bound[2]}`, maxLength: Number(bound[1]) };
  const exception = /^\^\(\?!(.*\(\\\/\|\$\))\)(.*)$/.exec(pattern);
  if (exception !== null) return { pattern: `^${exception[2]}`, not: { pattern: `^${exception[1]}` } };
  if (/\(\?[=!<]/.test(pattern)) throw new Error(`no form for Helm of the pattern ${pattern}`);
  return { pattern };
};

/** `value` in JSON Schema's draft 7, the newest one that every Helm reads. */
const forHelm = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(forHelm);
  if (typeof value === "string") return value.replace("#/$defs/", "#/definitions/");
  if (typeof value !== "object" || value === null) return value;
  const { pattern, ...rest } = value as Schema;
  const members = Object.entries(rest).map(([name, member]) => [name, forHelm(member)]);
  // Below `properties` a pattern is a value's schema.
  const own =
    typeof pattern === "string" ? re2Pattern(pattern) : pattern === undefined ? {} : { pattern: forHelm(pattern) };
  return { ...Object.fromEntries(members), ...own };
};

const configurationPart = (): { readonly schema: Schema; readonly definitions: unknown } => {
  const { $schema, $id, $defs, required, title, ...schema } = configurationJsonSchema();
  return { schema: forHelm(schema) as Schema, definitions: forHelm($defs ?? {}) };
};

/** Puts a description at each value's place. Throws where the values and their schema do not name the same ones. */
const describe = (schema: Schema, values: readonly ChartValue[]): void => {
  for (const { path, description } of values) {
    let at: Schema | undefined = schema;
    for (const step of path) at = at?.properties?.[step] as Schema | undefined;
    if (at === undefined) throw new Error(`chart-values-schema.ts has no ${path.join(".")}`);
    at.description = description;
  }
  const known = new Set(values.map(({ path }) => path[0]));
  const unknown = Object.keys(schema.properties ?? {}).filter((name) => !known.has(name));
  if (unknown.length > 0) throw new Error(`values.yaml has no ${unknown.join(", ")}`);
};

/** values.schema.json of the chart. */
export const chartValuesJsonSchema = (values: readonly ChartValue[]): Schema => {
  const { schema: configuration, definitions } = configurationPart();
  const schema = z.toJSONSchema(chartValuesSchema(), { io: "input", target: "draft-7" });
  schema.properties = { configuration, ...schema.properties };
  describe(schema, values);
  const { $schema, ...rest } = forHelm(schema) as Schema;
  const parents = {
    global: { type: "object", description: "Helm's own: values that all charts share." },
    enabled: { type: "boolean", description: "Read by a parent chart only, as its condition." },
  };
  return {
    $schema: "http://json-schema.org/draft-07/schema#",
    title: "Values of the chart podpass",
    ...rest,
    properties: { ...rest.properties, ...parents } as NonNullable<Schema["properties"]>,
    definitions: definitions as NonNullable<Schema["definitions"]>,
  };
};

/** The table of the chart's values. */
export const chartValuesTable = (values: readonly ChartValue[]): string =>
  table(
    ["Value", "Default", "Meaning"],
    values.map(({ path, initial, description }) => [
      code(path.join(".")),
      code(JSON.stringify(initial)),
      description.replaceAll("|", "\\|"),
    ]),
  );

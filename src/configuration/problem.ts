/** Problems of a configuration: what, where, what was found, what is allowed. */
import * as z from "zod";
import { didYouMean } from "../reasons/nearest.ts";
import { quote } from "../reasons/text.ts";

/** A place in a configuration, from the top. */
export type Path = readonly (string | number)[];

/** One problem: its place, and a sentence with what was found and what is allowed. */
export interface ConfigurationProblem {
  readonly path: Path;
  readonly message: string;
  /** The last step of the path is what is wrong, not what is written under it. */
  readonly isAboutKey?: boolean;
}

/** What was adjusted, or is without effect, in a configuration that can be used. */
export interface Notice {
  readonly path: Path;
  /** A sentence, with the place in it. */
  readonly text: string;
  /** It is well as it is, and good to know. */
  readonly isMeant?: true;
}

/** A path as people write it: `providers.aws.files[0].name`; names that are not plain are quoted. */
export const showPath = (path: Path): string => {
  if (path.length === 0) return "(the whole file)";
  let text = "";
  for (const step of path) {
    if (typeof step === "number") text += `[${step}]`;
    else if (/^[A-Za-z0-9_-]+$/.test(step)) text += text === "" ? step : `.${step}`;
    else text += `[${quote(step, 60)}]`;
  }
  return text;
};

/** So many names are told: a configuration can have thousands. */
const MAX_NAMES = 100;

/** The names in a set or a map, for a message that says what is allowed; empty where there are none. */
export const allowedNames = (names: Pick<ReadonlyMap<string, unknown>, "size" | "keys">): string => {
  const shown: string[] = [];
  for (const name of names.keys()) {
    if (shown.length === MAX_NAMES) return `${shown.join(", ")} and ${names.size - MAX_NAMES} more`;
    shown.push(name);
  }
  return shown.join(", ");
};

/** What there is to say of a parameter's name that is none of `parameters`. */
export const noParameter = (name: string, parameters: Pick<ReadonlyMap<string, unknown>, "size" | "keys">): string =>
  `there is no parameter ${quote(name)};${didYouMean(name, parameters.keys())} allowed: ${allowedNames(parameters) || "none, since none is defined"}`;

/** What lies at `path` of `value`; undefined where nothing does. */
export const valueAt = (value: unknown, path: Path): unknown => {
  let at: unknown = value;
  for (const step of path) {
    if (typeof at !== "object" || at === null || !Object.hasOwn(at, step)) return undefined;
    at = Reflect.get(at, step);
  }
  return at;
};

const found = (value: unknown): string => {
  if (value === undefined) return "nothing is written there";
  if (typeof value === "string") return `found ${quote(value, 60)}`;
  if (Array.isArray(value)) return "found a list";
  if (typeof value === "object" && value !== null) return "found a mapping";
  return `found ${String(value)}`;
};

type JsonSchema = z.core.JSONSchema.BaseSchema;

/** Of a union the branch that is for mappings. */
const ofMappings = (schema: JsonSchema): JsonSchema =>
  (schema.anyOf as JsonSchema[] | undefined)?.find(({ type }) => type === "object") ?? schema;

const allowedKeys = (schema: JsonSchema, path: Path): readonly string[] => {
  let at: JsonSchema | undefined = schema;
  for (const step of path) {
    const next: unknown =
      typeof step === "number"
        ? at?.items
        : at?.properties !== undefined && Object.hasOwn(at.properties, step)
          ? at.properties[step]
          : at?.additionalProperties;
    at = typeof next === "object" && next !== null ? ofMappings(next as JsonSchema) : undefined;
  }
  return Object.keys(at?.properties ?? {});
};

const EXPECTED: ReadonlyMap<string, string> = new Map([
  ["string", "a string (in quotes, if YAML reads it as something else)"],
  ["array", "a list"],
  ["object", "a mapping"],
  ["record", "a mapping of names"],
  ["boolean", "true or false"],
  ["int", "a whole number"],
  ["number", "a number"],
]);

const orList = (values: readonly unknown[]): string => values.map((value) => quote(String(value), 60)).join(" or ");

const describe = (issue: z.core.$ZodIssue, value: unknown): string => {
  if (issue.message.startsWith("allowed:")) return `${found(value)}; ${issue.message}`;
  switch (issue.code) {
    case "invalid_value": {
      const meant = typeof value === "string" ? didYouMean(value, issue.values.map(String)) : "";
      return `${found(value)};${meant} allowed: ${orList(issue.values)}`;
    }
    case "invalid_type":
      return `${found(value)}; allowed: ${EXPECTED.get(issue.expected) ?? issue.expected}`;
    case "too_big":
      return `${found(value)}; allowed: at most ${issue.maximum}${issue.origin === "string" ? " characters" : ""}`;
    case "too_small":
      return `${found(value)}; allowed: at least ${issue.minimum}${issue.origin === "string" ? " character" : ""}`;
    case "invalid_key":
      return `not a valid name; ${issue.issues[0]?.message ?? ""}`;
    case "invalid_union":
      return `${found(value)}; allowed: a JSON value`;
    default:
      break;
  }
  return `${found(value)}; ${issue.message}`;
};

// Making one takes milliseconds, and a configuration can have a bad provider on every line.
const jsonSchemas = new WeakMap<z.ZodType, JsonSchema>();

const jsonSchemaOf = (schema: z.ZodType): JsonSchema => {
  const known = jsonSchemas.get(schema);
  if (known !== undefined) return known;
  const made = z.toJSONSchema(schema, { io: "input" });
  jsonSchemas.set(schema, made);
  return made;
};

/** Of a union, what is wrong with a mapping by the one branch that is for mappings; undefined where that is not clear. */
const meantBranch = (
  errors: readonly (readonly z.core.$ZodIssue[])[],
  value: unknown,
): readonly z.core.$ZodIssue[] | undefined => {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
  const inside = errors.filter((issues) =>
    issues.every(({ code, path }) => code !== "invalid_type" || path.length > 0),
  );
  return inside.length === 1 ? inside[0] : undefined;
};

/** The problems behind a schema's issues about `data`, each unknown key as one of its own. */
export const problemsOf = (
  schema: z.ZodType,
  issues: readonly z.core.$ZodIssue[],
  data: unknown,
): readonly ConfigurationProblem[] => {
  const jsonSchema = jsonSchemaOf(schema);
  return issues.flatMap((issue): ConfigurationProblem[] => {
    const path = issue.path.filter((step) => typeof step !== "symbol");
    const inner = issue.code === "invalid_union" ? meantBranch(issue.errors, valueAt(data, path)) : undefined;
    if (inner !== undefined) {
      const nested = inner.map((one) => ({ ...one, path: [...issue.path, ...one.path] }));
      return [...problemsOf(schema, nested, data)];
    }
    if (issue.code !== "unrecognized_keys")
      return [{ path, message: describe(issue, valueAt(data, path)), isAboutKey: issue.code === "invalid_key" }];
    const allowed = allowedKeys(jsonSchema, path);
    return issue.keys.map((key) => ({
      path: [...path, key],
      message: `unknown key;${didYouMean(key, allowed)} allowed: ${allowed.join(", ")}`,
      isAboutKey: true,
    }));
  });
};

/**
 * The rest of a configuration that does not have the schema's shape: what is left of it without the bad parts is checked
 * as well, so that all problems are told at once.
 */
import type * as z from "zod";
import { compileConfiguration } from "./compile.ts";
import { type ConfigurationProblem, type Path, problemsOf, valueAt } from "./problem.ts";
import type { ConfigurationFile, ConfigurationSchema } from "./schema.ts";

type Issue = z.core.$ZodIssue;

const isMapping = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Up to the first list: without one of its items it would say something else. */
const upToList = (path: Path): Path => {
  const index = path.findIndex((step) => typeof step === "number");
  return index === -1 ? path : path.slice(0, index);
};

/** What has to go because of an issue. */
const badPaths = (issue: Issue): readonly Path[] => {
  const path = issue.path.filter((step) => typeof step !== "symbol");
  const paths = issue.code === "unrecognized_keys" ? issue.keys.map((key) => [...path, key]) : [path];
  return paths.map(upToList);
};

/** A copy of `value` without what lies at `paths`. */
const without = (value: unknown, paths: readonly Path[]): unknown => {
  const copy: unknown = structuredClone(value);
  for (const path of paths) {
    const parent = valueAt(copy, path.slice(0, -1));
    const last = path.at(-1);
    if (last !== undefined && isMapping(parent)) Reflect.deleteProperty(parent, last);
  }
  return copy;
};

/** By provider, the fields that have lost something themselves; with the preset or an unknown key gone, that is any. */
const lostFields = (bad: readonly Path[], all: readonly string[]): ReadonlyMap<string, ReadonlySet<string>> => {
  const lost = new Map<string, Set<string>>();
  for (const [top, name, field, ...below] of bad) {
    if (top !== "providers" || name === undefined) continue;
    const fields = lost.get(String(name)) ?? new Set();
    lost.set(String(name), fields);
    if (typeof field !== "string" || field === "preset" || !all.includes(field)) for (const one of all) fields.add(one);
    else if (below.length < 2) fields.add(field);
  }
  return lost;
};

/** The problems of `data` beside those that `issues` of `schema` tell. */
export const problemsOfTheRest = (
  schema: ConfigurationSchema,
  issues: readonly Issue[],
  data: unknown,
  ownNamespace: string | undefined,
): readonly ConfigurationProblem[] => {
  const written = isMapping(data) && isMapping(data["providers"]) ? Object.entries(data["providers"]) : [];
  const bad = issues.flatMap(badPaths);
  const good = without(data, bad);
  const { providers, policy } = isMapping(good) ? good : {};
  const oneProvider = schema.shape.providers.unwrap().valueType;

  const ofNames = issues.filter(({ code, path }) => code === "invalid_key" && path.length === 2);
  const badNames = new Set(ofNames.map(({ path }) => path[1]));
  const problems: ConfigurationProblem[] = [];
  for (const [name, value] of written) {
    // Behind a name that is not valid the schema does not look.
    if (!badNames.has(name)) continue;
    const parsed = oneProvider.safeParse(value);
    if (parsed.success) continue;
    for (const found of problemsOf(oneProvider, parsed.error.issues, value))
      problems.push({ ...found, path: ["providers", name, ...found.path] });
  }

  const usable = Object.entries(isMapping(providers) ? providers : {}).flatMap(([name, value]) => {
    const parsed = oneProvider.safeParse(value);
    return parsed.success ? [[name, parsed.data] as const] : [];
  });
  const readPolicy = schema.shape.policy.safeParse(policy);
  const rest: Partial<ConfigurationFile> = {
    providers: Object.fromEntries(usable),
    ...(readPolicy.success && { policy: readPolicy.data }),
  };
  const compiled = compileConfiguration(rest, ownNamespace, {
    names: written.map(([name]) => name),
    lost: lostFields(bad, Object.keys(oneProvider.shape)),
  });
  return compiled.ok ? problems : [...problems, ...compiled.problems];
};

/**
 * Parameter patterns that take for ever on some value. Whoever may annotate a ServiceAccount chooses the value, and a
 * regular expression with a repetition inside a repetition would stop every pod of the cluster with 40 characters.
 */
import { runInNewContext } from "node:vm";
import { findPreset } from "../configuration/compile.ts";
import type { ConfigurationProblem } from "../configuration/problem.ts";
import type { Settings } from "../configuration/settings.ts";

/** As long as a value may be. */
const LENGTH = 1024;
const MAX_CHARACTERS = 24;
const MAX_PAIRS = 8;

/** For all probes of one pattern together; a usual pattern takes a few milliseconds for them. */
const LIMIT_MS = 500;

/** Values that keep a backtracking pattern busy: runs of what it may match, with an end that it does not. */
const probes = (pattern: string): readonly string[] => {
  const characters = [...new Set([..."aA0-./_ ", ...pattern])].slice(0, MAX_CHARACTERS);
  const pairs = characters.slice(0, MAX_PAIRS).flatMap((one) => characters.map((other) => one + other));
  return [...characters, ...pairs].map((unit) => `${unit.repeat(Math.floor((LENGTH - 1) / unit.length))}\u2603`);
};

const isSlow = (pattern: string): boolean => {
  const program =
    'const compiled = new RegExp("^(?:" + pattern + ")$", "u"); for (const text of texts) compiled.test(text);';
  try {
    runInNewContext(program, { pattern, texts: probes(pattern) }, { timeout: LIMIT_MS });
    return false;
  } catch (error) {
    // Not an `instanceof Error`: it comes from the other context.
    if ((error as { code?: unknown }).code === "ERR_SCRIPT_EXECUTION_TIMEOUT") return true;
    throw error;
  }
};

/** A problem for each pattern of the configuration's own that is too slow; those of presets are tested. */
export const slowPatterns = (settings: Settings): readonly ConfigurationProblem[] => {
  const problems: ConfigurationProblem[] = [];
  for (const provider of settings.providers.values()) {
    const ofPreset = new Map(Object.entries(findPreset(provider.preset ?? "")?.parameters ?? {}));
    for (const { name, patternText } of provider.parameters.values()) {
      if (patternText === undefined || patternText === ofPreset.get(name)?.pattern || !isSlow(patternText)) continue;
      problems.push({
        path: ["providers", provider.name, "parameters", name, "pattern"],
        message: "takes too long on some values; allowed: no repetition inside a repetition, such as (a+)+",
      });
    }
  }
  return problems;
};

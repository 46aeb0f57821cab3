/** One parameter of a provider: merged data in, compiled parameter out. */
import type { ParameterSpec } from "../providers/provider-spec.ts";
import { quote } from "../reasons/text.ts";
import { RESERVED_KEYS } from "./annotation-keys.ts";
import { isPlainValue } from "./names.ts";
import type { Findings } from "./provider-findings.ts";
import type { Parameter } from "./settings.ts";
import { valuePattern } from "./value-pattern.ts";

/** Why the platform may not set the parameter to `value`; undefined where it may. */
export const checkPlatformValue = (value: string, { pattern, patternText }: Parameter) => {
  if (!isPlainValue(value)) return "allowed: at most 1024 characters and no control characters";
  return pattern === undefined || pattern.matches(value)
    ? undefined
    : `found ${quote(value, 60)}; allowed: ${patternText}`;
};

/** What a parameter is compiled with. */
interface ParameterContext {
  /** As the preset has it, if it has. */
  readonly ofPreset: ParameterSpec | undefined;
  /** Gets what is wrong. */
  readonly findings: Findings;
}

/** Compiles the parameter `name`, merged from the preset's and the configuration's. */
export const compileParameter = (
  name: string,
  spec: ParameterSpec,
  { ofPreset, findings }: ParameterContext,
): Parameter => {
  const path = ["parameters", name];
  if (RESERVED_KEYS.includes(name))
    findings.problem(path, `this name is an annotation key of its own; allowed: any but ${RESERVED_KEYS.join(", ")}`);
  if (spec.value !== undefined && spec.default !== undefined)
    findings.problem(path, "has both a value and a default; allowed: one of them");
  const parameter: Parameter = {
    name,
    description: spec.description ?? "",
    required: spec.required ?? false,
    pattern: spec.pattern === undefined ? undefined : valuePattern(spec.pattern),
    patternText: spec.pattern,
    platformValue: spec.value ?? spec.default,
    isFixed: spec.value !== undefined,
    settable: spec.scope !== "platform" && spec.value === undefined,
  };
  for (const field of ["value", "default"] as const) {
    const value = spec[field];
    // A preset's own are tested; that they match here would only cost the time of a start.
    if (value === undefined || (value === ofPreset?.[field] && spec.pattern === ofPreset.pattern)) continue;
    const problem = checkPlatformValue(value, parameter);
    if (problem !== undefined) findings.problem([...path, field], problem);
  }
  return parameter;
};

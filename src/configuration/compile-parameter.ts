/** One parameter of a provider: merged data in, compiled parameter out. */
import { INI_ALLOWED, isIniValue } from "../providers/ini.ts";
import type { ParameterSpec } from "../providers/provider-spec.ts";
import { quote } from "../reasons/text.ts";
import { RESERVED_KEYS } from "./annotation-keys.ts";
import { isPlainValue, MAX_VALUE_LENGTH } from "./names.ts";
import type { Findings } from "./provider-findings.ts";
import type { Parameter } from "./settings.ts";
import { MAX_PATTERN_STEPS, patternSteps, valuePattern } from "./value-pattern.ts";

/** Why the platform may not set the parameter to `value`; undefined where it may. */
export const checkPlatformValue = (value: string, { pattern, patternText, maxLength, isInIni }: Parameter) => {
  if (!isPlainValue(value, maxLength))
    return `found ${quote(value, 60)}; allowed: at most ${maxLength} characters and no control characters`;
  if (isInIni && !isIniValue(value)) return `found ${quote(value, 60)}; allowed: ${INI_ALLOWED}`;
  return pattern === undefined || pattern.matches(value)
    ? undefined
    : `found ${quote(value, 60)}; allowed: ${patternText}`;
};

const TOO_LONG_FOR_AUDIENCE = `allowed: at most ${MAX_VALUE_LENGTH} for a parameter that stands in the audience`;

/** Why values that long take longer to match than usual ones may; undefined where they do not. */
const slownessOf = ({ maxLength, patternText }: Parameter): string | undefined => {
  const steps = patternText === undefined ? 0 : patternSteps(patternText);
  const allowed = Math.floor((MAX_PATTERN_STEPS * MAX_VALUE_LENGTH) / maxLength);
  if (steps <= allowed) return undefined;
  return `found ${maxLength}, with a pattern of ${steps} steps; allowed: at most ${allowed} steps for values that long`;
};

/** What a parameter is compiled with. */
interface ParameterContext {
  /** As the preset has it, if it has. */
  readonly ofPreset: ParameterSpec | undefined;
  /** The parameters that go into an INI file. */
  readonly inIni: ReadonlySet<string>;
  /** Those that go into the audience. */
  readonly inAudience: ReadonlySet<string>;
  /** Gets what is wrong. */
  readonly findings: Findings;
}

const parameterOf = (name: string, spec: ParameterSpec, isInIni: boolean): Parameter => ({
  name,
  description: spec.description ?? "",
  required: spec.required ?? false,
  pattern: spec.pattern === undefined ? undefined : valuePattern(spec.pattern),
  patternText: spec.pattern,
  maxLength: spec.maxLength ?? MAX_VALUE_LENGTH,
  isInIni,
  platformValue: spec.value ?? spec.default,
  isFixed: spec.value !== undefined,
  settable: spec.scope !== "platform" && spec.value === undefined,
});

const checkWords = (name: string, spec: ParameterSpec, findings: Findings): void => {
  const path = ["parameters", name];
  if (RESERVED_KEYS.includes(name))
    findings.problem(path, `this name is an annotation key of its own; allowed: any but ${RESERVED_KEYS.join(", ")}`);
  if (spec.value !== undefined && spec.default !== undefined)
    findings.problem(path, "has both a value and a default; allowed: one of them");
};

const checkLength = (parameter: Parameter, { inAudience, findings }: ParameterContext, isTested: boolean): void => {
  if (parameter.maxLength <= MAX_VALUE_LENGTH) return;
  const ofPattern = isTested ? undefined : slownessOf(parameter);
  const problem = inAudience.has(parameter.name) ? TOO_LONG_FOR_AUDIENCE : ofPattern;
  if (problem !== undefined) findings.problem(["parameters", parameter.name, "maxLength"], problem);
};

/** Compiles the parameter `name`, merged from the preset's and the configuration's. */
export const compileParameter = (name: string, spec: ParameterSpec, context: ParameterContext): Parameter => {
  const { ofPreset, inIni, findings } = context;
  checkWords(name, spec, findings);
  const parameter = parameterOf(name, spec, inIni.has(name));
  // What a preset has is tested; that it fits here would only cost the time of a start.
  const isTested = spec.pattern === ofPreset?.pattern && spec.maxLength === ofPreset?.maxLength;
  checkLength(parameter, context, isTested);
  for (const field of ["value", "default"] as const) {
    const value = spec[field];
    if (value === undefined || (value === ofPreset?.[field] && isTested && !parameter.isInIni)) continue;
    const problem = checkPlatformValue(value, parameter);
    if (problem !== undefined) findings.problem(["parameters", name, field], problem);
  }
  return parameter;
};

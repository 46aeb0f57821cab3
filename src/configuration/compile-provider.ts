/** One provider: merged data in, compiled provider out, with every problem that the schema cannot see. */
import type { Preset, ProviderSpec, When } from "../providers/provider-spec.ts";
import { parseTemplate, references, type Template } from "../providers/template.ts";
import { nearest } from "../reasons/nearest.ts";
import { quote } from "../reasons/text.ts";
import { compileEnv, compileOthers } from "./compile-env.ts";
import { compileFiles, parametersInIni } from "./compile-files.ts";
import { compileNative } from "./compile-native.ts";
import { checkPlatformValue, compileParameter } from "./compile-parameter.ts";
import { clamp } from "./lifetime.ts";
import { type MergedProvider, mergeProvider } from "./merge.ts";
import { mountPathsOf } from "./mount-paths.ts";
import { isPlainValue } from "./names.ts";
import type { ConfigurationProblem, Notice, Path } from "./problem.ts";
import { Findings } from "./provider-findings.ts";
import { KUBERNETES_LIFETIME } from "./schema-parts.ts";
import type { Provider } from "./settings.ts";

const compileLifetime = (merged: MergedProvider, written: ProviderSpec, findings: Findings): Provider["lifetime"] => {
  const lifetime = merged.token.expirationSeconds;
  const min = lifetime?.min ?? KUBERNETES_LIFETIME.min;
  const max = lifetime?.max ?? KUBERNETES_LIFETIME.max;
  const path = ["token", "expirationSeconds"];
  if (min > max) findings.problem(path, `min ${min} is above max ${max}; allowed: min up to max`);
  const explicit = written.token?.expirationSeconds?.default;
  if (explicit !== undefined && min <= max && (explicit < min || explicit > max))
    findings.problem([...path, "default"], `found ${explicit}; allowed: ${min} to ${max}, the provider's own bounds`);
  return { min, max, default: clamp(lifetime?.default ?? 3600, { min, max }) };
};

const compileAudience = (text: string | undefined, findings: Findings): Template => {
  if (text === undefined) {
    findings.lack(
      ["token", "audience"],
      "is required where no preset gives one; allowed: the audience that the service expects",
      "token",
    );
    return [];
  }
  const { template, unknown } = parseTemplate(text);
  findings.check(["token", "audience"], references(template), unknown, "audience");
  if (template.some((part) => typeof part === "string" && !isPlainValue(part)))
    findings.problem(["token", "audience"], "allowed: at most 1024 characters and no control characters");
  return template;
};

/** A condition on a value that the parameter cannot have is never met. Presets' own are tested. */
const checkConditions = (written: ProviderSpec, parameters: Provider["parameters"], findings: Findings): void => {
  const check = (path: Path, when: When | undefined): void => {
    for (const [name, condition] of Object.entries(when ?? {})) {
      const parameter = parameters.get(name);
      if (parameter === undefined || typeof condition !== "string") continue;
      const problem = checkPlatformValue(condition, parameter);
      if (problem !== undefined) findings.problem([...path, "when", name], `no value of ${name} can be so: ${problem}`);
    }
  };
  for (const [name, variable] of Object.entries(written.env ?? {}))
    if (variable !== null && typeof variable === "object") check(["env", name], variable.when);
  for (const [index, { when }] of (written.files ?? []).entries()) check(["files", index], when);
};

/** Looks only at what is written: what a preset brings, and nothing uses any more, cannot be taken out. */
const checkUnused = (preset: Preset | undefined, written: ProviderSpec, findings: Findings): void => {
  const known = Object.keys(preset?.parameters ?? {});
  for (const name of Object.keys(written.parameters ?? {})) {
    if (findings.isUsed(name)) continue;
    const meant = known.includes(name) ? undefined : nearest(name, known);
    if (meant !== undefined)
      findings.lack(
        ["parameters", name],
        `no template uses it; did you mean ${quote(meant)}?`,
        "token",
        "env",
        "files",
      );
    else findings.notice(["parameters", name], `parameters.${name} is without effect: no template uses it`);
  }
};

/** A provider's compilation: the provider is usable only when there are no problems. */
export interface CompiledProvider {
  readonly provider: Provider;
  readonly problems: readonly ConfigurationProblem[];
  readonly notices: readonly Notice[];
  /** Whether it has keys of vendors' webhooks, read or not. */
  readonly hasNative: boolean;
}

/** What a provider is compiled with. */
export interface ProviderContext {
  readonly preset: Preset | undefined;
  /** Its annotations are under `<name>.<annotationPrefix>`. */
  readonly annotationPrefix: string;
  /** Are the keys of vendors' webhooks read that mean it? */
  readonly readsNative: boolean;
  /** Its fields of which a part was not usable and is left out. */
  readonly lostFields: ReadonlySet<string>;
}

/** Compiles the provider `name`. Problems carry paths from the top of the configuration. */
export const compileProvider = (
  name: string,
  written: ProviderSpec,
  { preset, annotationPrefix, readsNative, lostFields }: ProviderContext,
): CompiledProvider => {
  const merged = mergeProvider(preset, written);
  const findings = new Findings(["providers", name], merged, lostFields);
  for (const [variable, template] of Object.entries(written.env ?? {}))
    if (template === null && !Object.hasOwn(preset?.env ?? {}, variable))
      findings.lack(
        ["env", variable],
        "null takes away a variable of the preset, which has none of this name",
        "preset",
      );
  const ofPreset = new Map(Object.entries(preset?.parameters ?? {}));
  const audience = compileAudience(merged.token.audience, findings);
  const inAudience = new Set(references(audience).flatMap((ref) => (ref.kind === "parameter" ? [ref.name] : [])));
  const inIni = parametersInIni(merged);
  const parameters = [...merged.parameters].map(
    ([key, spec]) =>
      [key, compileParameter(key, spec, { ofPreset: ofPreset.get(key), inIni, inAudience, findings })] as const,
  );
  const env = compileEnv(merged, findings);
  const files = compileFiles(written, merged, `${name}.${annotationPrefix}`, findings);
  const native = compileNative(merged, { written, parameters: new Map(parameters), findings });
  const provider: Provider = {
    name,
    preset: preset?.name,
    audience,
    lifetime: compileLifetime(merged, written, findings),
    mountPath: mountPathsOf({ name, ...merged.token }, false)[0],
    fileName: merged.token.fileName ?? "token",
    defaultMode: merged.token.defaultMode,
    parameters: new Map(parameters),
    env,
    envTogether: merged.envTogether,
    files,
    ...compileOthers(merged, written, { env, files, findings }),
    expectsOneOf: merged.expectsOneOf,
    conflictsWith: new Set(merged.conflictsWith),
    allowedNamespaces: merged.allowedNamespaces,
    native: readsNative ? native : [],
    defaults: [],
  };
  checkConditions(written, provider.parameters, findings);
  checkUnused(preset, written, findings);
  const [pathOfFiles] = mountPathsOf(provider, true);
  const mountPath = written.token?.mountPath;
  if (files.some(({ when }) => when.size === 0) && mountPath !== undefined && mountPath !== pathOfFiles)
    findings.notice(
      ["token", "mountPath"],
      `token.mountPath is not used where the provider has files: a file names one path, ${pathOfFiles}`,
    );
  return {
    provider,
    problems: findings.problems,
    hasNative: native.length > 0,
    notices: findings.notices,
  };
};

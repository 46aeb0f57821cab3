/** One provider: merged data in, compiled provider out, with every problem that the schema cannot see. */
import { type ParsedFile, parseFile } from "../providers/file-template.ts";
import type { FileSpec, Preset, ProviderSpec } from "../providers/provider-spec.ts";
import { parseTemplate, references, type Template } from "../providers/template.ts";
import { nearest } from "../reasons/nearest.ts";
import { quote } from "../reasons/text.ts";
import { RESERVED_KEYS } from "./annotation-keys.ts";
import { compileNative } from "./compile-native.ts";
import { compileParameter } from "./compile-parameter.ts";
import { clamp } from "./lifetime.ts";
import { type MergedProvider, mergeProvider } from "./merge.ts";
import { mountPathsOf } from "./mount-paths.ts";
import { isPlainValue } from "./names.ts";
import type { ConfigurationProblem } from "./problem.ts";
import { Findings } from "./provider-findings.ts";
import { KUBERNETES_LIFETIME } from "./schema-parts.ts";
import type { EnvTemplate, FileTemplate, Provider } from "./settings.ts";

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

const compileEnv = (merged: MergedProvider, findings: Findings): readonly EnvTemplate[] =>
  [...merged.env].map(([name, text]) => {
    const { template, unknown } = parseTemplate(text);
    const found = references(template);
    findings.check(["env", name], found, unknown, "env");
    const holdsPath = found.some((ref) => ref.kind === "file" || (ref.kind === "token" && ref.field === "file"));
    const namesIdentity = found.some((ref) => ref.kind === "parameter" && merged.parameters.get(ref.name)?.required);
    return { name, template, holdsPath, namesIdentity };
  });

const compileFile = (file: FileSpec, index: number, domain: string, merged: MergedProvider, findings: Findings) => {
  const path = ["files", index];
  const parsed: ParsedFile = parseFile(file);
  findings.check(path, parsed.references, parsed.unknown, "file");
  if (file.name === (merged.token.fileName ?? "token"))
    findings.problem(path, `the token's file is called ${quote(file.name)} too; allowed: another name`);
  if (RESERVED_KEYS.includes(file.name))
    findings.problem(path, `this name is an annotation key of its own; allowed: any but ${RESERVED_KEYS.join(", ")}`);
  if (merged.parameters.has(file.name))
    findings.problem(["parameters", file.name], "a file has this name; allowed: another name");
  const when = new Map(Object.entries(file.when ?? {}));
  for (const parameter of when.keys()) {
    findings.use(parameter);
    if (!merged.parameters.has(parameter))
      findings.lack([...path, "when"], `there is no parameter ${quote(parameter)}`, "parameters");
  }
  const namesToken = parsed.references.some((ref) => ref.kind === "token" && ref.field === "file");
  return { name: file.name, body: parsed.body, namesToken, when, annotation: `${domain}/${file.name}` };
};

const compileFiles = (
  written: ProviderSpec,
  merged: MergedProvider,
  domain: string,
  findings: Findings,
): readonly FileTemplate[] => {
  const places = new Map<string, number>();
  (written.files ?? []).forEach(({ name }, index) => {
    if (places.has(name))
      findings.problem(["files", index], `a file ${quote(name)} is there already; allowed: one file of a name`);
    else places.set(name, index);
  });
  return [...merged.files.values()].map((file) =>
    compileFile(file, places.get(file.name) ?? 0, domain, merged, findings),
  );
};

/** The variables of others that matter; what the provider sets itself is none of them. */
const compileOthers = (
  merged: MergedProvider,
  written: ProviderSpec,
  findings: Findings,
): Pick<Provider, "shadowedBy" | "shadowedEvenEmpty" | "displaces"> => {
  for (const name of written.shadowedEvenEmpty ?? [])
    if (!merged.shadowedBy.includes(name))
      findings.notices.push(`shadowedEvenEmpty: ${quote(name)} is without effect: shadowedBy does not have it`);
  const shadowedBy = merged.shadowedBy.filter((name) => !merged.env.has(name));
  return {
    shadowedBy,
    shadowedEvenEmpty: new Set(merged.shadowedEvenEmpty.filter((name) => shadowedBy.includes(name))),
    displaces: merged.displaces.filter((name) => !merged.env.has(name)),
  };
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
    else findings.notices.push(`parameters.${name} is without effect: no template uses it`);
  }
};

/** A provider's compilation: the provider is usable only when there are no problems. */
export interface CompiledProvider {
  readonly provider: Provider;
  readonly problems: readonly ConfigurationProblem[];
  readonly notices: readonly string[];
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
  const parameters = [...merged.parameters].map(
    ([key, spec]) => [key, compileParameter(key, spec, { ofPreset: ofPreset.get(key), findings })] as const,
  );
  const files = compileFiles(written, merged, `${name}.${annotationPrefix}`, findings);
  const native = compileNative(merged, { written, parameters: new Map(parameters), findings });
  const provider: Provider = {
    name,
    preset: preset?.name,
    audience: compileAudience(merged.token.audience, findings),
    lifetime: compileLifetime(merged, written, findings),
    mountPath: mountPathsOf({ name, ...merged.token }, false)[0],
    fileName: merged.token.fileName ?? "token",
    defaultMode: merged.token.defaultMode,
    parameters: new Map(parameters),
    env: compileEnv(merged, findings),
    envTogether: merged.envTogether,
    files,
    ...compileOthers(merged, written, findings),
    expectsOneOf: merged.expectsOneOf,
    conflictsWith: new Set(merged.conflictsWith),
    allowedNamespaces: merged.allowedNamespaces,
    native: readsNative ? native : [],
    defaults: [],
  };
  checkUnused(preset, written, findings);
  const [pathOfFiles] = mountPathsOf(provider, true);
  const mountPath = written.token?.mountPath;
  if (files.length > 0 && mountPath !== undefined && mountPath !== pathOfFiles)
    findings.notices.push(
      `token.mountPath is not used where the provider has files: a file names one path, ${pathOfFiles}`,
    );
  return {
    provider,
    problems: findings.problems,
    notices: findings.notices.map((notice) => `providers.${name}: ${notice}`),
  };
};

/** A provider's specification over its preset's: the second wins field by field, parameter by parameter. */
import type { NativeSpec } from "../providers/native-spec.ts";
import type {
  ConditionalEnv,
  FileSpec,
  ParameterSpec,
  Preset,
  ProviderSpec,
  TokenSpec,
} from "../providers/provider-spec.ts";

/** A provider's parts with every list a Map, as merged from a preset and an entry of the configuration. */
export interface MergedProvider {
  readonly token: TokenSpec;
  readonly parameters: ReadonlyMap<string, ParameterSpec>;
  readonly env: ReadonlyMap<string, ConditionalEnv>;
  readonly files: ReadonlyMap<string, FileSpec>;
  readonly envTogether: readonly (readonly string[])[];
  readonly shadowedBy: readonly string[];
  readonly shadowedEvenEmpty: readonly string[];
  readonly displaces: readonly string[];
  readonly chosenBy: readonly string[];
  readonly expectsOneOf: readonly (readonly string[])[];
  readonly conflictsWith: readonly string[];
  readonly allowedNamespaces: readonly string[] | undefined;
  readonly native: readonly NativeSpec[];
}

const defined = <T extends object>(fields: T | undefined): Partial<T> =>
  Object.fromEntries(Object.entries(fields ?? {}).filter(([, value]) => value !== undefined)) as Partial<T>;

/** A fixed value and a default exclude each other, so that writing one of them replaces the preset's other. */
const mergeParameter = (preset: ParameterSpec | undefined, written: ParameterSpec): ParameterSpec => {
  const base = { ...preset };
  if (written.value !== undefined) delete base.default;
  if (written.default !== undefined) delete base.value;
  return { ...base, ...defined(written) };
};

type ListField =
  | "envTogether"
  | "shadowedBy"
  | "shadowedEvenEmpty"
  | "displaces"
  | "chosenBy"
  | "expectsOneOf"
  | "conflictsWith";

/** A list is not merged: one that is written replaces the preset's. */
const listOf = <Field extends ListField>(
  field: Field,
  preset: Preset | undefined,
  written: ProviderSpec,
): MergedProvider[Field] => (written[field] ?? preset?.[field] ?? []) as MergedProvider[Field];

const mergeEnv = (preset: Preset | undefined, written: ProviderSpec): MergedProvider["env"] => {
  const env = new Map<string, ConditionalEnv>();
  for (const [name, variable] of [...Object.entries(preset?.env ?? {}), ...Object.entries(written.env ?? {})]) {
    if (variable === null) env.delete(name);
    else env.set(name, typeof variable === "string" ? { value: variable, when: {} } : variable);
  }
  return env;
};

/** Merges `written` over `preset`. */
export const mergeProvider = (preset: Preset | undefined, written: ProviderSpec): MergedProvider => {
  const parameters = new Map(Object.entries(preset?.parameters ?? {}) as [string, ParameterSpec][]);
  for (const [name, parameter] of Object.entries(written.parameters ?? {}))
    parameters.set(name, mergeParameter(parameters.get(name), parameter));

  const files = new Map((preset?.files ?? []).map((file) => [file.name, file]));
  for (const file of written.files ?? []) files.set(file.name, file);

  return {
    token: {
      ...preset?.token,
      ...defined(written.token),
      expirationSeconds: { ...preset?.token.expirationSeconds, ...defined(written.token?.expirationSeconds) },
    },
    parameters,
    env: mergeEnv(preset, written),
    files,
    envTogether: listOf("envTogether", preset, written),
    shadowedBy: listOf("shadowedBy", preset, written),
    shadowedEvenEmpty: listOf("shadowedEvenEmpty", preset, written),
    displaces: listOf("displaces", preset, written),
    chosenBy: listOf("chosenBy", preset, written),
    expectsOneOf: listOf("expectsOneOf", preset, written),
    conflictsWith: listOf("conflictsWith", preset, written),
    allowedNamespaces: written.allowedNamespaces ?? preset?.allowedNamespaces,
    native: written.native ?? preset?.native ?? [],
  };
};

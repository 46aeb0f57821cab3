/** A container's environment and command line, made as kubelet makes them. */
import { fieldValue } from "./fields.ts";
import type { Container, EnvFrom, EnvVar, Pod } from "./pod.ts";

/** Reads the data of a ConfigMap or Secret of the pod's namespace; `undefined` where there is none. */
export type ReadData = (
  kind: "configmaps" | "secrets",
  name: string,
) => Promise<ReadonlyMap<string, string> | undefined>;

/** What an environment is made from, beside the container itself. */
export interface EnvironmentInput {
  readonly pod: Pod;
  readonly readData: ReadData;
  /** The variables that a node adds for services; `$(NAME)` finds them last. */
  readonly serviceEnv: ReadonlyMap<string, string>;
}

/** Replaces `$(NAME)` where the name is known, and `$$` by `$`. */
export const expand = (text: string, lookup: (name: string) => string | undefined): string =>
  text.replace(/\$(?:\$|\(([^)]*)\))/gu, (whole, name?: string) =>
    name === undefined ? "$" : (lookup(name) ?? whole),
  );

const referenced = async (variable: EnvVar, { pod, readData }: EnvironmentInput): Promise<string | undefined> => {
  const { fieldRef, configMapKeyRef, secretKeyRef } = variable.valueFrom ?? {};
  if (fieldRef) return fieldValue(pod, fieldRef.fieldPath);
  const selector = configMapKeyRef ?? secretKeyRef;
  if (!selector) {
    if (variable.valueFrom) throw new Error(`unsupported valueFrom of ${variable.name}`);
    return "";
  }
  const kind = configMapKeyRef ? "configmaps" : "secrets";
  const value = (await readData(kind, selector.name))?.get(selector.key);
  if (value === undefined && !selector.optional) throw new Error(`${kind} "${selector.name}" has no ${selector.key}`);
  return value;
};

const importedVariables = async (source: EnvFrom, readData: ReadData): Promise<(readonly [string, string])[]> => {
  const { prefix = "", configMapRef, secretRef } = source;
  const reference = configMapRef ?? secretRef;
  if (!reference) return [];
  const kind = configMapRef ? "configmaps" : "secrets";
  const data = await readData(kind, reference.name);
  if (!data && !reference.optional) throw new Error(`${kind} "${reference.name}" not found`);
  return [...(data ?? [])].map(([key, value]) => [prefix + key, value] as const);
};

/** The variables of a container: `envFrom` first, then `env` in its order, then those of services. */
export const containerEnvironment = async (
  container: Container,
  input: EnvironmentInput,
): Promise<Map<string, string>> => {
  const variables = new Map<string, string>();
  for (const source of container.envFrom ?? []) {
    for (const [name, value] of await importedVariables(source, input.readData)) variables.set(name, value);
  }
  const lookup = (name: string) => variables.get(name) ?? input.serviceEnv.get(name);
  for (const variable of container.env ?? []) {
    const value = variable.value ? expand(variable.value, lookup) : await referenced(variable, input);
    if (value !== undefined) variables.set(variable.name, value);
  }
  return new Map([...input.serviceEnv, ...variables]);
};

/** The container's own command line; `undefined` where it leaves that to its image. */
export const containerCommand = (
  { command, args }: Container,
  variables: ReadonlyMap<string, string>,
): readonly string[] | undefined =>
  command && [...command, ...(args ?? [])].map((word) => expand(word, (name) => variables.get(name)));

/** The configuration's text, and what `serve` makes of it. */
import type { ConfigurationFacts, ConfigurationSource } from "../../check/facts.ts";
import { mapAt } from "../../check/json.ts";
import type { Read } from "../../check/read.ts";
import { type Deployment, mountedFile, optionOf } from "../../check/workload.ts";
import { readConfiguration } from "../../configuration/read.ts";
import { configurationDigest } from "../configuration-digest.ts";
import { type Asking, inNamespace } from "./questions.ts";

/** A configuration from elsewhere. */
export interface GivenConfiguration {
  readonly text: string;
  /** Where it is from, for people. */
  readonly origin: string;
  readonly source: ConfigurationSource;
}

/** What `serve` does without `--config`. */
const NONE: GivenConfiguration = {
  text: "apiVersion: podpass.dev/v1alpha1\nkind: Configuration\n",
  origin: "no configuration (every preset under its own name)",
  source: { kind: "none" },
};

const factsOf = ({ text, origin, source }: GivenConfiguration, namespace: string): ConfigurationFacts => {
  const read = readConfiguration(text.replace(/^\uFEFF/, ""), { ownNamespace: namespace });
  const about = { origin, source };
  return read.ok
    ? { ...about, settings: read.settings, problems: [], digest: configurationDigest(read.written) }
    : { ...about, settings: undefined, problems: read.problems, digest: undefined };
};

/** Reads `given`, or what the Deployment mounts, or without a Deployment the ConfigMap of the installation's name. */
export const gatherConfiguration = async (
  { ask, installation }: Asking,
  deployment: Read<Deployment>,
  given: GivenConfiguration | undefined,
): Promise<Read<ConfigurationFacts>> => {
  const { namespace, name } = installation;
  if (given !== undefined) return { kind: "read", value: factsOf(given, namespace) };
  if (deployment.kind === "read" && optionOf(deployment.value.args, "config") === undefined)
    return { kind: "read", value: factsOf(NONE, namespace) };
  const mounted = deployment.kind === "read" ? mountedFile(deployment.value, "config") : undefined;
  const file = mounted ?? { kind: "configMap", name, key: "configuration.yaml" };
  if (file.kind !== "configMap")
    return { kind: "failed", message: "it is in a Secret, which is not read; use --config" };
  const read = await ask.object({
    path: `${inNamespace(installation, "/api/v1")}/configmaps/${encodeURIComponent(file.name)}`,
    permission: `get configmaps ${file.name} in ${namespace}`,
  });
  if (read.kind !== "read") return read;
  const text = mapAt(read.value, "data").get(file.key);
  if (text === undefined) return { kind: "absent" };
  const source = { kind: "configMap", name: file.name } as const;
  return { kind: "read", value: factsOf({ text, origin: `ConfigMap ${namespace}/${file.name}`, source }, namespace) };
};

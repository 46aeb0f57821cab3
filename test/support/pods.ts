/** Pods, ServiceAccounts and settings for tests, all of them read in the way that production reads them. */
import { readFileSync } from "node:fs";
import jsonPatch from "fast-json-patch";
import { readConfiguration, showProblems } from "../../src/configuration/read.ts";
import type { Settings } from "../../src/configuration/settings.ts";
import { type Decision, decide } from "../../src/decision/decide.ts";
import type { DecisionInput } from "../../src/decision/judge.ts";
import type { ServiceAccount } from "../../src/federation/service-account.ts";
import { type Container, type Pod, readPod, type Volume } from "../../src/pod/pod.ts";

const REVIEWS = new URL("../data/admission-reviews/", import.meta.url);

/** `value` as a pod; throws where it is none. */
export const asPod = (value: unknown): Pod => {
  const read = readPod(value);
  if ("problem" in read) throw new Error(read.problem);
  return read.pod;
};

/** The pod of a review that a real API server sent, and its namespace. */
export const recorded = (name: string): { readonly pod: Pod; readonly namespace: string } => {
  const { request } = JSON.parse(readFileSync(new URL(`${name}.json`, REVIEWS), "utf8"));
  return { pod: asPod(request.object), namespace: request.namespace };
};

/** A container called `app`. */
export const container = (fields: object = {}): object => ({ name: "app", image: "my-image", ...fields });

/** A pod of `my-api` with one container, or with what `spec` says. */
export const pod = (spec: object = {}, annotations?: Readonly<Record<string, string>>): Pod =>
  asPod({
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name: "my-pod", ...(annotations && { annotations }) },
    spec: { serviceAccountName: "my-api", containers: [container()], ...spec },
  });

/** A pod whose only container has `fields`. */
export const podWith = (fields: object, volumes?: readonly object[]): Pod =>
  pod({ containers: [container(fields)], ...(volumes && { volumes }) });

/** A volume of one projected token. */
export const tokenVolume = (name: string, token: object, more: readonly object[] = []): object => ({
  name,
  projected: { sources: [{ serviceAccountToken: token }, ...more], defaultMode: 420 },
});

/** `production/my-api`, unless told otherwise. */
export const serviceAccount = (
  annotations: Readonly<Record<string, string>>,
  namespace = "production",
  name = "my-api",
): ServiceAccount => ({ namespace, name, annotations: new Map(Object.entries(annotations)) });

const HEADER = "apiVersion: podpass.dev/v1alpha1\nkind: Configuration\n";

/** The text of a configuration file with `body` under its header. */
export const configuration = (body: string): string => HEADER + body;

const cache = new Map<string, Settings>();

/** What was adjusted or is without effect, as sentences. */
export const noticesOf = ({ notices }: Settings): readonly string[] => notices.map(({ text }) => text);

/** The settings of a configuration file of which `body` is everything below the header; throws where it is bad. */
export const settingsOf = (body = ""): Settings => {
  const known = cache.get(body);
  if (known !== undefined) return known;
  const read = readConfiguration(configuration(body), { ownNamespace: "podpass-system" });
  if (!read.ok) throw new Error(showProblems("test.yaml", read.problems));
  cache.set(body, read.settings);
  return read.settings;
};

/** What a decision is made of in a test; everything has a default. */
export interface Given {
  readonly pod?: Pod;
  readonly namespace?: string;
  /** The ServiceAccount's annotations; `null` where there is no such ServiceAccount. */
  readonly account?: Readonly<Record<string, string>> | null;
  /** The configuration below its header. */
  readonly config?: string;
  readonly keysOf?: DecisionInput["keysOf"];
}

/** Decides over what is given. */
export const decideOn = (given: Given): Decision => {
  const namespace = given.namespace ?? "production";
  return decide({
    pod: given.pod ?? pod(),
    namespace,
    serviceAccount: given.account === null ? undefined : serviceAccount(given.account ?? {}, namespace),
    settings: settingsOf(given.config),
    keysOf: given.keysOf,
  });
};

/** `pod` with `patch` applied by a library that knows nothing of Podpass. */
export const applied = (given: Pod, patch: Decision["patch"]): Pod => {
  const { newDocument } = jsonPatch.applyPatch(structuredClone(given), structuredClone([...patch]), true, true);
  return asPod(newDocument);
};

/** The pod that comes out; throws where it is refused. */
export const inject = (given: Given): Pod => {
  const decision = decideOn(given);
  if (decision.outcome === "denied") throw new Error(decision.message);
  return applied(given.pod ?? pod(), decision.patch);
};

/** The container called `name`, wherever it stands; the first without a name. */
export const containerOf = (of: Pod, name?: string): Container => {
  const all = [...(of.spec.initContainers ?? []), ...of.spec.containers];
  const found = name === undefined ? of.spec.containers[0] : all.find((one) => one.name === name);
  if (found === undefined) throw new Error(`there is no container ${name}`);
  return found;
};

/** The container's variables that have a plain value. */
export const envOf = (of: Pod, name?: string): Readonly<Record<string, string | undefined>> =>
  Object.fromEntries((containerOf(of, name).env ?? []).map((variable) => [variable.name, variable.value]));

/** `mountPath` of each of the container's mounts, by the name of its volume. */
export const mountsOf = (of: Pod, name?: string): Readonly<Record<string, string>> =>
  Object.fromEntries((containerOf(of, name).volumeMounts ?? []).map((mount) => [mount.name, mount.mountPath]));

/** The pod's volumes by name. */
export const volumesOf = (of: Pod): Readonly<Record<string, Volume>> =>
  Object.fromEntries((of.spec.volumes ?? []).map((volume) => [volume.name, volume]));

/** A decision's warnings as `reason: text`. */
export const warningsOf = (decision: Decision): readonly string[] =>
  decision.warnings.map((warning) => `${warning.reason}: ${warning.text}`);

/** The reason of each of a decision's warnings. */
export const warningReasons = (decision: Decision): readonly string[] =>
  decision.warnings.map((warning) => warning.reason);

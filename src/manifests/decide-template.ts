/** The decision over one pod or pod template of an object. */
import type { Settings } from "../configuration/settings.ts";
import { type Decision, decide } from "../decision/decide.ts";
import { accountKeys, federatesBare } from "../federation/account-keys.ts";
import type { ServiceAccount } from "../federation/service-account.ts";
import { type Pod, readPod, serviceAccountName } from "../pod/pod.ts";
import { isMapping, toPlain } from "../yaml/values.ts";
import { type Addition, childValue, readPointer } from "./add-value.ts";
import type { Place } from "./document.ts";
import { collectEnvSources } from "./env-sources.ts";
import { member, textMember } from "./kubernetes-yaml.ts";
import { type ManifestObject, namespaceAt, placeAt } from "./objects.ts";
import { isKnative } from "./pod-templates.ts";
import type { ServiceAccounts } from "./service-accounts.ts";

/** A pod or pod template that was decided on. */
export interface DecidedObject {
  readonly object: ManifestObject;
  /** Where the pod or its template is in the object. */
  readonly path: readonly string[];
  /** Where that is written; the object itself where that is enough to find it. */
  readonly place: Place;
  readonly namespace: string;
  readonly decision: Decision;
  /** What its document gets, with paths from the document's top. */
  readonly additions: readonly Addition[];
  /** The ServiceAccount's name, and whether it is among the manifests. */
  readonly serviceAccount: string;
  readonly isKnown: boolean;
}

/** What is to be decided with; of ServiceAccounts no more than to find one. */
export interface TemplateContext {
  readonly settings: Settings;
  readonly serviceAccounts: Pick<ServiceAccounts, "find">;
  /** The namespace of objects that name none. */
  readonly namespace: string;
}

/** What is at `path` of `object`. */
export const templateOf = (object: ManifestObject, path: readonly string[]): unknown =>
  path.reduce<unknown>(childValue, object.value);

/** As Knative, which gives a name to the container that has none. */
const withNames = (template: unknown): unknown => {
  const spec = member(template, "spec");
  const containers = member(spec, "containers");
  if (!isMapping(template) || !isMapping(spec) || !Array.isArray(containers)) return template;
  const named = containers.map((one: unknown) =>
    isMapping(one) && textMember(one, "name") === undefined ? new Map([...one, ["name", "user-container"]]) : one,
  );
  return new Map([...template, ["spec", new Map([...spec, ["containers", named]])]]);
};

/** Where a pod has nothing but texts. */
const TEXTS: readonly (readonly string[])[] = [
  ["metadata", "labels"],
  ["metadata", "annotations"],
  ["spec", "nodeSelector"],
];

/** As Kubernetes, to which null in a mapping of texts is an empty one: charts leave it where nothing was set. */
const withTexts = (value: unknown, [step, ...below]: readonly string[]): unknown => {
  if (!isMapping(value)) return value;
  if (step === undefined) return new Map([...value].map(([key, item]) => [key, item === null ? "" : item]));
  return value.has(step) ? new Map([...value, [step, withTexts(value.get(step), below)]]) : value;
};

/** Reads the pod or pod template at `path` of `object`. */
export const readTemplate = (object: ManifestObject, path: readonly string[]): ReturnType<typeof readPod> => {
  const template = templateOf(object, path);
  return readPod(toPlain(TEXTS.reduce(withTexts, isKnative(object) ? withNames(template) : template)));
};

/**
 * The pod as the API server would see it: under a name that tells whose it is, and with a ServiceAccount. Neither is
 * written anywhere.
 */
const podOf = (object: ManifestObject, path: readonly string[]): Pod | string => {
  const read = readTemplate(object, path);
  if ("problem" in read) return read.problem;
  const { pod } = read;
  const name = serviceAccountName(pod) || "default";
  const metadata = path.length === 0 ? pod.metadata : { ...pod.metadata, generateName: `${object.name ?? ""}-` };
  return { ...pod, ...(metadata && { metadata }), spec: { ...pod.spec, serviceAccountName: name } };
};

const additionsOf = (object: ManifestObject, path: readonly string[], decision: Decision): readonly Addition[] => {
  const base = [...object.path, ...path];
  const additions = decision.patch.map((operation) => ({
    path: [...base, ...readPointer(operation.path)],
    value: operation.value,
  }));
  // The pod that was decided on had metadata of ours.
  const lacksMetadata = path.length > 0 && !isMapping(member(templateOf(object, path), "metadata"));
  const isNeeded = decision.patch.some((operation) => operation.path.startsWith("/metadata"));
  return lacksMetadata && isNeeded ? [{ path: [...base, "metadata"], value: {} }, ...additions] : additions;
};

const NO_ANNOTATIONS: ReadonlyMap<string, string> = new Map();

/** Kubernetes makes the account `default` itself, so that hardly anybody has it in a file; its namespace may federate it. */
const impliedDefault = (namespace: string, name: string, settings: Settings): ServiceAccount | undefined =>
  name === "default" && federatesBare(accountKeys(settings), namespace)
    ? { namespace, name, annotations: NO_ANNOTATIONS }
    : undefined;
/** Decides over the pod or pod template at `path` of `object`, or says why it cannot be read. */
export type DecideTemplate = (
  object: ManifestObject,
  path: readonly string[],
  isBuiltIn: boolean,
) => DecidedObject | { readonly problem: string };

/** What decides over templates among `objects`, as they are or as they would be. */
export const templateDecider = (
  objects: readonly ManifestObject[],
  { settings, serviceAccounts, namespace: otherwise }: TemplateContext,
): DecideTemplate => {
  const keysIn = collectEnvSources(objects, otherwise);
  return (object, path, isBuiltIn) => {
    const pod = podOf(object, path);
    if (typeof pod === "string") return { problem: pod };
    const namespace = namespaceAt(object, path, otherwise);
    const name = serviceAccountName(pod);
    const found = serviceAccounts.find(namespace, name);
    const serviceAccount = found ?? impliedDefault(namespace, name, settings);
    const decision = decide({ pod, namespace, serviceAccount, settings, keysOf: keysIn(namespace) });
    const place = isBuiltIn ? object.place : placeAt(object.document, [...object.path, ...path]);
    const isKnown = serviceAccount !== undefined;
    const additions = additionsOf(object, path, decision);
    return { object, path, place, namespace, decision, additions, serviceAccount: name, isKnown };
  };
};

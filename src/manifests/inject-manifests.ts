/** The engine over manifests: every pod and pod template decided on, with what that adds to its document. */
import type { Settings } from "../configuration/settings.ts";
import { type Decision, decide } from "../decision/decide.ts";
import { type Pod, readPod, serviceAccountName } from "../pod/pod.ts";
import { isMapping, toPlain } from "../yaml/values.ts";
import { type Addition, readPointer } from "./add-value.ts";
import type { ManifestDocument } from "./document.ts";
import { member } from "./kubernetes-yaml.ts";
import { findNotText, showPath } from "./not-text.ts";
import { type ManifestObject, placeAt } from "./objects.ts";
import { podPath } from "./pod-templates.ts";
import type { BadObject, ServiceAccounts } from "./service-accounts.ts";

/** A workload that was decided on. */
export interface DecidedObject {
  readonly object: ManifestObject;
  readonly namespace: string;
  readonly decision: Decision;
  /** The ServiceAccount's name, and whether it is among the manifests. */
  readonly serviceAccount: string;
  readonly isKnown: boolean;
}

/** What became of the manifests. */
export interface InjectedManifests {
  readonly decided: readonly DecidedObject[];
  /** Workloads whose pod cannot be read. */
  readonly bad: readonly BadObject[];
  /** What each changed document gets, with paths from its top. */
  readonly additions: ReadonlyMap<ManifestDocument, readonly Addition[]>;
}

/** What is to be decided with. */
export interface ManifestContext {
  readonly settings: Settings;
  readonly serviceAccounts: ServiceAccounts;
  /** The namespace of objects that name none. */
  readonly namespace: string;
}

const templateOf = (object: ManifestObject, path: readonly string[]): unknown => path.reduce(member, object.value);

/**
 * The pod as the API server would see it: under a name that tells whose it is, and with a ServiceAccount. Neither is
 * written anywhere.
 */
const podOf = (object: ManifestObject, path: readonly string[]): Pod | string => {
  const read = readPod(toPlain(templateOf(object, path)));
  if ("problem" in read) return read.problem;
  const { pod } = read;
  const name = serviceAccountName(pod) || "default";
  const metadata = path.length === 0 ? pod.metadata : { ...pod.metadata, generateName: `${object.name ?? ""}-` };
  return { ...pod, ...(metadata && { metadata }), spec: { ...pod.spec, serviceAccountName: name } };
};

const unreadable = (object: ManifestObject, path: readonly string[], problem: string): readonly BadObject[] => {
  const notText = findNotText(templateOf(object, path));
  if (notText.length === 0) {
    const where = path.length === 0 ? "" : `${path.join(".")}: `;
    return [{ object, place: object.place, message: `${where}${problem}` }];
  }
  return notText.map((found) => ({
    object,
    place: placeAt(object.document, [...object.path, ...path, ...found]),
    message: `${showPath([...path, ...found])} is not a text; put its value in quotes`,
  }));
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

/** Decides over every workload among `objects`. */
export const injectManifests = (objects: readonly ManifestObject[], context: ManifestContext): InjectedManifests => {
  const decided: DecidedObject[] = [];
  const bad: BadObject[] = [];
  const additions = new Map<ManifestDocument, Addition[]>();
  for (const object of objects) {
    const path = podPath(object);
    if (path === undefined) continue;
    const pod = podOf(object, path);
    if (typeof pod === "string") {
      for (const one of unreadable(object, path, pod)) bad.push(one);
      continue;
    }
    const namespace = object.namespace ?? context.namespace;
    const name = serviceAccountName(pod);
    const serviceAccount = context.serviceAccounts.find(namespace, name);
    const decision = decide({ pod, namespace, serviceAccount, settings: context.settings });
    decided.push({ object, namespace, decision, serviceAccount: name, isKnown: serviceAccount !== undefined });
    const added = additionsOf(object, path, decision);
    if (added.length === 0) continue;
    const known = additions.get(object.document) ?? [];
    additions.set(object.document, known);
    for (const one of added) known.push(one);
  }
  return { decided, bad, additions };
};

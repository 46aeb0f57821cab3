/** The engine over manifests: every pod and pod template decided on, with what that adds to its document. */

import type { Settings } from "../configuration/settings.ts";
import { type Decision, decide } from "../decision/decide.ts";
import { accountKeys, federatesBare } from "../federation/account-keys.ts";
import type { ServiceAccount } from "../federation/service-account.ts";
import { type Pod, readPod, serviceAccountName } from "../pod/pod.ts";
import { showField } from "../reasons/text.ts";
import { isMapping, toPlain } from "../yaml/values.ts";
import { type Addition, childValue, readPointer } from "./add-value.ts";
import { type BadObject, badAt, badNames } from "./bad-object.ts";
import type { ManifestDocument, Place } from "./document.ts";
import { collectEnvSources } from "./env-sources.ts";
import { member, textMember } from "./kubernetes-yaml.ts";
import { leftAlone, type Notice } from "./left-alone.ts";
import { misplacedKeys } from "./misplaced-keys.ts";
import { findNotText } from "./not-text.ts";
import { type ManifestObject, placeAt } from "./objects.ts";
import { isKnative, type PodPlaces, podPlaces } from "./pod-templates.ts";
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

/** What became of the manifests. */
export interface InjectedManifests {
  readonly decided: readonly DecidedObject[];
  /** Workloads whose pod cannot be read. */
  readonly bad: readonly BadObject[];
  /** What is left alone, and why that may not be what was meant. */
  readonly notices: readonly Notice[];
  readonly additions: Additions;
}

/** What each changed document gets. */
export type Additions = ReadonlyMap<ManifestDocument, readonly Addition[]>;

/** The additions of all `decided`. */
export const collectAdditions = (decided: readonly DecidedObject[]): Additions => {
  const byDocument = new Map<ManifestDocument, Addition[]>();
  for (const { object, additions } of decided) {
    if (additions.length === 0) continue;
    const known = byDocument.get(object.document) ?? [];
    byDocument.set(object.document, known);
    for (const one of additions) known.push(one);
  }
  return byDocument;
};

/** What is to be decided with. */
export interface ManifestContext {
  readonly settings: Settings;
  readonly serviceAccounts: ServiceAccounts;
  /** The namespace of objects that name none. */
  readonly namespace: string;
}

const templateOf = (object: ManifestObject, path: readonly string[]): unknown =>
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

/**
 * The pod as the API server would see it: under a name that tells whose it is, and with a ServiceAccount. Neither is
 * written anywhere.
 */
const podOf = (object: ManifestObject, path: readonly string[]): Pod | string => {
  const template = templateOf(object, path);
  const read = readPod(toPlain(isKnative(object) ? withNames(template) : template));
  if ("problem" in read) return read.problem;
  const { pod } = read;
  const name = serviceAccountName(pod) || "default";
  const metadata = path.length === 0 ? pod.metadata : { ...pod.metadata, generateName: `${object.name ?? ""}-` };
  return { ...pod, ...(metadata && { metadata }), spec: { ...pod.spec, serviceAccountName: name } };
};

const unreadable = (object: ManifestObject, path: readonly string[], problem: string): readonly BadObject[] => {
  const notText = findNotText(templateOf(object, path));
  if (notText.length === 0) {
    const where = path.length === 0 ? "" : `${showField(path)}: `;
    return [{ object, place: object.place, message: `${where}${problem}` }];
  }
  return notText.map((found) => {
    const at = [...path, ...found];
    return badAt(object, at, `${showField(at)} must be a string; put its value in quotes`);
  });
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

/** Decides over the objects one by one, and collects what becomes of them. */
class Injector {
  readonly decided: DecidedObject[] = [];
  readonly bad: BadObject[] = [];
  readonly notices: Notice[] = [];
  private readonly context: ManifestContext;
  private readonly keysIn: ReturnType<typeof collectEnvSources>;

  constructor(objects: readonly ManifestObject[], context: ManifestContext) {
    this.context = context;
    this.keysIn = collectEnvSources(objects, context.namespace);
  }

  object(object: ManifestObject): void {
    const places = podPlaces(object);
    if (places.templates.length > 0) for (const one of badNames(object)) this.bad.push(one);
    for (const path of places.templates) this.template(object, path, places);
    for (const one of leftAlone(object, places, this.context)) this.notices.push(one);
    for (const one of misplacedKeys(object, places, this.context.settings)) this.notices.push(one);
  }

  private template(object: ManifestObject, path: readonly string[], { isBuiltIn }: PodPlaces): void {
    const pod = podOf(object, path);
    if (typeof pod === "string") this.unread(unreadable(object, path, pod), isBuiltIn);
    else this.pod(pod, object, path, isBuiltIn);
  }

  /** What Kubernetes does not know, may be read by somebody as it is. */
  private unread(problems: readonly BadObject[], isBuiltIn: boolean): void {
    if (isBuiltIn) for (const one of problems) this.bad.push(one);
    else
      for (const { object, place, message } of problems)
        this.notices.push({ object, place, code: "not-injectable", message: `${message}; left alone` });
  }

  private pod(pod: Pod, object: ManifestObject, path: readonly string[], isBuiltIn: boolean): void {
    const { settings, serviceAccounts } = this.context;
    const namespace = object.namespace ?? this.context.namespace;
    const name = serviceAccountName(pod);
    const found = serviceAccounts.find(namespace, name);
    const serviceAccount = found ?? impliedDefault(namespace, name, settings);
    const decision = decide({ pod, namespace, serviceAccount, settings, keysOf: this.keysIn(namespace) });
    const place = isBuiltIn ? object.place : placeAt(object.document, [...object.path, ...path]);
    const isKnown = serviceAccount !== undefined;
    const additions = additionsOf(object, path, decision);
    this.decided.push({ object, path, place, namespace, decision, additions, serviceAccount: name, isKnown });
  }
}

/** Decides over every workload among `objects`. */
export const injectManifests = (objects: readonly ManifestObject[], context: ManifestContext): InjectedManifests => {
  const injector = new Injector(objects, context);
  for (const object of objects) injector.object(object);
  const { decided, bad, notices } = injector;
  return { decided, bad, notices, additions: collectAdditions(decided) };
};

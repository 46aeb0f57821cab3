/** The engine over manifests: every pod and pod template decided on, with what that adds to its document. */

import type { Settings } from "../configuration/settings.ts";
import { showField } from "../reasons/text.ts";
import type { Addition } from "./add-value.ts";
import { type BadObject, badAt, badNames, mustBeString } from "./bad-object.ts";
import { type DecidedObject, type DecideTemplate, templateDecider, templateOf } from "./decide-template.ts";
import type { ManifestDocument } from "./document.ts";
import { leftAlone, type Notice } from "./left-alone.ts";
import { misplacedKeys } from "./misplaced-keys.ts";
import { findNotText } from "./not-text.ts";
import type { ManifestObject } from "./objects.ts";
import { type PodPlaces, podPlaces } from "./pod-templates.ts";
import type { ServiceAccounts } from "./service-accounts.ts";

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

const unreadable = (object: ManifestObject, path: readonly string[], problem: string): readonly BadObject[] => {
  const notText = findNotText(templateOf(object, path));
  if (notText.length === 0) {
    const where = path.length === 0 ? "" : `${showField(path)}: `;
    return [{ object, place: object.place, message: `${where}${problem}` }];
  }
  return notText.map((found) => {
    const at = [...path, ...found];
    return badAt(object, at, mustBeString(showField(at), undefined));
  });
};

/** Decides over the objects one by one, and collects what becomes of them. */
class Injector {
  readonly decided: DecidedObject[] = [];
  readonly bad: BadObject[] = [];
  readonly notices: Notice[] = [];
  private readonly context: ManifestContext;
  private readonly decide: DecideTemplate;

  constructor(objects: readonly ManifestObject[], context: ManifestContext) {
    this.context = context;
    this.decide = templateDecider(objects, context);
  }

  object(object: ManifestObject): void {
    const places = podPlaces(object);
    if (places.templates.length > 0) for (const one of badNames(object)) this.bad.push(one);
    for (const path of places.templates) this.template(object, path, places);
    for (const one of leftAlone(object, places, this.context)) this.notices.push(one);
    for (const one of misplacedKeys(object, places, this.context.settings)) this.notices.push(one);
  }

  private template(object: ManifestObject, path: readonly string[], { isBuiltIn }: PodPlaces): void {
    const decided = this.decide(object, path, isBuiltIn);
    if ("problem" in decided) this.unread(unreadable(object, path, decided.problem), isBuiltIn);
    else this.decided.push(decided);
  }

  /** What Kubernetes does not know, may be read by somebody as it is. */
  private unread(problems: readonly BadObject[], isBuiltIn: boolean): void {
    if (isBuiltIn) for (const one of problems) this.bad.push(one);
    else
      for (const { object, place, message } of problems)
        this.notices.push({ object, place, code: "not-injectable", message: `${message}; left alone` });
  }
}

/** Decides over every workload among `objects`. */
export const injectManifests = (objects: readonly ManifestObject[], context: ManifestContext): InjectedManifests => {
  const injector = new Injector(objects, context);
  for (const object of objects) injector.object(object);
  const { decided, bad, notices } = injector;
  return { decided, bad, notices, additions: collectAdditions(decided) };
};

/** Our keys where they are never read, on other objects or as labels: what they say is said to nobody. */
import { ANNOTATION_KEYS, type AnnotationKey } from "../configuration/annotation-keys.ts";
import type { Settings } from "../configuration/settings.ts";
import { noSuchProvider, type OwnKey, readKey, whyUnread } from "../federation/annotation-keys.ts";
import { isBlank } from "../reasons/characters.ts";
import { MAX_TOLD } from "../reasons/limits.ts";
import { quote, showField } from "../reasons/text.ts";
import type { Notice } from "./left-alone.ts";
import { type ManifestObject, placeAt } from "./objects.ts";
import type { Marks, PodPlaces } from "./pod-templates.ts";

const ON_ACCOUNT = "write it on the ServiceAccount";

const ofScope = (scope: AnnotationKey["scope"]): ReadonlyMap<string, AnnotationKey> =>
  new Map(ANNOTATION_KEYS.filter((key) => key.scope === scope).map((key) => [key.name, key]));

const KEYS = { all: ofScope("all"), provider: ofScope("provider") };

/** Where `key` belongs; a key that both read is meant for the nearest, which is the object's own pod template. */
const belongs = ({ scope, name, onServiceAccount, onPod }: AnnotationKey, template: string | undefined): string => {
  if (onPod === undefined || (scope === "provider" && name === "expiration-seconds")) return ON_ACCOUNT;
  if (template !== undefined) return `write it in ${template}`;
  return onServiceAccount === undefined ? "write it on pods, in the metadata of their template" : ON_ACCOUNT;
};

const whyMisplaced = ({ provider: domain, name }: OwnKey, settings: Settings, template: string | undefined): string => {
  if (domain === undefined) {
    const key = KEYS.all.get(name);
    return key === undefined ? whyUnread(name, KEYS.all.keys()) : belongs(key, template);
  }
  const provider = settings.providers.get(domain);
  if (provider === undefined) return noSuchProvider(domain, settings.providers.keys());
  const key = KEYS.provider.get(name);
  if (key !== undefined) return belongs(key, template);
  const { parameters } = provider;
  return parameters.has(name) ? ON_ACCOUNT : whyUnread(name, [...KEYS.provider.keys(), ...parameters.keys()]);
};

/** The keys under the prefix that are set to something. */
const ownKeys = ({ marks }: Marks, prefix: string): readonly (readonly [string, OwnKey])[] =>
  [...marks].flatMap(([written, value]) => {
    const key = String(written);
    const read = readKey(key, prefix);
    const isUnset = value === null || (typeof value === "string" && isBlank(value));
    return read === undefined || isUnset ? [] : [[key, read] as const];
  });

/** Is it a key that is read as an annotation somewhere? Other labels under the prefix are somebody's own. */
const isKnown = ({ provider: domain, name }: OwnKey, { providers }: Settings): boolean => {
  if (domain === undefined) return KEYS.all.has(name);
  return KEYS.provider.has(name) || providers.get(domain)?.parameters.has(name) === true;
};

/** A notice for each, the first ones told and the others counted. */
export const misplacedKeys = (
  object: ManifestObject,
  { otherAnnotations, labels, templates: [template] }: PodPlaces,
  settings: Settings,
): readonly Notice[] => {
  const { annotationPrefix } = settings;
  const podMetadata = template && showField([...template, "metadata", "annotations"]);
  const notices: Notice[] = [];
  let rest = 0;
  const tell = (marks: Marks, key: string, what: string, why: () => string): void => {
    if (notices.length >= MAX_TOLD) {
      rest++;
      return;
    }
    const place = placeAt(object.document, [...object.path, ...marks.path(), key]);
    const message = `${what} ${quote(key, 100)} is not read here; ${why()}`;
    notices.push({ object, place, code: "misplaced-key", message });
  };
  for (const marks of otherAnnotations)
    for (const [key, read] of ownKeys(marks, annotationPrefix))
      tell(marks, key, "annotation", () => whyMisplaced(read, settings, podMetadata));
  for (const marks of labels)
    for (const [key, read] of ownKeys(marks, annotationPrefix))
      if (isKnown(read, settings)) tell(marks, key, "label", () => "write it as an annotation");
  if (rest > 0)
    notices.push({
      object,
      place: object.place,
      code: "misplaced-key",
      message: `${rest} more keys are not read here`,
    });
  return notices;
};

/** What becomes of objects, as changes of values and documents. */
import { type Addition, childValue } from "../manifests/add-value.ts";
import { changedInPlace, type InPlaceChanges } from "../manifests/edit-in-place.ts";
import type { ManifestObject } from "../manifests/objects.ts";
import { hoisted, type Rename, type ValuePath, withRemovals, withRenames } from "../manifests/remove-value.ts";
import { isMapping } from "../yaml/values.ts";
import type { KeyChanges } from "./key-changes.ts";

/** The annotations of an object, or of a pod template in it. */
export interface KeyPlace {
  /** Where the object or template is, from the top of what is changed. */
  readonly path: ValuePath;
  readonly keys: KeyChanges;
}

/** What becomes of a document or an object, with paths from its top. */
export interface ValueChanges {
  readonly keys: readonly KeyPlace[];
  readonly removals: readonly ValuePath[];
}

const FIELD = ["metadata", "annotations"] as const;

const annotationsAt = (path: ValuePath): ValuePath => [...path, ...FIELD];

/** The annotations that come, with what has to be there for them. */
const additionsOf = ({ path, keys }: KeyPlace, value: unknown): readonly Addition[] => {
  if (keys.set.size === 0) return [];
  const metadata = [...path, FIELD[0]].reduce<unknown>(childValue, value);
  if (!isMapping(metadata)) return [{ path: [...path, FIELD[0]], value: new Map([[FIELD[1], keys.set]]) }];
  const place = annotationsAt(path);
  if (!isMapping(place.reduce<unknown>(childValue, value))) return [{ path: place, value: keys.set }];
  return [...keys.set].map(([key, one]) => ({ path: [...place, key], value: one }));
};

/** `changes` of `value`, one by one. */
export const inPlaceChanges = (value: unknown, { keys, removals }: ValueChanges): InPlaceChanges => {
  const gone = keys.flatMap(({ path, keys: { removed } }) => [...removed].map((key) => [...annotationsAt(path), key]));
  const all = hoisted(value, [...gone, ...removals]);
  const renames: readonly Rename[] = keys.flatMap(({ path, keys: { renamed } }) =>
    [...renamed].map(([key, other]) => ({ path: [...annotationsAt(path), key], key: other })),
  );
  const left = withRenames(withRemovals(value, all), renames);
  return { renames, removals: all, additions: keys.flatMap((place) => additionsOf(place, left)) };
};

/** `object` as it would be with `changes`. */
export const changedObject = (object: ManifestObject, changes: ValueChanges): ManifestObject => {
  const value = changedInPlace(object.value, inPlaceChanges(object.value, changes));
  return isMapping(value) ? { ...object, value } : object;
};

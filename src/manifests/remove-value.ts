/** Removals from values as manifests are read: members of mappings, items of lists. */
import { isMapping } from "../yaml/values.ts";
import { childValue, copyValue } from "./add-value.ts";

/** A place from the document's top. */
export type ValuePath = readonly string[];

/** A mapping's member that gets another key, in its place. */
export interface Rename {
  readonly path: ValuePath;
  readonly key: string;
}

/** `paths` by the collection that they lead into: its own path, and the steps in it. */
export const byParent = (
  paths: readonly ValuePath[],
): ReadonlyMap<string, { readonly parent: ValuePath; readonly steps: ReadonlySet<string> }> => {
  const groups = new Map<string, { readonly parent: ValuePath; readonly steps: Set<string> }>();
  for (const path of paths) {
    const parent = path.slice(0, -1);
    const id = JSON.stringify(parent);
    const group = groups.get(id) ?? { parent, steps: new Set() };
    groups.set(id, group);
    group.steps.add(path.at(-1) ?? "");
  }
  return groups;
};

const sizeOf = (value: unknown): number | undefined => {
  if (Array.isArray(value)) return value.length;
  return isMapping(value) ? value.size : undefined;
};

/** `paths`, where all that a collection holds goes, with the collection itself in their place; never the document. */
export const hoisted = (value: unknown, paths: readonly ValuePath[]): readonly ValuePath[] => {
  let current = paths;
  for (;;) {
    const emptied = [...byParent(current).values()].filter(
      ({ parent, steps }) => parent.length > 0 && sizeOf(parent.reduce<unknown>(childValue, value)) === steps.size,
    );
    if (emptied.length === 0) return current;
    const gone = new Set(emptied.map(({ parent }) => JSON.stringify(parent)));
    current = [
      ...current.filter((path) => !gone.has(JSON.stringify(path.slice(0, -1)))),
      ...emptied.map(({ parent }) => parent),
    ];
  }
};

const removeFrom = (collection: unknown, steps: ReadonlySet<string>): void => {
  if (Array.isArray(collection)) {
    const left = collection.filter((_, index) => !steps.has(String(index)));
    collection.splice(0, collection.length, ...left);
  } else if (collection instanceof Map) {
    for (const key of [...collection.keys()]) if (steps.has(String(key))) collection.delete(key);
  }
};

/** A copy of `root` without what is at `paths`. */
export const withRemovals = (root: unknown, paths: readonly ValuePath[]): unknown => {
  const result = copyValue(root);
  // Found before anything goes, since items behind it move.
  const found = [...byParent(paths).values()].map(
    ({ parent, steps }) => [parent.reduce<unknown>(childValue, result), steps] as const,
  );
  for (const [collection, steps] of found) removeFrom(collection, steps);
  return result;
};

/** A copy of `root` with other keys, each where the one before it was. */
export const withRenames = (root: unknown, renames: readonly Rename[]): unknown => {
  const result = copyValue(root);
  for (const { path, key } of renames) {
    const map = path.slice(0, -1).reduce<unknown>(childValue, result);
    if (!(map instanceof Map)) continue;
    const entries = [...map].map(([old, value]) => [String(old) === path.at(-1) ? key : old, value] as const);
    map.clear();
    for (const [one, value] of entries) map.set(one, value);
  }
  return result;
};

/** A ServiceAccount's annotations under the prefix, by provider. */
import { isBlank } from "../reasons/characters.ts";
import { readKey } from "./annotation-keys.ts";

/** By provider and by what stands after the slash; `undefined` for those of all providers. */
export type OwnAnnotations = ReadonlyMap<string | undefined, ReadonlyMap<string, string>>;

/**
 * Picks those under `prefix` out of `annotations`, without those that are blank, which are not set; undefined where all of
 * them are more than `max`.
 */
export const ownAnnotations = (
  annotations: ReadonlyMap<string, string>,
  prefix: string,
  max: number,
): OwnAnnotations | undefined => {
  const own = new Map<string | undefined, Map<string, string>>();
  let count = 0;
  for (const [key, value] of annotations) {
    const read = readKey(key, prefix);
    if (read === undefined) continue;
    if (++count > max) return undefined;
    // Charts write `key: ""` for what their user left out.
    if (isBlank(value)) continue;
    const group = own.get(read.provider);
    if (group === undefined) own.set(read.provider, new Map([[read.name, value]]));
    else group.set(read.name, value);
  }
  return own;
};

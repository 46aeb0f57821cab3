/** Finding nodes of a document by their keys. */
import { type Alias, isAlias, isMap, isScalar, isSeq, type Node, type Pair, type YAMLMap } from "yaml";

/** A pair as the library reads it from text. */
export type ReadPair = Pair<Node, Node | null>;

/** What each alias of a document stands for. */
export type Targets = ReadonlyMap<Alias, Node>;

// Looked up pair by pair, the keys of a wide mapping would take quadratic time.
const indexes = new WeakMap<YAMLMap, Map<string, ReadPair>>();

const indexOf = (map: YAMLMap): Map<string, ReadPair> => {
  const known = indexes.get(map);
  if (known !== undefined) return known;
  const index = new Map<string, ReadPair>();
  // The key of a merge is a symbol.
  for (const pair of map.items as ReadPair[])
    if (isScalar(pair.key) && typeof pair.key.value !== "symbol") index.set(String(pair.key.value), pair);
  indexes.set(map, index);
  return index;
};

/** The pair of `map` for `key`. After the first question only {@link setPair} may change the mapping. */
export const pairOf = (map: YAMLMap, key: string): ReadPair | undefined => indexOf(map).get(key);

/** Sets the member `key` of `map`: a new one is its last. */
export const setPair = (map: YAMLMap, key: string, pair: ReadPair): void => {
  const known = pairOf(map, key);
  if (known !== undefined) known.value = pair.value;
  else {
    map.items.push(pair);
    indexOf(map).set(key, pair);
  }
};

/** A step of a path: where its key or item is written, and the node it leads to. */
export interface Step {
  readonly at: Node | undefined;
  readonly node: Node | undefined;
}

/** From `node` one `step` down, through aliases. */
export const stepInto = (node: Node | undefined, step: string, targets: Targets): Step => {
  const container = isAlias(node) ? targets.get(node) : node;
  if (isSeq(container)) {
    const item = container.items[Number(step)] as Node | undefined;
    return { at: item, node: item };
  }
  const pair = isMap(container) ? pairOf(container, step) : undefined;
  return { at: pair?.key, node: pair?.value ?? undefined };
};

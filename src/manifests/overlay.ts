/** Additions laid over a document's nodes: which of its own mappings and lists get what, before any text is made. */
import { isCollection, isMap, isSeq, type Node, type YAMLMap, type YAMLSeq } from "yaml";
import { pairOf, type ReadPair } from "../yaml/nodes.ts";
import { type Addition, addChild, childValue, copyValue } from "./add-value.ts";
import { hasComment } from "./comments.ts";
import type { ManifestDocument } from "./document.ts";

/** Thrown where additions cannot be made beside the text that is there. */
export class NotInPlace extends Error {
  override readonly name = "NotInPlace";
}

/** What is set in a mapping of the document. */
export interface SetMember {
  readonly key: string;
  value: unknown;
  /** The pair whose value it replaces; undefined where the key is new. */
  readonly pair: ReadPair | undefined;
}

/** An item of a list of the document: one that is there, one that takes another's place, or a new one. */
export interface ListItem {
  readonly node: Node | undefined;
  /** Where the node is in the list as it was read. */
  readonly index: number;
  /** Undefined: the node as it is. */
  readonly written: { readonly value: unknown } | undefined;
}

/** Where a path has led: to a node with its value, or to a value that is to be written. */
interface Spot {
  readonly node: Node | undefined;
  readonly value: unknown;
}

/** The additions by the collection that gets them. */
export class Overlay {
  readonly members = new Map<YAMLMap, Map<string, SetMember>>();
  readonly lists = new Map<YAMLSeq, ListItem[]>();
  private readonly root: Spot;
  private readonly text: string;

  constructor(root: Node, { value, file }: ManifestDocument) {
    this.root = { node: root, value };
    this.text = file.text;
  }

  /** Lays one addition over what is there after those before it. */
  add({ path, value }: Addition): void {
    const spot = path.slice(0, -1).reduce((at, step) => this.descend(at, step), this.root);
    const last = path.at(-1) ?? "";
    const added = copyValue(value);
    if (isMap(spot.node)) this.set(spot.node, last, added);
    else if (isSeq(spot.node)) {
      const items = this.itemsOf(spot.node);
      items.splice(last === "-" ? items.length : Number(last), 0, {
        node: undefined,
        index: -1,
        written: { value: added },
      });
    } else addChild(spot.value, last, added);
  }

  private set(map: YAMLMap, key: string, value: unknown): void {
    const set = this.members.get(map) ?? new Map<string, SetMember>();
    this.members.set(map, set);
    set.set(key, { key, value, pair: pairOf(map, key) });
  }

  private itemsOf(list: YAMLSeq): ListItem[] {
    const known = this.lists.get(list);
    if (known !== undefined) return known;
    const items = list.items.map((node, index): ListItem => ({ node: node as Node, index, written: undefined }));
    this.lists.set(list, items);
    return items;
  }

  private descend({ node, value }: Spot, step: string): Spot {
    if (isMap(node)) return this.intoMap(node, value, step);
    if (isSeq(node)) return this.intoList(node, value, step);
    return { node: undefined, value: childValue(value, step) };
  }

  private intoMap(map: YAMLMap, value: unknown, step: string): Spot {
    const set = this.members.get(map)?.get(step);
    if (set !== undefined) return { node: undefined, value: set.value };
    const own = pairOf(map, step)?.value;
    if (isCollection(own) && (map.flow === true || !this.isBlank(own)))
      return { node: own, value: childValue(value, step) };
    // An alias, or what a merge key brings: its user gets a copy of its own, so that no other one changes.
    const copy = copyValue(childValue(value, step));
    this.set(map, step, copy);
    return { node: undefined, value: copy };
  }

  /** `env: []` becomes a block where it stands in one; with a comment inside, its brackets stay. */
  private isBlank({ items, range }: YAMLMap | YAMLSeq): boolean {
    const [start, end] = range ?? [0, 0];
    return items.length === 0 && !hasComment(this.text, start, end);
  }

  private intoList(list: YAMLSeq, value: unknown, step: string): Spot {
    const items = this.itemsOf(list);
    const item = items[Number(step)];
    if (item === undefined) throw new NotInPlace(`there is no item ${step}`);
    if (item.written !== undefined) return { node: undefined, value: item.written.value };
    const original = childValue(value, String(item.index));
    if (isCollection(item.node)) return { node: item.node, value: original };
    const copy = copyValue(original);
    items[Number(step)] = { ...item, written: { value: copy } };
    return { node: undefined, value: copy };
  }
}

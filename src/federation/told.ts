/** Sentences about one ServiceAccount, of which only the first of each kind are told and the others counted. */
import { MAX_TOLD } from "../reasons/limits.ts";

/** What is told, in the order in which it was found. */
export class Told<Item extends { readonly reason: string }> {
  private readonly items: Item[] = [];
  private readonly untold = new Map<Item["reason"], number>();
  private readonly counts = new Map<Item["reason"], number>();
  private readonly sumUp: (reason: Item["reason"], count: number) => Item;

  /** `sumUp` makes the last sentence of a kind: it counts those that are not told. */
  constructor(sumUp: (reason: Item["reason"], count: number) => Item) {
    this.sumUp = sumUp;
  }

  /** Adds one; `make` is called only where it is told. */
  add(reason: Item["reason"], make: () => Item): void {
    const before = this.counts.get(reason) ?? 0;
    this.counts.set(reason, before + 1);
    if (before < MAX_TOLD) this.items.push(make());
    else this.untold.set(reason, (this.untold.get(reason) ?? 0) + 1);
  }

  /** What is told, and then a sentence for each kind of which there are more. */
  all(): readonly Item[] {
    if (this.untold.size === 0) return this.items;
    return [...this.items, ...[...this.untold].map(([reason, count]) => this.sumUp(reason, count))];
  }
}

/** Annotations in other words: those that get another key, those that go, those that come. */

type Texts = ReadonlyMap<string, string>;

/** What becomes of an object's annotations. */
export interface KeyChanges {
  /** Old key to new key, in its place. */
  readonly renamed: Texts;
  readonly removed: ReadonlySet<string>;
  /** What comes, and what those say that have another key and another value. */
  readonly set: Texts;
}

/** Collects the changes of one object's annotations. With `keep` nothing of what is there goes. */
export class KeyEditor implements KeyChanges {
  readonly renamed = new Map<string, string>();
  readonly set = new Map<string, string>();
  private readonly dropped = new Set<string>();
  private readonly annotations: Texts;
  private readonly keep: boolean;

  constructor(annotations: Texts, keep: boolean) {
    this.annotations = annotations;
    this.keep = keep;
  }

  /** Writes `target: value`; in the place of `from`, which goes, unless another has taken that. */
  write(target: string, value: string, from: string | undefined): void {
    const { annotations, renamed, set } = this;
    const isMovable = from !== undefined && annotations.has(from) && !renamed.has(from);
    const isTaken = annotations.has(target) || set.has(target) || [...renamed.values()].includes(target);
    if (isMovable && !isTaken && !this.keep) renamed.set(from, target);
    const source = [...renamed].find(([, key]) => key === target)?.[0] ?? target;
    if (annotations.get(source) !== value) set.set(target, value);
  }

  /** What `key` said is said by other keys. */
  drop(key: string): void {
    if (!this.keep && this.annotations.has(key)) this.dropped.add(key);
  }

  get removed(): ReadonlySet<string> {
    return new Set([...this.dropped].filter((key) => !this.renamed.has(key)));
  }

  get isEmpty(): boolean {
    return this.renamed.size + this.set.size + this.removed.size === 0;
  }

  /** The annotations with all of it. */
  result(): Texts {
    const { removed } = this;
    const left = [...this.annotations].filter(([key]) => !removed.has(key));
    return new Map([...left.map(([key, value]) => [this.renamed.get(key) ?? key, value] as const), ...this.set]);
  }
}

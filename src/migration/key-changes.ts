/** Annotations in other words: those that get another key, those that go, those that come. */

type Texts = ReadonlyMap<string, string>;

/** What becomes of an object's annotations. */
export interface KeyChanges {
  /** Old key to new key, the value as it is. */
  readonly renamed: Texts;
  readonly removed: ReadonlySet<string>;
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

  /** Writes `target: value`; where `from` says just that, in its place. */
  write(target: string, value: string, from: string | undefined): void {
    const isFree = !this.keep && !this.annotations.has(target);
    const isSame = from !== undefined && this.annotations.get(from) === value && !this.renamed.has(from);
    if (isFree && isSame) this.renamed.set(from, target);
    else if (this.annotations.get(target) !== value) this.set.set(target, value);
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

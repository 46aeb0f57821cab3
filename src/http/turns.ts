/** Long work one piece at a time, each in a turn of the event loop of its own: short work gets in between. */
export class Turns {
  private readonly waiting: (() => void)[] = [];

  /** Does `work` in a later turn, after all that was there before it. */
  add(work: () => void): void {
    this.waiting.push(work);
    if (this.waiting.length === 1) setImmediate(this.next);
  }

  private readonly next = (): void => {
    const [work] = this.waiting;
    try {
      work?.();
    } finally {
      this.waiting.shift();
      if (this.waiting.length > 0) setImmediate(this.next);
    }
  };
}

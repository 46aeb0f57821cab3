/** Lines and columns of a text. */

/** A place in a text; line and column count from 1. */
export interface TextPlace {
  readonly line: number;
  readonly column: number;
}

/** Where the lines of a text begin; found once, so that no question reads a line of several megabytes again. */
export class Lines {
  private readonly starts: readonly number[];

  constructor(text: string) {
    const starts = [0];
    for (let at = text.indexOf("\n"); at !== -1; at = text.indexOf("\n", at + 1)) starts.push(at + 1);
    this.starts = starts;
  }

  /** Where the line of `offset` begins. */
  startOf(offset: number): number {
    return this.starts[this.indexOf(offset)] ?? 0;
  }

  /** The place of `offset`. */
  placeOf(offset: number): TextPlace {
    const index = this.indexOf(offset);
    return { line: index + 1, column: Math.max(offset - (this.starts[index] ?? 0) + 1, 1) };
  }

  /** The last line that begins at or before `offset`. */
  private indexOf(offset: number): number {
    let low = 0;
    let high = this.starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.starts[middle] ?? 0) <= offset) low = middle;
      else high = middle - 1;
    }
    return low;
  }
}

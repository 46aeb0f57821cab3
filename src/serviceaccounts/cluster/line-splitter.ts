/** Lines out of a stream of chunks, one JSON text each, without ever keeping more than one line. */

/** A line that is longer than allowed. */
export class LineTooLong extends Error {
  override readonly name = "LineTooLong";
}

const NEWLINE = 0x0a;

/** Splits chunks at newlines; what follows the last newline waits for the next chunk. */
export class LineSplitter {
  private readonly maxBytes: number;
  private rest: Uint8Array[] = [];
  private restBytes = 0;

  constructor(maxBytes: number) {
    this.maxBytes = maxBytes;
  }

  /** The lines that `chunk` completes, without those that are empty. Throws {@link LineTooLong}. */
  *push(chunk: Uint8Array): Generator<string> {
    let start = 0;
    for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, start)) {
      const line = this.complete(chunk.subarray(start, end));
      start = end + 1;
      if (line !== "") yield line;
    }
    if (start < chunk.length) this.keep(chunk.subarray(start));
  }

  private complete(end: Uint8Array): string {
    this.measure(end);
    if (this.restBytes === 0) return decode(end);
    const line = decode(Buffer.concat([...this.rest, end], this.restBytes + end.length));
    this.rest = [];
    this.restBytes = 0;
    return line;
  }

  private keep(part: Uint8Array): void {
    this.measure(part);
    this.rest.push(part);
    this.restBytes += part.length;
  }

  private measure(part: Uint8Array): void {
    if (this.restBytes + part.length > this.maxBytes)
      throw new LineTooLong(`a line is longer than ${this.maxBytes} bytes`);
  }
}

const decode = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("utf8");

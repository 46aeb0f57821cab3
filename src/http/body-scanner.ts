/** Reading a large JSON text as it comes in: how many values it has, and what of it has to be kept. */

const QUOTE = 0x22;
const AMPERSAND = 0x26;
const COMMA = 0x2c;
const ZERO = 0x30;
const TWO = 0x32;
const THREE = 0x33;
const SIX = 0x36;
const LESS = 0x3c;
const GREATER = 0x3e;
const OPENING_BRACKET = 0x5b;
const BACKSLASH = 0x5c;
const LOWER_CASE = 0x20;
const C = 0x63;
const E = 0x65;
const U = 0x75;
const OPENING_BRACE = 0x7b;

/** `\u003c`. */
const ESCAPE_BYTES = 6;

/** So much more than a chunk is may be kept with it: what was left of the one before. */
export const SCAN_ROOM_BYTES = ESCAPE_BYTES;

/** White space, which may follow a JSON text, and completes nothing that is cut short. */
const END = Buffer.alloc(ESCAPE_BYTES, " ");

/** The byte that the six from `at` on mean, where Go wrote them for it; else 0. */
const goEscaped = (chunk: Uint8Array, at: number): number => {
  if (chunk[at + 1] !== U || chunk[at + 2] !== ZERO || chunk[at + 3] !== ZERO) return 0;
  const tens = chunk[at + 4];
  const ones = chunk[at + 5];
  if (tens === TWO) return ones === SIX ? AMPERSAND : 0;
  if (tens !== THREE || ones === undefined) return 0;
  const letter = ones | LOWER_CASE;
  if (letter === C) return LESS;
  return letter === E ? GREATER : 0;
};

/**
 * Scans one JSON text, whatever chunks it comes in; linear, about a nanosecond a byte. Go writes `<`, `>` and `&` as
 * `\u003c`, `\u003e` and `\u0026`; they are kept as one byte each, which is the same text in JSON. A text that is no
 * JSON stays none.
 */
export class BodyScanner {
  /** Commas and opening brackets outside of strings: the values but the first, an empty list or object twice. */
  values = 0;
  /** Whether each byte that is kept was one of ASCII. */
  isAscii = true;
  private isInString = false;
  private left: Uint8Array = END.subarray(0, 0);
  private at = 0;
  private written = 0;

  /**
   * Writes what is to be kept of `chunk` to the beginning of `out`, which has {@link SCAN_ROOM_BYTES} more than `chunk`;
   * returns the number of bytes.
   */
  scan(chunk: Uint8Array, out: Uint8Array): number {
    const input = this.left.length === 0 ? chunk : Buffer.concat([this.left, chunk]);
    if (this.left.length > 0) this.left = END.subarray(0, 0);
    this.at = 0;
    this.written = 0;
    while (this.at < input.length) {
      if (this.isInString) this.scanString(input, out);
      else this.scanStructure(input, out);
    }
    return this.written;
  }

  /** As {@link scan}, for what is left after the last chunk. */
  end(out: Uint8Array): number {
    return this.left.length === 0 ? 0 : this.scan(END, out);
  }

  private scanStructure(input: Uint8Array, out: Uint8Array): void {
    const { length } = input;
    let { at, written, values } = this;
    let bits = 0;
    while (at < length) {
      const byte = input[at++] ?? 0;
      out[written++] = byte;
      bits |= byte;
      if (byte === COMMA || byte === OPENING_BRACE || byte === OPENING_BRACKET) values++;
      else if (byte === QUOTE) {
        this.isInString = true;
        break;
      }
    }
    this.moveTo(at, written, bits);
    this.values = values;
  }

  private scanString(input: Uint8Array, out: Uint8Array): void {
    const { length } = input;
    let { at, written } = this;
    let bits = 0;
    while (at < length) {
      const byte = input[at] ?? 0;
      if (byte === BACKSLASH) break;
      out[written++] = byte;
      bits |= byte;
      at++;
      if (byte === QUOTE) {
        this.isInString = false;
        break;
      }
    }
    this.moveTo(at, written, bits);
    if (this.isInString && at < length) this.scanEscapes(input, out);
  }

  /** One escape after another, as they often come. */
  private scanEscapes(input: Uint8Array, out: Uint8Array): void {
    const { length } = input;
    let { at, written } = this;
    let bits = 0;
    while (at < length && input[at] === BACKSLASH) {
      if (at + ESCAPE_BYTES > length) {
        this.left = Buffer.from(input.subarray(at));
        at = length;
        break;
      }
      const meant = goEscaped(input, at);
      if (meant === 0) {
        const next = input[at + 1] ?? 0;
        out[written++] = BACKSLASH;
        out[written++] = next;
        bits |= next;
        at += 2;
      } else {
        out[written++] = meant;
        at += ESCAPE_BYTES;
      }
    }
    this.moveTo(at, written, bits);
  }

  private moveTo(at: number, written: number, bits: number): void {
    this.at = at;
    this.written = written;
    if (bits > 0x7f) this.isAscii = false;
  }
}

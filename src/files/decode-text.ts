/** Bytes as text, in the encodings that kubectl reads. */
import { Lines, type TextPlace } from "../yaml/lines.ts";

/** Why there is no text, and where. */
export interface UnreadText {
  readonly problem: string;
  /** Undefined where it is about the whole. */
  readonly place?: TextPlace;
}

type Encoding = "utf-8" | "utf-16le" | "utf-16be";

/** A byte order mark tells the encoding, as it does for kubectl: Windows PowerShell's `>` writes UTF-16. */
const encodingOf = ([first, second]: Uint8Array): Encoding => {
  if (first === 0xff && second === 0xfe) return "utf-16le";
  return first === 0xfe && second === 0xff ? "utf-16be" : "utf-8";
};

const decode = (bytes: Uint8Array, encoding: Encoding, fatal: boolean): string =>
  // The mark of UTF-8 stays, since what is written back is what was read. UTF-16 is written back as UTF-8, without one.
  new TextDecoder(encoding, { fatal, ignoreBOM: encoding === "utf-8" }).decode(bytes);

/** What a decoder that goes on writes for what it cannot read; a text may also have one of its own. */
const REPLACEMENT = "\uFFFD";

/** Where in `bytes` of UTF-8 the character begins that cannot be read, and where that is in the lenient `text`. */
const brokenUtf8 = (bytes: Buffer, text: string): { readonly at: number; readonly byte: number } => {
  let byte = 0;
  let counted = 0;
  let at = text.indexOf(REPLACEMENT);
  for (; at !== -1; at = text.indexOf(REPLACEMENT, at + 1)) {
    byte += Buffer.byteLength(text.slice(counted, at));
    counted = at;
    if (bytes.toString("latin1", byte, byte + 3) !== "\u00EF\u00BF\u00BD") break;
  }
  return { at, byte };
};

/** As {@link brokenUtf8}, of UTF-16, which begins with its mark. */
const brokenUtf16 = (bytes: Buffer, text: string, isLittle: boolean): number => {
  let at = text.indexOf(REPLACEMENT);
  for (; at !== -1; at = text.indexOf(REPLACEMENT, at + 1)) {
    const start = 2 + 2 * at;
    if (start + 2 > bytes.length) break;
    if ((isLittle ? bytes.readUInt16LE(start) : bytes.readUInt16BE(start)) !== 0xfffd) break;
  }
  return at;
};

/** What YAML takes for no character of a text, and kubectl refuses: https://yaml.org/spec/1.2.2/#51-character-set */
const UNPRINTABLE = /[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/u;

/** A text with a control character in it is none: it is one in an encoding without a mark, or not a text. */
const unprintable = (text: string): UnreadText | undefined => {
  const at = text.search(UNPRINTABLE);
  if (at === -1) return undefined;
  const code = (text.codePointAt(at) ?? 0).toString(16).toUpperCase().padStart(4, "0");
  return { problem: `the control character U+${code}; ${ALLOWED}`, place: new Lines(text).placeOf(at) };
};

const ALLOWED = "allowed: UTF-8, or UTF-16 with a byte order mark";

const unread = (bytes: Buffer, encoding: Encoding): UnreadText => {
  const text = decode(bytes, encoding, false);
  const place = (offset: number): TextPlace => new Lines(text).placeOf(offset);
  if (encoding === "utf-8") {
    const { at, byte } = brokenUtf8(bytes, text);
    const hex = (bytes[byte] ?? 0).toString(16).padStart(2, "0");
    return { problem: `the byte 0x${hex} is not UTF-8 text; ${ALLOWED}`, place: place(at) };
  }
  const at = brokenUtf16(bytes, text, encoding === "utf-16le");
  return { problem: `half a character of UTF-16; ${ALLOWED}`, place: place(at) };
};

/** The text of `bytes`: UTF-8, or UTF-16 with a byte order mark. The mark of UTF-8 stays in it. */
export const decodeText = (bytes: Buffer): { readonly text: string } | UnreadText => {
  const encoding = encodingOf(bytes);
  try {
    const text = decode(bytes, encoding, true);
    return unprintable(text) ?? { text };
  } catch {
    return unread(bytes, encoding);
  }
};

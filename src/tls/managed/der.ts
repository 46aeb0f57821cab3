/**
 * As much of DER, the notation of certificates, as it takes to write one: nothing is read with it.
 * @see https://www.itu.int/rec/T-REC-X.690
 */

/** A value with its tag and length. */
export type Der = Buffer;

const lengthOf = (bytes: number): readonly number[] => {
  if (bytes < 0x80) return [bytes];
  return bytes < 0x100 ? [0x81, bytes] : [0x82, bytes >> 8, bytes & 0xff];
};

/** A value of less than 64 KiB under `tag`; throws where it is longer. */
export const tagged = (tag: number, ...parts: readonly Uint8Array[]): Der => {
  const content = Buffer.concat(parts);
  if (content.length >= 0x10000) throw new RangeError("a certificate's part is too long");
  return Buffer.concat([Buffer.from([tag, ...lengthOf(content.length)]), content]);
};

/** An ordered group. */
export const sequence = (...parts: readonly Der[]): Der => tagged(0x30, ...parts);

/** A group of one. */
export const setOf = (part: Der): Der => tagged(0x31, part);

/** A non-negative number of any length, most significant byte first. */
export const integer = (bytes: Uint8Array): Der => {
  const significant = bytes.findIndex((byte) => byte !== 0);
  const shortest = significant < 0 ? Buffer.alloc(1) : bytes.subarray(significant);
  // With its first bit set it would be a negative one.
  return tagged(0x02, ...((shortest[0] ?? 0) >= 0x80 ? [Buffer.alloc(1)] : []), shortest);
};

const base128 = (value: number): readonly number[] => {
  const bytes = [value & 0x7f];
  for (let rest = value >>> 7; rest > 0; rest >>>= 7) bytes.unshift((rest & 0x7f) | 0x80);
  return bytes;
};

/** An object identifier from its dotted form. */
export const oid = (dotted: string): Der => {
  const [first = 0, second = 0, ...rest] = dotted.split(".").map(Number);
  return tagged(0x06, Buffer.from([first * 40 + second, ...rest.flatMap(base128)]));
};

/** True; false is left out in DER where it is the default. */
export const TRUE: Der = tagged(0x01, Buffer.from([0xff]));

/** Text. */
export const utf8 = (text: string): Der => tagged(0x0c, Buffer.from(text));

/** Bytes. */
export const octets = (...parts: readonly Uint8Array[]): Der => tagged(0x04, ...parts);

/** Bits, the last `unused` of which do not count. */
export const bits = (bytes: Uint8Array, unused = 0): Der => tagged(0x03, Buffer.from([unused]), bytes);

/** A moment, to the second; before 2050 the year has two digits. */
export const time = (ms: number): Der => {
  const text = `${new Date(ms).toISOString().replace(/\.\d+|[-:T]/g, "")}`;
  return text < "2050" ? tagged(0x17, Buffer.from(text.slice(2))) : tagged(0x18, Buffer.from(text));
};

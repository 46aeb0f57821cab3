/**
 * The texts of the patches that were sent last. The pods of a workload get the same patch, and to write it, as JSON in
 * base64, takes more than to find that out.
 */
import { isShared, type Patch, patchJson } from "../injection/patch.ts";

/** How many are kept, the last ones. */
const MAX_KEPT = 64;

/** A longer text is not kept: all of them together are 1 MiB at most. */
const MAX_KEPT_LENGTH = 16 * 1024;

/** Up to here `btoa` is faster; a text that is larger it takes as one more string of two bytes a character. */
const MAX_BTOA_LENGTH = 64 * 1024;

// `btoa` takes half as long, but a character for a byte, which is right for ASCII alone.
const base64 = (text: string): string =>
  text.length <= MAX_BTOA_LENGTH && Buffer.byteLength(text) === text.length
    ? btoa(text)
    : Buffer.from(text).toString("base64");

interface Kept {
  readonly patch: Patch;
  readonly text: string;
}

const isEmptyObject = (value: object): boolean => {
  for (const _ in value) return false;
  return true;
};

/** Lists and objects that are made where there are none. */
const areBothEmpty = (one: unknown, other: unknown): boolean =>
  typeof one === "object" && typeof other === "object" && one !== null && other !== null
    ? Array.isArray(one) === Array.isArray(other) && isEmptyObject(one) && isEmptyObject(other)
    : false;

const isSame = (one: Patch, other: Patch): boolean => {
  if (one.length !== other.length) return false;
  for (let index = 0; index < one.length; index++) {
    const [a, b] = [one[index], other[index]];
    if (a?.path !== b?.path) return false;
    if (a?.value !== b?.value && !areBothEmpty(a?.value, b?.value)) return false;
  }
  return true;
};

/** Is `value` known by its letters, by being empty, or by which object it is, since nobody changes that? */
const isComparable = (value: unknown): boolean =>
  typeof value === "string" || isShared(value) || areBothEmpty(value, value);

/** Writes patches, each of several that are the same once. */
export class PatchTexts {
  /** By what a patch adds last, which is different for each ServiceAccount. */
  private readonly kept = new Map<unknown, Kept>();

  /** `patch` as JSON in base64. */
  textOf(patch: Patch): string {
    const last = patch.at(-1)?.value;
    const known = this.kept.get(last);
    if (known !== undefined && isSame(known.patch, patch)) return known.text;
    const text = base64(patchJson(patch));
    if (text.length <= MAX_KEPT_LENGTH && patch.every(({ value }) => isComparable(value)))
      this.keep(last, { patch, text });
    return text;
  }

  private keep(last: unknown, kept: Kept): void {
    if (this.kept.size === MAX_KEPT && !this.kept.has(last)) this.kept.delete(this.kept.keys().next().value);
    this.kept.set(last, kept);
  }
}

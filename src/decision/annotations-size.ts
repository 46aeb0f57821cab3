/** Kubernetes' bound on a pod's annotations, which Podpass' own count towards. */

/** All annotations of an object together, keys and values, in bytes. */
export const MAX_ANNOTATIONS_BYTES = 256 * 1024;

type Annotations = { readonly [key: string]: string };

const utf8Length = (text: string): number => {
  let bytes = text.length;
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index);
    if (unit < 0x80) continue;
    const isHalfOfPair = unit >= 0xd800 && unit <= 0xdfff;
    bytes += unit < 0x800 || isHalfOfPair ? 1 : 2;
  }
  return bytes;
};

/** Cheap to know, and nearly always enough: no text has more than three bytes a UTF-16 unit. */
const isSurelySmall = (existing: Annotations, own: ReadonlyMap<string, string>): boolean => {
  let units = 0;
  for (const key in existing) units += key.length + (existing[key]?.length ?? 0);
  for (const [key, value] of own) units += key.length + value.length;
  return units * 3 <= MAX_ANNOTATIONS_BYTES;
};

/** The bytes of `existing` once `own` are set, if that is more than Kubernetes allows; else undefined. */
export const tooManyBytes = (existing: Annotations, own: ReadonlyMap<string, string>): number | undefined => {
  if (isSurelySmall(existing, own)) return undefined;
  let bytes = 0;
  for (const [key, value] of Object.entries(existing)) if (!own.has(key)) bytes += utf8Length(key) + utf8Length(value);
  for (const [key, value] of own) bytes += utf8Length(key) + utf8Length(value);
  return bytes > MAX_ANNOTATIONS_BYTES ? bytes : undefined;
};

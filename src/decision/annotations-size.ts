/** Kubernetes' bound on a pod's annotations, which Podpass' own count towards. */

import type { Pod } from "../pod/pod.ts";
import type { Breach } from "../pod/size.ts";
import { POD_LIMITS } from "../reasons/limits.ts";
import type { FieldPath } from "../reasons/reasons.ts";
import { utf8Length } from "../reasons/text.ts";

/** Where a pod's annotations are. */
export const ANNOTATIONS: FieldPath = ["metadata", "annotations"];

/** All annotations of an object together, keys and values, in bytes. */
const { max: MAX_ANNOTATIONS_BYTES } = POD_LIMITS["annotations-too-large"];

type Annotations = { readonly [key: string]: string };

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

/** Stops at the first key with which they are larger than Kubernetes allows: there may be a hundred thousand. */
const isBeyond = (annotations: Annotations): boolean => {
  let bytes = 0;
  for (const key in annotations) {
    bytes += utf8Length(key) + utf8Length(annotations[key] ?? "");
    if (bytes > MAX_ANNOTATIONS_BYTES) return true;
  }
  return false;
};

/** Are the annotations that the pod brings larger than Kubernetes allows? It would be refused after admission too. */
export const annotationsBreach = ({ metadata }: Pod): Breach | undefined =>
  metadata?.annotations && isBeyond(metadata.annotations)
    ? { limit: "annotations-too-large", field: ANNOTATIONS }
    : undefined;

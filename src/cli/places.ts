/** Where in a manifest stands what the core speaks of: a field of a ServiceAccount, or of a workload's pod. */

import type { DecidedObject } from "../manifests/decide-template.ts";
import type { Place } from "../manifests/document.ts";
import { type ManifestObject, placeAt } from "../manifests/objects.ts";
import type { FieldPath } from "../reasons/reasons.ts";

/** `field` of the ServiceAccount, or the ServiceAccount itself. */
export const placeInAccount = (object: ManifestObject, field: FieldPath | undefined): Place =>
  field === undefined ? object.place : placeAt(object.document, [...object.path, ...field]);

/** `field` of the workload's pod, or the workload itself. */
export const placeInWorkload = ({ object, path, place }: DecidedObject, field: FieldPath | undefined): Place =>
  field === undefined ? place : placeAt(object.document, [...object.path, ...path, ...field]);

/** What Kubernetes would not take of an object, whatever its kind is. */
import { isMapping } from "../yaml/values.ts";
import type { Place } from "./document.ts";
import { member } from "./kubernetes-yaml.ts";
import { type ManifestObject, placeAt } from "./objects.ts";

/** Something that Kubernetes would not take, at its place. */
export interface BadObject {
  readonly object: ManifestObject;
  readonly place: Place;
  readonly message: string;
}

/** `message` about what is at `path` of `object`. */
export const badAt = (object: ManifestObject, path: readonly string[], message: string): BadObject => ({
  object,
  place: placeAt(object.document, [...object.path, ...path]),
  message,
});

const isAbsent = (value: unknown): boolean => value === undefined || value === null;

/** What is wrong with the metadata that names `object`. */
export const badNames = (object: ManifestObject): readonly BadObject[] => {
  const metadata = member(object.value, "metadata");
  if (!isAbsent(metadata) && !isMapping(metadata)) return [badAt(object, ["metadata"], "metadata is not a mapping")];
  return ["name", "namespace"]
    .filter((field) => !isAbsent(member(metadata, field)) && typeof member(metadata, field) !== "string")
    .map((field) => badAt(object, ["metadata", field], `metadata.${field} must be a string; put its value in quotes`));
};

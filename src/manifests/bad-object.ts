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

/** What is said of `value`, which is no string. */
export const mustBeString = (what: string, value: unknown): string => {
  if (typeof value === "object" && value !== null) return `${what} must be a string, not a mapping or a list`;
  // `n`, `yes` and `on` too.
  const read = typeof value === "boolean" ? `, and YAML without quotes means ${value}` : "";
  return `${what} must be a string${read}; put its value in quotes`;
};

const isAbsent = (value: unknown): boolean => value === undefined || value === null;

/** What is wrong with the metadata that names `object`. */
export const badNames = (object: ManifestObject): readonly BadObject[] => {
  const metadata = member(object.value, "metadata");
  if (!isAbsent(metadata) && !isMapping(metadata)) return [badAt(object, ["metadata"], "metadata is not a mapping")];
  return ["name", "namespace"].flatMap((field) => {
    const value = member(metadata, field);
    if (isAbsent(value) || typeof value === "string") return [];
    return [badAt(object, ["metadata", field], mustBeString(`metadata.${field}`, value))];
  });
};

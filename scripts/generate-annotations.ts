/** The table of docs/annotations.md, from the table of annotation keys. */
import { ANNOTATION_KEYS, type AnnotationKey } from "../src/configuration/annotation-keys.ts";
import { code, table } from "./markdown.ts";

const shown = ({ name, scope }: AnnotationKey): string =>
  code(scope === "all" ? `podpass.dev/${name}` : `<provider>.podpass.dev/${name}`);

/** The table of the keys that people write. */
export const annotationTables = (): ReadonlyMap<string, string> => {
  const keys = ANNOTATION_KEYS.filter(({ isWritten }) => isWritten !== true);
  const rows = keys.map((key) => [shown(key), key.onServiceAccount ?? key.declines ?? "–", key.onPod ?? "–"]);
  const parameter = "A parameter of the provider, unless the platform fixed it or keeps it to itself";
  rows.push([code("<provider>.podpass.dev/<parameter>"), parameter, "–"]);
  return new Map([["keys", table(["Key", "On a ServiceAccount", "On a pod"], rows)]]);
};

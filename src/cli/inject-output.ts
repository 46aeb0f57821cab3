/** The manifests as `inject` writes them: in their own notation, or as JSON. */
import { type Addition, withAdditions } from "../manifests/add-value.ts";
import { isConfiguration } from "../manifests/configuration-document.ts";
import type { ManifestDocument, ManifestFile } from "../manifests/document.ts";
import { NotJson, toJson } from "../manifests/json-text.ts";
import { withText } from "../manifests/rewrite.ts";
import { BadInput } from "./exit-codes.ts";

/** What goes into which document. */
export type Additions = ReadonlyMap<ManifestDocument, readonly Addition[]>;

/** What goes into `document`. */
export const additionsTo = (additions: Additions, document: ManifestDocument): readonly Addition[] =>
  additions.get(document) ?? [];

/** The documents in their own notation, with everything that is not changed as it was. */
export const asYaml = (files: readonly ManifestFile[], additions: Additions): string => {
  // One text that grows would be copied for every file.
  const parts: string[] = [];
  for (const { documents, text: source } of files) {
    const kept = documents.filter((document) => !isConfiguration(document));
    // A file of comments has no documents.
    const text =
      documents.length === 0
        ? source
        : kept.map((document) => withText(document, additionsTo(additions, document))).join("");
    const last = parts.at(-1);
    if (last === undefined && text !== "") parts.push(text);
    else if (last !== undefined && text !== "") {
      const hasMark = kept[0]?.parsed.directives?.docStart === true;
      parts.push(`${last.endsWith("\n") ? "" : "\n"}${hasMark ? "" : "---\n"}${text.replace(/^\uFEFF/, "")}`);
    }
  }
  return parts.join("");
};

/** One object, or a List of them all, as kubectl does. */
export const asJson = (files: readonly ManifestFile[], additions: Additions): string => {
  const values = files
    .flatMap(({ documents }) => documents)
    .filter((document) => document.root !== undefined && !isConfiguration(document))
    .map((document) => withAdditions(document.value, additionsTo(additions, document)));
  const list = new Map<string, unknown>([
    ["apiVersion", "v1"],
    ["kind", "List"],
    ["items", values],
  ]);
  try {
    return `${toJson(values.length === 1 ? values[0] : list, "    ")}\n`;
  } catch (error) {
    if (error instanceof NotJson) throw new BadInput(`-o json: ${error.message}`);
    throw error;
  }
};

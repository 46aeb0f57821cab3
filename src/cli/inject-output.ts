/** The three forms in which `inject` writes manifests. */
import { structuredPatch } from "diff";
import { type Addition, withAdditions } from "../manifests/add-value.ts";
import { isConfiguration } from "../manifests/configuration-document.ts";
import { documentText, type ManifestDocument, type ManifestFile } from "../manifests/document.ts";
import { NotJson, toJson } from "../manifests/json-text.ts";
import { objectsIn, showObject } from "../manifests/objects.ts";
import { withText } from "../manifests/rewrite.ts";
import { line } from "../reasons/text.ts";
import { BadInput } from "./exit-codes.ts";
import type { Output } from "./terminal.ts";

/** What goes into which document. */
export type Additions = ReadonlyMap<ManifestDocument, readonly Addition[]>;

const additionsTo = (additions: Additions, document: ManifestDocument): readonly Addition[] =>
  additions.get(document) ?? [];

/** The documents in their own notation, with everything that is not changed as it was. */
export const asYaml = (files: readonly ManifestFile[], additions: Additions): string => {
  let output = "";
  for (const { documents } of files) {
    const kept = documents.filter((document) => !isConfiguration(document));
    const text = kept.map((document) => withText(document, additionsTo(additions, document))).join("");
    if (output === "") output = text;
    else if (text !== "") {
      const hasMark = kept[0]?.parsed.directives?.docStart === true;
      output += `${output.endsWith("\n") ? "" : "\n"}${hasMark ? "" : "---\n"}${text.replace(/^\uFEFF/, "")}`;
    }
  }
  return output;
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

const titleOf = (document: ManifestDocument, namespace: string): string =>
  objectsIn(document)
    .map((object) => showObject(object, object.namespace ?? namespace))
    .join(", ");

const hunkOf = (name: string, title: string, before: string, after: string, { colors }: Output): string => {
  const { hunks } = structuredPatch(name, name, before, after, undefined, undefined, { context: 3 });
  const paint = (text: string): string => {
    if (text.startsWith("+")) return colors.green(text);
    return text.startsWith("-") ? colors.red(text) : text;
  };
  const [file, what] = [line(name, 500), line(title, 500)];
  const lines = [colors.bold(`--- ${file}\t${what}`), colors.bold(`+++ ${file}\t${what}`)];
  for (const hunk of hunks) {
    const range = (start: number, count: number) => (count === 1 ? `${start}` : `${start},${count}`);
    lines.push(colors.cyan(`@@ -${range(hunk.oldStart, hunk.oldLines)} +${range(hunk.newStart, hunk.newLines)} @@`));
    lines.push(...hunk.lines.map(paint));
  }
  return lines.map((text) => `${text}\n`).join("");
};

/** A unified diff per changed document; together they are a patch of the files. */
export const asDiff = (
  files: readonly ManifestFile[],
  additions: Additions,
  namespace: string,
  out: Output,
): string => {
  const parts: string[] = [];
  for (const file of files) {
    let before = file.text;
    let shift = 0;
    for (const document of file.documents) {
      const added = additionsTo(additions, document);
      if (added.length === 0) continue;
      const text = withText(document, added);
      const after = before.slice(0, document.start + shift) + text + before.slice(document.end + shift);
      parts.push(hunkOf(file.name, titleOf(document, namespace), before, after, out));
      shift += text.length - documentText(document).length;
      before = after;
    }
  }
  return parts.join("");
};

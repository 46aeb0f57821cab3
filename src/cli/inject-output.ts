/** The manifests as `inject` writes them: in their own notation, or as JSON. */
import { isConfiguration } from "../manifests/configuration-document.ts";
import { type ManifestDocument, type ManifestFile, separatorBefore } from "../manifests/document.ts";
import type { Additions } from "../manifests/inject-manifests.ts";
import { NotJson, toJson } from "../manifests/json-text.ts";
import { flatList, itemsOf } from "../manifests/lists.ts";
import type { ManifestObject } from "../manifests/objects.ts";
import { type Changes, changedValue, type Rewritten } from "../manifests/rewrite.ts";
import { BadInput } from "./exit-codes.ts";

/** What becomes of each document. */
export interface Result {
  readonly additions: Additions;
  /** Objects that are not written. */
  readonly leftOut: ReadonlySet<ManifestObject>;
}

/** Makes a document's text with its changes. */
export type Rewrite = (document: ManifestDocument, changes: Changes) => Rewritten;

/** The documents that are written, and what of each is changed. */
const writtenDocuments = (result: Result): ((document: ManifestDocument) => Changes | undefined) => {
  const removed = new Map<ManifestDocument, (readonly string[])[]>();
  for (const { document, path } of result.leftOut) {
    const paths = removed.get(document) ?? [];
    removed.set(document, paths);
    paths.push(path);
  }
  return (document) => {
    const removals = removed.get(document) ?? [];
    // Left out, it is all that its document holds.
    const isGone = removals.some((path) => path.length === 0) || isConfiguration(document);
    return isGone ? undefined : { additions: result.additions.get(document) ?? [], removals };
  };
};

/** What has to stand between two documents of a file when `before` is no longer the one in front of `document`. */
const separatorOf = (document: ManifestDocument, before: ManifestDocument | undefined, isNext: boolean): string =>
  before === undefined || isNext || before.parsed.directives.docEnd ? "" : separatorBefore(document);

const fileText = (
  { documents, text }: ManifestFile,
  changesOf: (document: ManifestDocument) => Changes | undefined,
  rewrite: Rewrite,
): string => {
  // A file of comments has no documents.
  if (documents.length === 0) return text;
  const parts: string[] = [];
  let before: ManifestDocument | undefined;
  let isNext = true;
  for (const document of documents) {
    const changes = changesOf(document);
    if (changes !== undefined) {
      parts.push(separatorOf(document, before, isNext), rewrite(document, changes).text);
      before = document;
    }
    isNext = changes !== undefined;
  }
  return parts.join("");
};

/** The documents in their own notation, with everything that is not changed as it was. */
export const asYaml = (files: readonly ManifestFile[], result: Result, rewrite: Rewrite): string => {
  const changesOf = writtenDocuments(result);
  // One text that grows would be copied for every file.
  const parts: string[] = [];
  for (const file of files) {
    const text = fileText(file, changesOf, rewrite);
    const last = parts.at(-1);
    if (last === undefined && text !== "") parts.push(text);
    else if (last !== undefined && text !== "") {
      const first = file.documents.find((document) => changesOf(document) !== undefined);
      parts.push(`${last.endsWith("\n") ? "" : "\n"}${separatorBefore(first)}${text.replace(/^\uFEFF/, "")}`);
    }
  }
  return parts.join("");
};

/** One object or list, or a List of all objects, as kubectl does: it reads no list inside another. */
export const asJson = (files: readonly ManifestFile[], result: Result): string => {
  const changesOf = writtenDocuments(result);
  const values = files
    .flatMap(({ documents }) => documents)
    .flatMap((document) => {
      const changes = document.root === undefined ? undefined : changesOf(document);
      return changes === undefined ? [] : [changedValue(document, changes)];
    });
  const list = new Map<string, unknown>([
    ["apiVersion", "v1"],
    ["kind", "List"],
    ["items", values.flatMap(itemsOf)],
  ]);
  try {
    return `${toJson(values.length === 1 ? flatList(values[0]) : list, "    ")}\n`;
  } catch (error) {
    if (error instanceof NotJson) throw new BadInput(`-o json: ${error.message}`);
    throw error;
  }
};

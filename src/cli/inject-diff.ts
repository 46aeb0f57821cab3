/** What `inject` adds, as a unified diff. */
import { structuredPatch } from "diff";
import { documentText, type ManifestDocument, type ManifestFile } from "../manifests/document.ts";
import { objectsIn, showObject } from "../manifests/objects.ts";
import { withText } from "../manifests/rewrite.ts";
import { line } from "../reasons/text.ts";
import { type Additions, additionsTo } from "./inject-output.ts";
import type { Output } from "./terminal.ts";

/** Lines of context around a change. */
const CONTEXT = 3;

const linesOf = (text: string): readonly string[] => text.match(/[^\n]*\n|[^\n]+$/g) ?? [];

const titleOf = (document: ManifestDocument, namespace: string): string =>
  objectsIn(document)
    .map((object) => showObject(object, object.namespace ?? namespace))
    .join(", ");

/** A document before and after, with what is around it in its file. */
interface Change {
  readonly document: ManifestDocument;
  readonly text: string;
  /** The lines in front of it, as the changes before it left them: the last few, and how many there are. */
  readonly lead: { readonly lines: readonly string[]; readonly count: number };
}

const hunksOf = ({ document, text, lead }: Change, { colors }: Output): readonly string[] => {
  const { file, end } = document;
  const before = lead.lines.join("");
  // Enough for the context; the rest of the file is not looked at, since there can be thousands of documents.
  const after = linesOf(file.text.slice(end, end + 4096))
    .slice(0, CONTEXT)
    .join("");
  const { hunks } = structuredPatch(
    "",
    "",
    before + documentText(document) + after,
    before + text + after,
    undefined,
    undefined,
    { context: CONTEXT },
  );
  const shift = lead.count - lead.lines.length;
  const range = (start: number, count: number) => (count === 1 ? `${start + shift}` : `${start + shift},${count}`);
  const paint = (one: string): string => {
    if (one.startsWith("+")) return colors.green(one);
    return one.startsWith("-") ? colors.red(one) : one;
  };
  return hunks.flatMap((hunk) => [
    colors.cyan(`@@ -${range(hunk.oldStart, hunk.oldLines)} +${range(hunk.newStart, hunk.newLines)} @@`),
    ...hunk.lines.map(paint),
  ]);
};

const diffOf = (file: ManifestFile, additions: Additions, namespace: string, out: Output): readonly string[] => {
  const written: string[] = [];
  let lead: Change["lead"] = { lines: [], count: 0 };
  for (const document of file.documents) {
    const added = additionsTo(additions, document);
    const text = withText(document, added);
    if (added.length > 0) {
      const label = `${line(file.name, 500)}\t${line(titleOf(document, namespace), 500)}`;
      written.push(out.colors.bold(`--- ${label}`), out.colors.bold(`+++ ${label}`));
      written.push(...hunksOf({ document, text, lead }, out));
    }
    const lines = linesOf(text);
    lead = { lines: [...lead.lines, ...lines].slice(-CONTEXT), count: lead.count + lines.length };
  }
  return written;
};

/** A unified diff per changed document; in their order they are a patch of the files. */
export const asDiff = (files: readonly ManifestFile[], additions: Additions, namespace: string, out: Output): string =>
  files
    .flatMap((file) => diffOf(file, additions, namespace, out))
    .map((text) => `${text}\n`)
    .join("");

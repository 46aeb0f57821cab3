/** What `inject` adds and `migrate` changes, as a unified diff. */
import type { ManifestDocument, ManifestFile } from "../manifests/document.ts";
import type { Edit } from "../manifests/edits.ts";
import { objectsIn, showObjectIn } from "../manifests/objects.ts";
import type { Rewritten } from "../manifests/rewrite.ts";
import { line } from "../reasons/text.ts";
import { CONTEXT, type Hunk, hunksOf } from "./hunks.ts";
import { lineChanges, linesOf } from "./line-changes.ts";
import type { Output } from "./terminal.ts";

const titleOf = (document: ManifestDocument, namespace: string): string =>
  objectsIn(document)
    .map((object) => showObjectIn(object, namespace))
    .join(", ");

/** The lines in front of a document, as the changes before it left them: the last few, and how many there are. */
interface Lead {
  readonly lines: readonly string[];
  readonly count: number;
}

/** The lines behind `offset` that are context; the rest of the file is not looked at, which can be thousands of documents. */
const linesBehind = (text: string, offset: number): readonly string[] => {
  const lines: string[] = [];
  let at = offset;
  while (lines.length < CONTEXT && at < text.length) {
    const end = text.indexOf("\n", at) + 1 || text.length;
    lines.push(text.slice(at, end));
    at = end;
  }
  return lines;
};

const PAINTS: Readonly<Record<string, "green" | "red">> = { "+": "green", "-": "red" };

const hunksIn = ({ file, start, end }: ManifestDocument, edits: readonly Edit[], lead: Lead): readonly Hunk[] => {
  const before = lead.lines.join("");
  const text = before + file.text.slice(start, end) + linesBehind(file.text, end).join("");
  const shift = start - before.length;
  const moved = edits.map((edit) => ({ ...edit, start: edit.start - shift, end: edit.end - shift }));
  return hunksOf(linesOf(text), lineChanges(text, moved), lead.count - lead.lines.length);
};

const painted = ({ heading, lines }: Hunk, { colors }: Output): readonly string[] => [
  colors.cyan(heading),
  ...lines.map((one) => {
    const paint = PAINTS[one.charAt(0)];
    if (paint === undefined) return one;
    // What belongs to a line's break stays in front of it.
    return one.endsWith("\r") ? `${colors[paint](one.slice(0, -1))}\r` : colors[paint](one);
  }),
];

/** What becomes of a document. */
type Rewrite = (document: ManifestDocument) => Rewritten;

const diffOf = (file: ManifestFile, rewritten: Rewrite, namespace: string, out: Output): readonly string[] => {
  const written: (readonly string[])[] = [];
  let lead: Lead = { lines: [], count: 0 };
  for (const document of file.documents) {
    const { text, edits } = rewritten(document);
    if (edits.length > 0) {
      const label = `${line(file.name, 500)}\t${line(titleOf(document, namespace), 500)}`;
      written.push([out.colors.bold(`--- ${label}`), out.colors.bold(`+++ ${label}`)]);
      for (const hunk of hunksIn(document, edits, lead)) written.push(painted(hunk, out));
    }
    const lines = linesOf(text);
    lead = { lines: [...lead.lines, ...lines.slice(-CONTEXT)].slice(-CONTEXT), count: lead.count + lines.length };
  }
  return written.flat();
};

/** A unified diff per changed document; in their order they are a patch of the files. */
export const asDiff = (files: readonly ManifestFile[], rewritten: Rewrite, namespace: string, out: Output): string =>
  files
    .flatMap((file) => diffOf(file, rewritten, namespace, out))
    .map((text) => `${text}\n`)
    .join("");

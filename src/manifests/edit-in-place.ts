/** Removals, other keys and additions as edits of a document's text; there is no other way for those who own the file. */
import { type Addition, withAdditions } from "./add-value.ts";
import { type ManifestDocument, readManifest } from "./document.ts";
import { applyEdits, type Edit } from "./edits.ts";
import { NotInPlace } from "./overlay.ts";
import { removalEdits, renameEdit } from "./removal-edits.ts";
import { type Rename, type ValuePath, withRemovals, withRenames } from "./remove-value.ts";
import { holds, type Rewritten } from "./rewrite.ts";
import { editsFor } from "./splice.ts";

/** What becomes of a document, in this order. */
export interface InPlaceChanges {
  readonly renames: readonly Rename[];
  /** Paths as they are before anything goes; none is inside another. */
  readonly removals: readonly ValuePath[];
  /** With paths as they are then. */
  readonly additions: readonly Addition[];
}

/** What `root` holds after `changes`. */
export const changedInPlace = (root: unknown, { renames, removals, additions }: InPlaceChanges): unknown =>
  withAdditions(withRenames(withRemovals(root, removals), renames), additions);

const reduced = (document: ManifestDocument, { renames, removals }: InPlaceChanges): string => {
  const edits: readonly Edit[] = [
    ...removalEdits(document, removals),
    ...renames.map((rename) => renameEdit(document, rename)),
  ];
  const { file, start, end } = document;
  return applyEdits(
    file.text,
    [start, end],
    edits.toSorted((one, other) => one.start - other.start),
  );
};

const edited = (document: ManifestDocument, changes: InPlaceChanges): string => {
  const text = reduced(document, changes);
  if (changes.additions.length === 0) return text;
  const read = readManifest(document.file.name, text);
  const [left] = read.ok ? read.file.documents : [];
  if (left === undefined) throw new NotInPlace("what is left is no document");
  return applyEdits(text, [left.start, left.end], editsFor(left, changes.additions));
};

/**
 * The text of `document` with `changes`; undefined where it would not hold exactly those: what goes is shared by an
 * anchor or a merge key, say.
 */
export const editInPlace = (document: ManifestDocument, changes: InPlaceChanges): Rewritten | undefined => {
  try {
    const text = edited(document, changes);
    if (!holds(text, changedInPlace(document.value, changes))) return undefined;
    return { text, edits: [{ start: document.start, end: document.end, text }], isAnew: false };
  } catch (error) {
    if (error instanceof NotInPlace) return undefined;
    throw error;
  }
};

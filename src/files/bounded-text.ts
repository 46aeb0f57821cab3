/** Files and streams as text: UTF-8 or UTF-16, and not without end. */
import { createReadStream } from "node:fs";
import { MAX_FILE_MIB } from "../yaml/limits.ts";
import { decodeText, type UnreadText } from "./decode-text.ts";

/** A text, or why there is none. */
export type BoundedText = { readonly text: string } | UnreadText;

const MAX_BYTES = MAX_FILE_MIB * 1024 * 1024;

/** Everything in `chunks`, as {@link decodeText} reads it. Rejects as they do. */
export const textFrom = async (chunks: AsyncIterable<Uint8Array>): Promise<BoundedText> => {
  const read: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of chunks) {
    size += chunk.length;
    if (size > MAX_BYTES) return { problem: `it is larger than ${MAX_FILE_MIB} MiB; allowed: ${MAX_FILE_MIB} MiB` };
    read.push(chunk);
  }
  return decodeText(Buffer.concat(read));
};

/** The text of a file. Rejects where it cannot be read. */
export const textOfFile = (path: string): Promise<BoundedText> => textFrom(createReadStream(path));

/** `FILE:LINE:COLUMN: PROBLEM`, without the place where the problem is the whole file's. */
export const showUnread = (file: string, { problem, place }: UnreadText): string =>
  place === undefined ? `${file}: ${problem}` : `${file}:${place.line}:${place.column}: ${problem}`;

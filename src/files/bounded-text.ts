/** Files and streams as text: UTF-8, and not without end. */
import { createReadStream } from "node:fs";
import { MAX_FILE_MIB } from "../yaml/limits.ts";

/** A text, or why there is none. */
export type BoundedText = { readonly text: string } | { readonly problem: string };

const MAX_BYTES = MAX_FILE_MIB * 1024 * 1024;

/** Everything in `chunks`; a byte-order mark stays in it. Rejects as they do. */
export const textFrom = async (chunks: AsyncIterable<Uint8Array>): Promise<BoundedText> => {
  const read: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of chunks) {
    size += chunk.length;
    if (size > MAX_BYTES) return { problem: `it is larger than ${MAX_FILE_MIB} MiB; allowed: ${MAX_FILE_MIB} MiB` };
    read.push(chunk);
  }
  try {
    return { text: new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(Buffer.concat(read)) };
  } catch {
    return { problem: "it is not UTF-8 text" };
  }
};

/** The text of a file. Rejects where it cannot be read. */
export const textOfFile = (path: string): Promise<BoundedText> => textFrom(createReadStream(path));

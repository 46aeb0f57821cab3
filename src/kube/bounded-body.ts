/** An answer's body as text, as long as it stays within a bound. */

/** A body is longer than was allowed; the connection that it came over is closed. */
export class AnswerTooLarge extends Error {
  override readonly name = "AnswerTooLarge";
}

/**
 * More bytes than the API server sends of one stored object: it takes 3 MiB of request, and of what it then stores each
 * byte comes back as six at most (`<` as `\u003c`).
 */
export const MAX_OBJECT_BYTES = 20 * 1024 * 1024;

/** Reads `body` to its end; throws {@link AnswerTooLarge}, having read no more than a chunk beyond `maxBytes`. */
export const readBounded = async (
  body: AsyncIterable<Uint8Array>,
  maxBytes: number,
  onChunk: () => void = () => {},
): Promise<string> => {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of body) {
    onChunk();
    bytes += chunk.length;
    if (bytes > maxBytes) throw new AnswerTooLarge(`an answer is longer than ${maxBytes} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, bytes).toString("utf8");
};

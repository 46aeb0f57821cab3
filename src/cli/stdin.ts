/** Standard input. */
import { showUnread, textFrom } from "../files/bounded-text.ts";
import { BadInput } from "./exit-codes.ts";

/** The text of standard input. Throws {@link BadInput} where it is none. */
export const readStdin = async (stream: AsyncIterable<Uint8Array>): Promise<string> => {
  const read = await textFrom(stream);
  if ("text" in read) return read.text;
  throw new BadInput(showUnread("(stdin)", read));
};

/** From text to the library's documents, in time that is linear in the text. */
import {
  Composer,
  type CST,
  type Document,
  type DocumentOptions,
  Lexer,
  type ParseOptions,
  Parser,
  type SchemaOptions,
} from "yaml";
import { MAX_DEPTH } from "./limits.ts";

/** How a text is read. */
export type ReadOptions = ParseOptions & DocumentOptions & SchemaOptions;

/** What every text of ours is read with. */
export const BOUNDED: ReadOptions = {
  prettyErrors: false,
  // The library compares each key with all those before it; `read-value.ts` looks for repeated ones.
  uniqueKeys: false,
  // `!!omap` and its like are of YAML 1.1's own kinds, which neither kubectl nor a configuration knows.
  resolveKnownTags: false,
};

/** A problem in a text. */
export interface TextProblem {
  readonly offset: number;
  readonly message: string;
}

class TooDeep extends Error {
  override readonly name = "TooDeep";
  readonly offset: number;

  constructor(offset: number) {
    super(`nested deeper than ${MAX_DEPTH} lists and mappings; allowed: ${MAX_DEPTH}`);
    this.offset = offset;
  }
}

function* tokensOf(text: string): Generator<CST.Token, void> {
  const parser = new Parser();
  for (const lexeme of new Lexer().lex(text)) {
    yield* parser.next(lexeme);
    // On the stack are the document, what is open in it, and perhaps a scalar.
    if (parser.stack.length > MAX_DEPTH + 2) throw new TooDeep(Math.max(parser.offset - lexeme.length, 0));
  }
  yield* parser.end();
}

/** The documents of `text`, or why it is not read at all. */
export const parseText = (
  text: string,
  options: ReadOptions,
): { readonly documents: readonly Document.Parsed[]; readonly problem?: TextProblem } => {
  try {
    return { documents: [...new Composer(options).compose(tokensOf(text))] };
  } catch (error) {
    if (error instanceof TooDeep) return { documents: [], problem: { offset: error.offset, message: error.message } };
    throw error;
  }
};

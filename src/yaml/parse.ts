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
import { MAX_DEPTH, MAX_DOCUMENT_TOKENS, MAX_DOCUMENTS, MAX_FILE_TOKENS, MAX_SYNTAX_ERRORS } from "./limits.ts";

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

class Beyond extends Error {
  override readonly name = "Beyond";
  readonly offset: number;

  constructor(offset: number, message: string) {
    super(message);
    this.offset = offset;
  }
}

const beyond = (offset: number, max: number, unit: string): Beyond => {
  const number = max.toLocaleString("en-US");
  return new Beyond(offset, `more than ${number} ${unit}; allowed: ${number}, the rest in another file`);
};

const tooManyErrors = (offset: number): Beyond =>
  new Beyond(
    offset,
    `more than ${MAX_SYNTAX_ERRORS.toLocaleString("en-US")} syntax errors up to here; allowed: YAML or JSON`,
  );

/** What the parser begins a document with where the text has no `---`. */
const DOCUMENT = "\u0002";

const isObject = (token: CST.Token | undefined): boolean =>
  token?.type === "flow-collection" && token.start.source === "{" && token.end.length > 0;

/** Reads the tokens of `text` as long as they stay inside the bounds. */
class BoundedParser {
  private readonly parser = new Parser();
  /** Nothing but white space and comments has come since a document that is `{…}`. */
  private endedWithObject = false;
  private documents = 0;
  private ofDocument = 0;
  private ofFile = 0;
  private errors = 0;

  *tokens(text: string): Generator<CST.Token, void> {
    for (const lexeme of new Lexer().lex(text)) {
      if (lexeme === "{" && this.isBehindObject()) {
        yield* this.counted(this.parser.end());
        yield* this.counted(this.parser.next(DOCUMENT));
      }
      yield* this.counted(this.parser.next(lexeme));
      this.check(Math.max(this.parser.offset - lexeme.length, 0));
    }
    yield* this.counted(this.parser.end());
  }

  /** Is an object of the top complete? As kubectl, which reads what `jq` prints, the next `{` begins another document. */
  private isBehindObject(): boolean {
    const [document, open, ...deeper] = this.parser.stack;
    if (document === undefined) return this.endedWithObject;
    return document.type === "document" && deeper.length === 0 && isObject(open ?? document.value);
  }

  private *counted(tokens: Iterable<CST.Token>): Generator<CST.Token, void> {
    for (const token of tokens) {
      if (token.type === "document") {
        this.count(token.offset);
        this.endedWithObject = isObject(token.value);
      } else if (token.type === "error" && ++this.errors > MAX_SYNTAX_ERRORS) throw tooManyErrors(token.offset);
      else if (token.type !== "newline" && token.type !== "space" && token.type !== "comment")
        this.endedWithObject = false;
      yield token;
    }
  }

  private count(offset: number): void {
    this.documents++;
    this.ofDocument = 0;
    if (this.documents > MAX_DOCUMENTS) throw beyond(offset, MAX_DOCUMENTS, "documents");
  }

  private check(offset: number): void {
    this.ofDocument++;
    this.ofFile++;
    // On the stack are the document, what is open in it, and perhaps a scalar.
    if (this.parser.stack.length > MAX_DEPTH + 2)
      throw new Beyond(offset, `nested deeper than ${MAX_DEPTH} lists and mappings; allowed: ${MAX_DEPTH}`);
    if (this.ofDocument > MAX_DOCUMENT_TOKENS) throw beyond(offset, MAX_DOCUMENT_TOKENS, "YAML tokens in a document");
    if (this.ofFile > MAX_FILE_TOKENS) throw beyond(offset, MAX_FILE_TOKENS, "YAML tokens in a file");
  }
}

/** Where the library found something: an offset, a range or a token. */
const offsetIn = (source: unknown): number => {
  if (typeof source === "object" && source !== null && "offset" in source) return Number(source.offset);
  return Number(Array.isArray(source) ? source[0] : source);
};

/** A composer that finds no more errors than may be in one file: of a text of commas each is one. */
const boundedComposer = (options: ReadOptions): Composer => {
  const composer = new Composer(options);
  // Private to the library, and its only way to an error before a document is complete.
  const onError: unknown = Reflect.get(composer, "onError");
  if (typeof onError !== "function") throw new Error("the YAML library tells of its errors in another way");
  let errors = 0;
  // The library takes what is thrown for an error of each node around it, and tells of that too.
  let first: Beyond | undefined;
  Reflect.set(composer, "onError", (source: unknown, code: unknown, message: unknown, isWarning: unknown) => {
    if (isWarning !== true) errors++;
    if (errors > MAX_SYNTAX_ERRORS) {
      first ??= tooManyErrors(offsetIn(source));
      throw first;
    }
    onError(source, code, message, isWarning);
  });
  return composer;
};

/** The documents of `text`, or why it is not read at all. */
export const parseText = (
  text: string,
  options: ReadOptions,
): { readonly documents: readonly Document.Parsed[]; readonly problem?: TextProblem } => {
  const { stackTraceLimit } = Error;
  try {
    // A text may have an error for each of its characters. Their stacks, which nobody reads, were most of the memory.
    Error.stackTraceLimit = 0;
    return { documents: [...boundedComposer(options).compose(new BoundedParser().tokens(text))] };
  } catch (error) {
    if (error instanceof Beyond) return { documents: [], problem: { offset: error.offset, message: error.message } };
    throw error;
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
};

/**
 * Where the text of a file ends, whoever wrote it. Each bound is far above every real manifest and configuration, and
 * what is beyond it is refused at its place: never read with memory or a stack that run out.
 */

/** Of nested lists and mappings. The schemas of CustomResourceDefinitions, the deepest there are, have about 40. */
export const MAX_DEPTH = 200;

/** Of one file: each takes a kilobyte of memory, whatever is in it. */
export const MAX_DOCUMENTS = 100_000;

/**
 * What the library reads a text as: indicators, texts, white space; three bytes each in a usual manifest. One takes up to
 * 500 bytes of memory as long as its document is read, and half of that later.
 */
export const MAX_DOCUMENT_TOKENS = 4_000_000;

/** As {@link MAX_DOCUMENT_TOKENS}, of all documents of a file together. */
export const MAX_FILE_TOKENS = 10_000_000;

/**
 * What the aliases of one file may stand for, in values; each 100 characters of a text count as one more. A pod template
 * of 500 values may be used 200 times.
 */
export const MAX_ALIASED_VALUES = 100_000;

/** What the parser finds wrong in one file, and again what is found in its documents. It is no YAML then, and each takes memory. */
export const MAX_SYNTAX_ERRORS = 1000;

/** The problems of one file's text that are told one by one: a person corrects the first few and tries again. */
export const MAX_TOLD_PROBLEMS = 20;

/** Of one file. etcd stores objects of at most 1.5 MiB, so that a file of every object of a team has room here. */
export const MAX_FILE_MIB = 64;

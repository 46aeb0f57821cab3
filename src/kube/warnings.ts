/** The `Warning` headers of an answer. */

// `299 - "text"`, several in one header separated by commas: RFC 7234 section 5.5.
const WARNING = /\d{3} [^\s"]+ "((?:[^"\\]|\\.)*)"/g;

/** The texts in `headers`; what is no warning is passed over. */
export const readWarnings = (headers: string | readonly string[] | undefined): readonly string[] =>
  [headers ?? []]
    .flat()
    .flatMap((header) => [...header.matchAll(WARNING)].map(([, text = ""]) => text.replaceAll(/\\(.)/g, "$1")));

/** JSON in which nothing is invisible. */

const INVISIBLE = /[\p{C}\p{Zl}\p{Zp}]/gu;

const escapeUnits = (character: string): string =>
  [...Array(character.length).keys()]
    .map((index) => `\\u${character.charCodeAt(index).toString(16).padStart(4, "0")}`)
    .join("");

/** `text` with what a terminal would act on or hide, line breaks too, as JSON escapes it. */
export const visibleText = (text: string): string => text.replace(INVISIBLE, escapeUnits);

/**
 * `value` as JSON that can be printed and pasted: characters that a terminal would act on or hide (bidirectional marks,
 * for one) are escaped, which means the same to whoever reads the JSON.
 */
export const visibleJson = (value: unknown, indent = 0): string =>
  JSON.stringify(value, null, indent).split("\n").map(visibleText).join("\n");

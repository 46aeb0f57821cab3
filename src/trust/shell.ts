/** Words and commands for a POSIX shell, safe to paste. */

// Nothing in it means anything to a shell, wherever the word stands.
const PLAIN = /^[\w@%+:,./-][\w@%+=:,./-]*$/;

/** `text` as one word: as it is where that is safe, otherwise in single quotes. No text is too strange but one with NUL. */
const shellWord = (text: string): string => (PLAIN.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`);

const startsLine = (word: string): boolean => word.startsWith("--") || /^[a-z_]+=/.test(word);

/** A command on one line. */
export const shellLine = (words: readonly string[], writes?: string): string => {
  const command = words.map(shellWord).join(" ");
  return writes === undefined ? command : `${command} > ${shellWord(writes)}`;
};

/** A command over several lines, one for each option, as people write long ones. */
export const shellCommand = (words: readonly string[], writes?: string): string => {
  let text = "";
  words.forEach((word, index) => {
    if (index > 0) text += startsLine(word) && words.length > 4 ? " \\\n  " : " ";
    text += shellWord(word);
  });
  return writes === undefined ? text : `${text} > ${shellWord(writes)}`;
};

/**
 * May `value` stand in a command where no JSON surrounds it? Command-line tools give some values a meaning of their own:
 * an option (`-x`), a file that is read (`@x`, `file://x`), a list (`a,b`).
 */
export const isPlainArgument = (value: string): boolean =>
  /^[A-Za-z0-9</][\w.:/+=~%<>*@-]*$/.test(value) && !/^fileb?:/i.test(value);

/** Tables of text. */

/** Where to break: at a space, else behind a sign that joins words, else where it is full. */
const breakAt = (text: string, width: number): number => {
  const space = text.lastIndexOf(" ", width);
  if (space > 0) return space;
  for (let at = width; at > width / 3; at--) if (/[,/-]/.test(text[at - 1] ?? "")) return at;
  return width;
};

const wrapLine = (text: string, width: number): readonly string[] => {
  const lines: string[] = [];
  let rest = text;
  while (rest.length > width) {
    const at = breakAt(rest, width);
    lines.push(rest.slice(0, at).trimEnd());
    rest = rest.slice(at).trimStart();
  }
  return [...lines, rest];
};

/** `text` in lines of at most `width` characters, broken where a reader expects it. */
export const wrap = (text: string, width: number): readonly string[] =>
  text.split("\n").flatMap((one) => wrapLine(one, width));

/** A column: its heading, and the most characters it may take. */
export interface Column {
  readonly title: string;
  readonly width?: number;
}

/** Rows under headings, two spaces between columns; a cell that is too wide goes on below. Ends with a line break. */
export const table = (
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  heading: (text: string) => string,
): string => {
  const cells = rows.map((row) => columns.map(({ width }, index) => wrap(row[index] ?? "", width ?? 1000)));
  const widths = columns.map(({ title }, index) =>
    Math.max(title.length, ...cells.flatMap((row) => (row[index] ?? []).map((text) => text.length))),
  );
  const show = (texts: readonly (string | undefined)[]): string =>
    texts
      .map((text, index) => (text ?? "").padEnd(widths[index] ?? 0))
      .join("  ")
      .trimEnd();
  const lines = cells.flatMap((row) => {
    const height = Math.max(...row.map((cell) => cell.length));
    return Array.from({ length: height }, (_, at) => show(row.map((cell) => cell[at])));
  });
  const head = heading(show(columns.map(({ title }) => title)));
  return [head, ...lines].map((text) => `${text}\n`).join("");
};

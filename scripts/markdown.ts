/** The pieces of Markdown that generated pages are made of. */

/** Inline code that may stand in a table's cell. */
export const code = (text: string): string => `\`${text.replaceAll("|", "\\|")}\``;

/** Inline code, separated by commas. */
export const codes = (texts: readonly string[]): string => texts.map(code).join(", ");

/** A block of code. */
export const fence = (language: string, text: string): string => `\`\`\`${language}\n${text.trimEnd()}\n\`\`\``;

/** A list. */
export const bullets = (sentences: readonly string[]): string =>
  sentences.map((sentence) => `- ${sentence}`).join("\n");

/** A table. */
export const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |`).join("\n");

const marker = (name: string, edge: "begin" | "end"): string => `<!-- ${edge} generated: ${name} -->`;

/** `page` with `content` between the markers called `name`; throws where the page has no such markers. */
export const replaceBetween = (page: string, name: string, content: string): string => {
  const begin = marker(name, "begin");
  const end = marker(name, "end");
  const from = page.indexOf(begin);
  const to = page.indexOf(end);
  if (from === -1 || to < from) throw new Error(`a page has no markers ${begin} and ${end}, in this order`);
  return `${page.slice(0, from + begin.length)}\n\n${content}\n\n${page.slice(to)}`;
};

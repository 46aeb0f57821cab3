/** The project's Markdown pages, and what tests need of them. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** The checkout. */
export const root = join(import.meta.dirname, "../..");

/** Every page for people, relative to the checkout. */
export const pages: readonly string[] = [
  ...readdirSync(root).filter((file) => file.endsWith(".md")),
  ...readdirSync(join(root, "docs"), { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".md"))
    .map((file) => join("docs", file)),
  "certs/README.md",
  "charts/podpass/README.md",
  "examples/README.md",
].filter((page) => existsSync(join(root, page)));

/** A page's text. */
export const textOf = (page: string): string => readFileSync(join(root, page), "utf8");

/** A fenced block. */
export interface Block {
  readonly language: string;
  readonly text: string;
  /** The line of its first line of text, from 1. */
  readonly line: number;
}

/** The fenced blocks of `text`. */
export const blocksOf = (text: string): readonly Block[] => {
  const blocks: Block[] = [];
  let open: { language: string; line: number; lines: string[] } | undefined;
  text.split("\n").forEach((line, index) => {
    const fence = /^```(\w*)$/.exec(line);
    if (open === undefined && fence) open = { language: fence[1] ?? "", line: index + 2, lines: [] };
    else if (open !== undefined && line === "```") {
      blocks.push({ language: open.language, line: open.line, text: `${open.lines.join("\n")}\n` });
      open = undefined;
    } else open?.lines.push(line);
  });
  if (open !== undefined) throw new Error(`a block is not closed, line ${open.line}`);
  return blocks;
};

/** The anchors that GitHub gives to the headings of `text`. */
export const anchorsOf = (text: string): ReadonlySet<string> =>
  new Set(
    text
      .replace(/^```[\s\S]*?^```/gm, "")
      .split("\n")
      .flatMap((line) => /^#+ (.+)$/.exec(line)?.[1] ?? [])
      .map((heading) =>
        heading
          .toLowerCase()
          .replace(/[^\p{L}\p{N}\s_-]/gu, "")
          .replaceAll(" ", "-"),
      ),
  );

/** The targets of the links in `text`, without those in code. */
export const linksOf = (text: string): readonly string[] =>
  [
    ...text
      .replace(/^```[\s\S]*?^```/gm, "")
      .replace(/`[^`\n]*`/g, "``")
      .matchAll(/\]\(([^)\s]+)\)/g),
  ].map((match) => match[1] ?? "");

/** How the demo shows things: YAML and differences in colour. */
import { createTwoFilesPatch } from "diff";
import pc from "picocolors";
import { stringify } from "yaml";

/** Prints a line. */
export const print = (text = ""): void => void process.stdout.write(`${text}\n`);

/** `value` as YAML, or a text, indented and dim. */
export const showDim = (value: unknown): void => {
  const text = typeof value === "string" ? value : stringify(value, { lineWidth: 0 });
  for (const line of text.trim().split("\n")) print(pc.dim(`  ${line}`));
};

/** The annotations of a ServiceAccount. */
export const showAnnotations = (annotations: Iterable<readonly [string, string]>): void => {
  for (const [key, value] of annotations) print(`   ${pc.yellow(key)}: ${value}`);
};

const colour = (line: string): string => {
  if (line.startsWith("+")) return pc.green(line);
  if (line.startsWith("-")) return pc.red(line);
  return line.startsWith("@@") ? pc.cyan(line) : line;
};

/** What an admission changed, as a difference of YAML. */
export const showDiff = (before: object, after: object): void => {
  const [written, admitted] = [before, after].map((object) => stringify(object, { lineWidth: 0 }));
  const diff = createTwoFilesPatch("before", "after", written ?? "", admitted ?? "", "", "", { context: 2 });
  for (const line of diff.split("\n").slice(3)) if (line !== "") print(`  ${colour(line)}`);
};

/** Which printed commands the tests have run, as a part of docs/presets.md. */
import type { Preset, TrustStep } from "../src/providers/provider-spec.ts";
import { TRIED, type Tried } from "../test/e2e/tools/tried.ts";
import { code, table } from "./markdown.ts";

/** The words up to the first option or value. */
const firstWords = (command: Extract<TrustStep, { command: unknown }>["command"]): string => {
  const words: string[] = [];
  for (const word of command) {
    if (typeof word !== "string" || !/^[A-Za-z][A-Za-z-]*$/.test(word)) break;
    words.push(word);
  }
  return words.join(" ");
};

const triedWith = ({ tool, how }: Tried): string =>
  tool === "shell" ? "the shells" : `${code(tool.name)} ${tool.version} (${tool.registry}), ${how}`;

/** The rows of one preset. */
const rowsOf = ({ name, trust }: Preset): readonly (readonly string[])[] =>
  trust.steps.flatMap((step) => {
    if (!("command" in step)) return [];
    const tried = TRIED.find(({ preset, titles }) => preset === name && titles.includes(step.title));
    const what = tried === undefined ? "not tried" : triedWith(tried);
    return [[`[${name}](#${name})`, code(firstWords(step.command)), step.title, what]];
  });

/** The table. */
export const commandsTable = (presets: readonly Preset[]): string =>
  table(["Preset", "Command", "For", "Tried with"], presets.flatMap(rowsOf));

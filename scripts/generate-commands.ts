/** Which printed commands and statements the tests have run, as a part of docs/presets.md. */
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

/** What is pasted, for the table; undefined where nothing is. */
const pasted = (step: TrustStep): string | undefined => {
  if ("command" in step) return code(firstWords(step.command));
  return "statement" in step ? `a statement in ${step.statement.language.toUpperCase()}` : undefined;
};

/** The rows of one preset. */
const rowsOf = ({ name, trust }: Preset): readonly (readonly string[])[] =>
  trust.steps.flatMap((step) => {
    const text = pasted(step);
    if (text === undefined) return [];
    const tried = TRIED.find(({ preset, titles }) => preset === name && titles.includes(step.title));
    const what = tried === undefined ? "not tried" : triedWith(tried);
    return [[`[${name}](#${name})`, text, step.title, what]];
  });

/** The table. */
export const commandsTable = (presets: readonly Preset[]): string =>
  table(["Preset", "Command", "For", "Tried with"], presets.flatMap(rowsOf));

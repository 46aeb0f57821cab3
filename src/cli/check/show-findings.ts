/** The findings for people. */
import { countLevels, type Finding, GROUPS } from "../../check/checks.ts";
import type { Facts } from "../../check/facts.ts";
import type { Level } from "../../check/verdict.ts";
import type { Colors, Output } from "../terminal.ts";

const ID_WIDTH = Math.max(...GROUPS.flatMap(({ checks }) => checks.map(({ id }) => id.length)));
/** Below the text, beside level and name. */
const INDENT = " ".repeat(ID_WIDTH + 10);

const painted = (level: Level, { green, yellow, red }: Colors): string => {
  const paint = { pass: green, warn: yellow, fail: red }[level];
  return paint(level);
};

const showFinding = ({ id, level, text, advice, details }: Finding, { colors }: Output): string => {
  const lines = [
    `  ${painted(level, colors)}  ${id.padEnd(ID_WIDTH)}  ${level === "pass" ? text : colors.bold(text)}`,
    ...details.map((detail) => colors.dim(`${INDENT}- ${detail}`)),
    ...(advice === undefined ? [] : [`${INDENT}> ${advice}`]),
  ];
  return lines.map((line) => `${line}\n`).join("");
};

const counted = (count: number, one: string, many: string): string => `${count} ${count === 1 ? one : many}`;

const verdictOf = (findings: readonly Finding[], { colors }: Output): string => {
  const { pass, warn, fail } = countLevels(findings);
  const numbers = `${pass} passed, ${counted(warn, "warning", "warnings")}, ${fail} failed`;
  if (fail > 0) return `${colors.red("This installation is not healthy")}: ${numbers}.\n`;
  return `${colors.green("This installation is healthy")}: ${numbers}.\n`;
};

/** All findings by group, and the sum of them. */
export const showFindings = (
  { installation: { namespace, name } }: Pick<Facts, "installation">,
  findings: readonly Finding[],
  out: Output,
): string => {
  const groups = GROUPS.flatMap(({ title }) => {
    const ofGroup = findings.filter(({ group }) => group === title);
    if (ofGroup.length === 0) return [];
    return [`${out.colors.bold(title)}\n${ofGroup.map((finding) => showFinding(finding, out)).join("")}`];
  });
  return `Podpass ${namespace}/${name}\n\n${groups.join("\n")}\n${verdictOf(findings, out)}`;
};

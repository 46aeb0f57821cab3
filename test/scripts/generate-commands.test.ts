import { describe, expect, it } from "vitest";
import { commandsTable } from "../../scripts/generate-commands.ts";
import { presets } from "../../src/providers/catalog.generated.ts";
import { TRIED, triedTitles } from "../e2e/tools/tried.ts";

/** The titles of a preset's commands and statements. */
const commandTitles = (preset: (typeof presets)[number]): readonly string[] =>
  preset.trust.steps.flatMap((step) => ("command" in step || "statement" in step ? [step.title] : []));

describe("the table of printed commands", () => {
  it("has every command and statement of every preset once", () => {
    const rows = commandsTable(presets).split("\n").slice(2);
    expect(rows).toHaveLength(presets.flatMap(commandTitles).length);
    expect(new Set(rows).size).toBe(rows.length);
    expect(rows.filter((row) => !row.endsWith("| not tried |"))).toHaveLength(
      TRIED.flatMap(({ titles }) => titles).length,
    );
  });

  it("says that a command was tried only where there is such a command", () => {
    for (const { preset, titles } of TRIED)
      expect(presets.filter(({ name }) => name === preset).flatMap(commandTitles)).toEqual(
        expect.arrayContaining([...titles]),
      );
  });
});

it.each(presets.filter((preset) => commandTitles(preset).length > 0))(
  "$name says with its commands that they were not tried, where some were not",
  (preset) => {
    const untried = commandTitles(preset).filter((title) => !triedTitles(preset.name).includes(title));
    const says = (preset.trust.unverified ?? []).some((sentence) =>
      /(command|statement).* (was|were) not tried(?! at a store)/u.test(sentence),
    );
    expect(says).toBe(untried.length > 0);
  },
);

import { describe, expect, it } from "vitest";
import { BOUNDED, parseText } from "../../src/yaml/parse.ts";

describe("parseText", () => {
  it.each([
    ["]", 1000],
    ["[]", 1003],
  ])("gives up a text of nothing but %s, of which each is an error", (piece, offset) => {
    const { documents, problem } = parseText(piece.repeat(1_000_000), BOUNDED);
    expect(documents).toStrictEqual([]);
    expect(problem).toStrictEqual({
      offset,
      message: "more than 1,000 syntax errors up to here; allowed: YAML or JSON",
    });
  });

  it.each([
    ["commas", `a: [${",".repeat(1_000_000)}`, 1005],
    ["keys that go on", `a: {${"a b,\n".repeat(20_000)}}`, 5004],
    ["anchors of one value", `- ${"&a ".repeat(20_000)}`, 3005],
    ["mappings in a line", "- a: b: c\n".repeat(10_000), 10_005],
    ["versions", "%YAML 9\n---\n".repeat(80_000), 12_000],
  ])(
    "gives up a text of %s, of which the composer finds each to be an error",
    { timeout: 60_000 },
    (_name, text, offset) => {
      const { documents, problem } = parseText(text, BOUNDED);
      expect(documents).toStrictEqual([]);
      expect(problem).toStrictEqual({
        offset,
        message: "more than 1,000 syntax errors up to here; allowed: YAML or JSON",
      });
    },
  );

  it("keeps no stack with an error, and restores that of others", () => {
    const [document] = parseText("[,,]", BOUNDED).documents;
    expect(document?.errors[0]?.stack).not.toContain("\n");
    expect(new Error("x").stack).toContain("\n");
  });
});

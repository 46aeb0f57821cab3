import { describe, expect, it } from "vitest";
import { limitWarnings } from "../../src/decision/limit-warnings.ts";
import type { Warning } from "../../src/reasons/reasons.ts";

const many = (count: number): readonly Warning[] =>
  Array.from({ length: count }, (_, index) => ({ reason: "unused-key", text: `${index} ${"x".repeat(90)}` }));

describe("limitWarnings", () => {
  it("caps them, and the last one counts the rest", () => {
    const warnings = limitWarnings(many(200));
    expect(warnings.reduce((sum, { text }) => sum + text.length, 0)).toBeLessThan(4096);
    expect(warnings.at(-1)?.text).toBe(`${200 - (warnings.length - 1)} more warnings are not shown`);
  });

  it("leaves a few as they are", () => {
    expect(limitWarnings(many(10))).toStrictEqual(many(10));
  });
});

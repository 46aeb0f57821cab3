import { describe, expect, it } from "vitest";
import { matchesPattern } from "../../src/configuration/patterns.ts";
import { workMs } from "../support/thread-time.ts";

describe("a pattern", () => {
  it.each([
    ["a", "a", true],
    ["a", "ab", false],
    ["a", "A", false],
    ["", "", true],
    ["*", "", true],
    ["*", "anything", true],
    ["a*", "a", true],
    ["*a", "ba", true],
    ["a*a", "a", false],
    ["a*a", "aa", true],
    ["a*b*c", "aXbYc", true],
    ["a*b*c", "acb", false],
    ["*ab*", "aab", true],
    ["*aab", "aaab", true],
    ["a**b", "ab", true],
    ["ab*bc", "abc", false],
    ["*x*x*", "x", false],
    ["a.c", "abc", false],
    ["a?", "ab", false],
    ["[a]", "a", false],
    ["https://*.example.com", "https://.example.com", true],
  ])("%s over %s: %s", (pattern, value, expected) => {
    expect(matchesPattern(pattern, value)).toBe(expected);
  });

  it("is never slow", () => {
    const matches = () => expect(matchesPattern(`${"*a".repeat(500)}b`, "a".repeat(1024))).toBe(false);
    expect(workMs(matches)).toBeLessThan(500);
  });
});

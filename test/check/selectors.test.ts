import { describe, expect, it } from "vitest";
import { readSelector, selects, showSelector } from "../../src/check/selectors.ts";

const expression = (operator: string, ...values: readonly string[]) => ({
  matchExpressions: [{ key: "a", operator, values }],
});

describe("label selectors", () => {
  it.each([
    [{}, {}, true],
    [undefined, { a: "1" }, true],
    [{ matchLabels: { a: "1" } }, { a: "1" }, true],
    [{ matchLabels: { a: "1" } }, { a: "2" }, false],
    [expression("In", "1", "2"), { a: "2" }, true],
    [expression("In", "1"), {}, false],
    [expression("NotIn", "1"), {}, true],
    [expression("NotIn", "1"), { a: "1" }, false],
    [expression("Exists"), { a: "" }, true],
    [expression("Exists"), { b: "1" }, false],
    [expression("DoesNotExist"), { b: "1" }, true],
    [expression("DoesNotExist"), { a: "1" }, false],
    [{ matchLabels: { b: "1" }, ...expression("Exists") }, { a: "1" }, false],
    [expression("Unheard"), { a: "1" }, false],
    [{ matchLabels: { __proto__: "1" } }, {}, true],
  ])("%j selects %j: %s", (selector, labels, expected) => {
    expect(selects(readSelector(selector), new Map(Object.entries(labels)))).toBe(expected);
  });

  it("are shown as people write them", () => {
    const selector = { matchLabels: { b: "1" }, ...expression("NotIn", "x", "y") };
    expect(showSelector(readSelector(selector))).toBe("b In (1), a NotIn (x, y)");
  });
});

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { JsonCursor, JsonSyntaxError } from "../../src/kube/json-cursor.ts";
import { workMs } from "../support/thread-time.ts";

/** The members of an object, read one by one; every second one is left to be stepped over. */
const everySecond = (text: string): ReadonlyMap<string, unknown> => {
  const members = new Map<string, unknown>();
  const cursor = new JsonCursor(text);
  let count = 0;
  cursor.object((key) => {
    if (count++ % 2 === 0) members.set(key, cursor.value());
  });
  cursor.end();
  return members;
};

describe("JsonCursor", () => {
  it("reads what JSON.parse reads, and steps over everything else", () => {
    const keys = fc.string({ unit: "binary", maxLength: 5 });
    const objects = fc.dictionary(keys, fc.jsonValue({ maxDepth: 2 }), { noNullPrototype: true });
    fc.assert(
      fc.property(objects, fc.constantFrom(undefined, 1, "\t"), (object, indent) => {
        const expected = Object.entries(object).filter((_, index) => index % 2 === 0);
        const read = everySecond(JSON.stringify(object, undefined, indent));
        expect([...read]).toStrictEqual(expected.map(([key, value]) => [key, JSON.parse(JSON.stringify(value))]));
      }),
    );
  });

  it("steps through an array", () => {
    const text = '[1, {"a": 2}, [3], "x"]';
    const cursor = new JsonCursor(text);
    expect([...cursor.elements()].length).toBe(4);
    cursor.end();
    const again = new JsonCursor(text);
    expect(Array.from(again.elements(), () => again.value())).toStrictEqual(JSON.parse(text));
  });

  it("steps over what is no object, without a call", () => {
    for (const text of ['"x"', "1", "null", "[{}]"]) {
      const cursor = new JsonCursor(text);
      cursor.object(() => expect.unreachable());
      cursor.end();
    }
  });

  it.each([
    "",
    "{",
    '{"a"',
    '{"a":',
    '{"a":1',
    '{"a":1,',
    '{"a":1 "b":2}',
    '{"a" 1}',
    "{a:1}",
    '{"a":[}',
    '{"a":"x}',
    '{"a":"x\\',
    '{"a":"\\"}',
    '{"a":1}}',
    '{"a":1} x',
    '{"\\x":1}',
    '{"a":nonsense}',
    "<html>",
  ])("says of %j that it is not JSON", (text) => {
    expect(() => {
      const cursor = new JsonCursor(text);
      cursor.object(() => void cursor.value());
      cursor.end();
    }).toThrow(JsonSyntaxError);
  });

  it.each([
    ["escaped quotes", `"${'\\"'.repeat(1_500_000)}"`],
    ["escaped characters", `"${"\\u003c".repeat(1_500_000)}"`],
    ["backslashes", `"${"\\\\".repeat(1_500_000)}"`],
    ["small members", `{${'"f:a":{},'.repeat(150_000)}"f:b":{}}`],
    ["depth", `${"[".repeat(700_000)}${"]".repeat(700_000)}`],
  ])("steps over megabytes of %s in a moment", (_, value) => {
    const text = `{"a":${value},"b":2}`;
    const steps = () =>
      expect([...everySecond(`{"z":0,${text.slice(1)}`)]).toStrictEqual([
        ["z", 0],
        ["b", 2],
      ]);
    expect(workMs(steps)).toBeLessThan(150);
  });
});

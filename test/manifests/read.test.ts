import { describe, expect, it } from "vitest";
import { readManifest } from "../../src/manifests/document.ts";
import { objectsIn } from "../../src/manifests/objects.ts";

const valuesOf = (text: string): readonly unknown[] => {
  const read = readManifest("t", text);
  if (!read.ok) throw new Error(JSON.stringify(read.problems));
  return read.file.documents.map(({ value }) => Object.fromEntries(value as Map<string, unknown>));
};

describe("JSON objects that follow each other", () => {
  it.each([
    ["in lines", '{"a": "1"}\n{"a": "2"}\n'],
    ["pretty", '{\n  "a": "1"\n}\n{\n  "a": "2"\n}\n'],
    ["without anything between", '{"a":"1"}{"a":"2"}'],
    ["with spaces between", '{"a":"1"} \t{"a":"2"}'],
    ["with blank lines between", '{"a":"1"}\n\n\n  {"a":"2"}\n\n'],
    ["with a separator between", '{"a":"1"}\n---\n{"a":"2"}'],
    ["behind a byte order mark", '\uFEFF{"a":"1"}\n{"a":"2"}'],
  ])("are documents: %s", (_, text) => {
    expect(valuesOf(text)).toEqual([{ a: "1" }, { a: "2" }]);
    const { documents } = readManifest("t", text).file;
    expect(documents.map(({ start, end }) => text.slice(start, end)).join("")).toBe(text);
  });

  it("are documents before and behind YAML", () => {
    expect(valuesOf('a: "0"\n---\n{"a":"1"}\n{"a":"2"}\n---\na: "3"\n')).toEqual(
      ["0", "1", "2", "3"].map((a) => ({ a })),
    );
  });

  it.each([
    ["{a: 1}\n{b: 2}\n", "t:2:1"],
    ['{"a": 1}\n{b: 2}\n', "t:2:1"],
    ['{"a": 1}\n---\n{b: 2} {"c": 3}\n', "t:3:8"],
    ['{"a": 1}\nb: 2\n', "t:2:1"],
    ['{"a": 1}}\n', "t:1:9"],
    ['[1]\n{"a": 1}\n', "t:2:1"],
    ['a: {"b": 1}\n{"c": 1}\n', "t:2:1"],
  ])("are none where they are not JSON: %j", (text, place) => {
    const read = readManifest("t", text);
    const [first] = read.ok ? [] : read.problems;
    expect(`${first?.file}:${first?.line}:${first?.column}`).toBe(place);
  });

  it("count as documents, so that there are not without end", () => {
    const read = readManifest("t", "{}".repeat(100_001));
    expect(read.ok ? [] : read.problems.map(({ message }) => message)).toEqual([
      "more than 100,000 documents; allowed: 100,000, the rest in another file",
    ]);
  });
});

describe("what is wrong with a file", () => {
  it("is told of its first problems, with how many more there are", () => {
    const read = readManifest("t", "a: 1\na: 2\n---\n".repeat(50));
    const problems = read.ok ? [] : read.problems;
    expect(problems).toHaveLength(21);
    expect(problems.at(-1)?.message).toBe("and 30 more from here on");
  });

  it.each([
    ["a text", "// c\n{}\n", 'found "// c {}"; allowed: an object, as YAML or JSON'],
    ["a number", "a: 1\n---\n12\n", 'found "12"; allowed: an object, as YAML or JSON'],
    [
      "objects in a list",
      '[{"apiVersion": "v1", "kind": "Pod"}]',
      "found a list of objects; allowed: a document for each",
    ],
  ])("is that it holds %s", (_, text, said) => {
    const read = readManifest("t", text);
    expect(read.ok ? [] : read.problems.map(({ message }) => message)).toEqual([expect.stringContaining(said)]);
  });

  it.each(["", "# nothing\n", "null\n", "- op: replace\n  path: /a\n", "---\n---\n"])("is nothing in %j", (text) => {
    expect(readManifest("t", text).ok).toBe(true);
  });

  it("does not hide the documents that nothing is wrong with", () => {
    const { file } = readManifest("t", "kind: A\n---\nkind: [\n---\nkind: C\n");
    expect(file.documents.flatMap(objectsIn).map(({ kind }) => kind)).toContain("A");
  });
});

import { describe, expect, it } from "vitest";
import { readPointer } from "../../src/manifests/add-value.ts";
import { type ManifestDocument, readManifest } from "../../src/manifests/document.ts";
import { withText } from "../../src/manifests/rewrite.ts";

const documentOf = (text: string): ManifestDocument => {
  const read = readManifest("test.yaml", text);
  const [document] = read.ok ? read.file.documents : [];
  if (document === undefined) throw new Error("not a document");
  return document;
};

/** `text` with the operations, each `pointer value`. */
const written = (text: string, ...operations: readonly (readonly [pointer: string, value: unknown])[]): string =>
  withText(
    documentOf(text),
    operations.map(([pointer, value]) => ({ path: readPointer(pointer), value })),
  );

const cases: readonly {
  readonly name: string;
  readonly before: string;
  readonly operations: readonly (readonly [string, unknown])[];
  readonly after: string;
}[] = [
  {
    name: "sets a member behind the last, with its comment",
    before: "a: 1 # one\nb: 2   # two\n",
    operations: [["/c", { d: "yes" }]],
    after: 'a: 1 # one\nb: 2   # two\nc:\n  d: "yes"\n',
  },
  {
    name: "puts items in front of a list, above the comment of its first",
    before: "env:   # all of it\n  # mine\n  - name: A\n    value: 'x'\n",
    operations: [
      ["/env/0", { name: "B" }],
      ["/env/1", { name: "C" }],
    ],
    after: "env:   # all of it\n  - name: B\n  - name: C\n  # mine\n  - name: A\n    value: 'x'\n",
  },
  {
    name: "appends to a list behind a block scalar",
    before: "args:\n- |\n  echo\n\n  hi\nz: 1\n",
    operations: [["/args/-", "last"]],
    after: "args:\n- |\n  echo\n\n  hi\n- last\nz: 1\n",
  },
  {
    name: "appends to a list at the end of a file without a line break",
    before: "args:\n- a",
    operations: [["/args/-", "b"]],
    after: "args:\n- a\n- b",
  },
  {
    name: "makes a list and fills it",
    before: "spec:\n    x:\n        - 1\n",
    operations: [
      ["/spec/env", []],
      ["/spec/env/0", { name: "A" }],
      ["/spec/env/0", { name: "B" }],
    ],
    after: "spec:\n    x:\n        - 1\n    env:\n        - name: B\n        - name: A\n",
  },
  {
    name: "fills what ends at the same place from the inside out",
    before: "c:\n- name: a\n  m:\n  - x\n",
    operations: [
      ["/c/0/m/-", "w"],
      ["/c/0/env", ["e"]],
      ["/c/-", { name: "b" }],
      ["/v", 1],
    ],
    after: "c:\n- name: a\n  m:\n  - x\n  - w\n  env:\n  - e\n- name: b\nv: 1\n",
  },
  {
    name: "fills what is written as nothing",
    before: "a:\nb: ~\nc: null # none\nd: [] # none\ne: {}\n",
    operations: [
      ["/a", {}],
      ["/a/k", "v"],
      ["/b", ["x"]],
      ["/c", { k: "v" }],
      ["/d/-", "x"],
      ["/e/k", "v"],
    ],
    after: "a:\n  k: v\nb:\n- x\nc: # none\n  k: v\nd: # none\n- x\ne:\n  k: v\n",
  },
  {
    name: "fills what is empty but for comments, and leaves these where they are",
    before: "a:   # all\n  # k: v\nb: &b # all\n# - x\nc:\n  # all\n  ~ # none\nd: [ # all\n  # x\n  ]\n",
    operations: [
      ["/a", {}],
      ["/a/k", "w"],
      ["/b", ["v"]],
      ["/c", ["z"]],
      ["/d/-", "x"],
      ["/d/-", "y"],
    ],
    after:
      'a:   # all\n  k: w\n  # k: v\nb: &b # all\n- v\n# - x\nc:\n  # all\n   # none\n- z\nd: [ # all\n  # x\n    "x",\n    "y"\n  ]\n',
  },
  {
    name: "puts a scalar in front of the comment of what is empty",
    before: "a:  # one\nb: &b\nc: {d: , e: 1} # three\n",
    operations: [
      ["/a", 1],
      ["/b", "y"],
      ["/c/d", "x"],
    ],
    after: 'a: 1  # one\nb: &b "y"\nc: {d: "x" , e: 1} # three\n',
  },
  {
    name: "replaces scalars in their place",
    before: "a: 1 # one\nb: 'x'\nc: | # three\n  text\nd: 1\n",
    operations: [
      ["/a", 600],
      ["/b", "z"],
      ["/c", "no"],
      ["/d", "two\nlines\n"],
    ],
    after: 'a: 600 # one\nb: z\nc: "no" # three\nd: "two\\nlines\\n"\n',
  },
  {
    name: "keeps flow collections in their line",
    before: "a: {x: 1, l: [1, 2]} # end\nb: [ {o: 1} ]\n",
    operations: [
      ["/a/z", { k: "v" }],
      ["/a/l/-", 3],
      ["/b/0", "first"],
      ["/b/1/m", []],
      ["/b/1/m/-", "x"],
    ],
    after: 'a: {x: 1, l: [1, 2, 3], "z": {"k": "v"}} # end\nb: [ "first", {o: 1, "m": ["x"]} ]\n',
  },
  {
    name: "keeps JSON as JSON, and its indentation",
    before: '{\n\t"a": [\n\t\t1\n\t],\n\t"b": {}, "c": []\n}\n',
    operations: [
      ["/a/0", 0],
      ["/a/-", { x: true }],
      ["/b/k", "v"],
      ["/c/-", 1],
      ["/d", null],
    ],
    after:
      '{\n\t"a": [\n\t\t0,\n\t\t1,\n\t\t{\n\t\t\t"x": true\n\t\t}\n\t],\n\t"b": {\n\t\t"k": "v"\n\t}, "c": [\n\t\t1\n\t],\n\t"d": null\n}\n',
  },
  {
    name: "keeps line ends",
    before: "a:\r\n- 1\r\nb: 2\r\n",
    operations: [
      ["/a/-", { x: 1, z: 2 }],
      ["/c", "z"],
    ],
    after: "a:\r\n- 1\r\n- x: 1\r\n  z: 2\r\nb: 2\r\nc: z\r\n",
  },
  {
    name: "gives the user of an anchor a copy",
    before: "a: &a # of all\n  k: v\nb: *a # here\nc:\n- *a\nd:\n  <<: *a\n  x: 1\n",
    operations: [
      ["/b/o", 1],
      ["/c/0/o", 2],
      ["/d/k", "w"],
    ],
    after: "a: &a # of all\n  k: v\nb: # here\n  k: v\n  o: 1\nc:\n- k: v\n  o: 2\nd:\n  <<: *a\n  x: 1\n  k: w\n",
  },
  {
    name: "frees the other users of an anchor that changes",
    before: "a: &a # of all\n  k: v\nb: *a\nc:\n  <<: *a\n  x:   1\n",
    operations: [["/a/o", 1]],
    after: "a:\n  # of all\n  k: v\n  o: 1\nb:\n  k: v\nc:\n  k: v\n  x: 1\n",
  },
  {
    name: "keeps the comments of what is written anew",
    before: "a: &a [1]\nb: *a # of b\nc: # of c\n# below\nd: &d # of d\ne: [*a] # of e\n",
    operations: [
      ["/a/-", 2],
      ["/c", ["x"]],
      ["/d", ["z"]],
    ],
    after: "a: [ 1, 2 ]\nb:\n# of b\n- 1\nc:\n# of c\n# below\n- x\n\nd:\n# of d\n- z\ne: [ [ 1 ] ] # of e\n",
  },
  {
    name: "keeps keys that objects have of themselves",
    before: "m:\n  __proto__: {x: 1}\n  constructor: a\n",
    operations: [
      ["/m/toString", "b"],
      ["/m/__proto__/y", 2],
    ],
    after: 'm:\n  __proto__: {x: 1, "y": 2}\n  constructor: a\n  toString: b\n',
  },
  {
    name: "keeps separators, directives and comments around",
    before: "%YAML 1.2\n---\n# above\na: [1]\n# below\n...\n# after\n",
    operations: [["/a/-", 2]],
    after: "%YAML 1.2\n---\n# above\na: [1, 2]\n# below\n...\n# after\n",
  },
];

describe("withText", () => {
  it.each(cases)("$name", ({ before, operations, after }) => {
    expect(written(before, ...operations)).toBe(after);
  });

  it("gives back the text where nothing is added", () => {
    expect(written("a:   1\n\n\n# end")).toBe("a:   1\n\n\n# end");
  });
});

describe("readManifest", () => {
  it.each([
    ["a: 0644", 420n],
    ["a: 0o644", 420n],
    ["a: 0x1F", 31n],
    ["a: 1_000", 1000n],
    ["a: -7", -7n],
    ["a: 123456789012345678901234567890", 123456789012345678901234567890n],
    ["a: yes", true],
    ["a: Off", false],
    ["a: 'yes'", "yes"],
    ["a: 12:30:45", "12:30:45"],
    ["a: 2001-01-01", "2001-01-01"],
    ["a: 1.5", 1.5],
    ["a:", null],
  ])("reads %s as kubectl does", (text, value) => {
    expect(documentOf(text).value).toEqual(new Map([["a", value]]));
  });

  it.each([
    ["a: [1\nb: 2\n", "test.yaml:2:1"],
    ["ok: 1\n---\na: 1\na: 2\n", "test.yaml:4:1"],
    ["a: *nothing\n", "test.yaml:1:4"],
  ])("says where %j is wrong", (text, place) => {
    const read = readManifest("test.yaml", text);
    const [problem] = read.ok ? [] : read.problems;
    expect(`${problem?.file}:${problem?.line}:${problem?.column}`).toBe(place);
  });

  it("refuses aliases that grow without end", () => {
    const lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"];
    for (let i = 1; i < 9; i++)
      lines.push(
        `a${i}: &a${i} [${Array(10)
          .fill(`*a${i - 1}`)
          .join(", ")}]`,
      );
    expect(readManifest("bomb.yaml", lines.join("\n"))).toMatchObject({ ok: false });
  });

  it("cuts a stream behind a line break, where the last value is empty too", () => {
    const text = "a:\n---\nb:  \r\n\n---\nc: # c\n---\n- d:\n";
    const read = readManifest("test.yaml", text);
    const pieces = read.ok ? read.file.documents.map(({ start, end }) => text.slice(start, end)) : [];
    expect(pieces).toEqual(["a:\n", "---\nb:  \r\n", "\n---\nc: # c\n", "---\n- d:\n"]);
  });

  it("cuts a stream so that its pieces are the whole", () => {
    const text = "\uFEFF# top\n---\na: 1\n# end\n---\n\n---\n# c\nb: 2\n...\n# d\n---\nc: 3";
    const read = readManifest("test.yaml", text);
    expect(read.ok && read.file.documents.map(({ start, end }) => text.slice(start, end)).join("")).toBe(text);
  });
});

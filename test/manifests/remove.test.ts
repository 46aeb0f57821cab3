import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { stringify } from "yaml";
import { isSameValue, readPointer } from "../../src/manifests/add-value.ts";
import { type ManifestDocument, readManifest } from "../../src/manifests/document.ts";
import { editInPlace } from "../../src/manifests/edit-in-place.ts";
import { hoisted, withRemovals } from "../../src/manifests/remove-value.ts";
import { isMapping } from "../../src/yaml/values.ts";

const documentOf = (text: string): ManifestDocument => {
  const read = readManifest("test.yaml", text);
  const [document] = read.ok ? read.file.documents : [];
  if (document === undefined) throw new Error("not a document");
  return document;
};

const without = (text: string, ...pointers: readonly string[]): string | undefined => {
  const document = documentOf(text);
  const removals = hoisted(document.value, pointers.map(readPointer));
  return editInPlace(document, { renames: [], removals, additions: [] })?.text;
};

const cases: readonly {
  readonly name: string;
  readonly before: string;
  readonly gone: readonly string[];
  /** Undefined: it cannot be done in place. */
  readonly after: string | undefined;
}[] = [
  {
    name: "a member with its comments, and no other's",
    before: "# top\na: 1 # one\n# of b\n# more of b\nb: # two\n  c: 2\n  # deeper\n# of d\nd: 3\n",
    gone: ["/b"],
    after: "# top\na: 1 # one\n# of d\nd: 3\n",
  },
  {
    name: "comments that a blank line keeps apart stay",
    before: "a: 1\n# a heading\n\n# of b\nb: 2\nc: 3\n",
    gone: ["/b"],
    after: "a: 1\n# a heading\n\nc: 3\n",
  },
  {
    name: "an item, and the collection of the last ones",
    before: "s:\n  volumes:\n  - name: a\n    x: {}\n  # the token\n  - name: b\n  m:\n  - k: 1\n",
    gone: ["/s/volumes/1", "/s/m/0"],
    after: "s:\n  volumes:\n  - name: a\n    x: {}\n",
  },
  {
    name: "all of several collections",
    before: "s:\n  env:\n    - a: 1\n    - b: 2\n  image: x\n",
    gone: ["/s/env/0", "/s/env/1"],
    after: "s:\n  image: x\n",
  },
  {
    name: "the first member behind a dash",
    before: "- env: [1] # gone\n  name: x\n- env: 1\n  # of name\n  name: y\n",
    gone: ["/0/env", "/1/env"],
    after: "- name: x\n-\n  # of name\n  name: y\n",
  },
  {
    name: "the last line without a break",
    before: "a: 1\nb: 2",
    gone: ["/b"],
    after: "a: 1",
  },
  {
    name: "block scalars, and Windows' line breaks",
    before: "a: |\r\n  x\r\n\r\n  y\r\nb: >-\r\n  z\r\nc: 1\r\n",
    gone: ["/a", "/b"],
    after: "c: 1\r\n",
  },
  {
    name: "members and items of flow collections",
    before: "{a: 1, b: [x, y,  z], c: [q]}\n",
    gone: ["/a", "/b/1", "/b/2", "/c/0"],
    after: "{b: [x]}\n",
  },
  {
    name: "JSON on many lines",
    before: '{\n  "a": [\n    1,\n    2\n  ],\n  "b": 12345678901234567890\n}\n',
    gone: ["/a/0"],
    after: '{\n  "a": [\n    2\n  ],\n  "b": 12345678901234567890\n}\n',
  },
  {
    name: "a list with its items in comments, and not with those of others",
    before:
      "c:\n- env:\n  - a: 1\n  # - b: 2\n  #   v: x\n  mounts:\n  - a: 1\n  # later:\n  # - {b: 2}\n  #   # or\n  # - c: 3\n  # Ports:\n  # - http\n  ports: [1]\n",
    gone: ["/c/0/mounts"],
    after: "c:\n- env:\n  - a: 1\n  # - b: 2\n  #   v: x\n  # Ports:\n  # - http\n  ports: [1]\n",
  },
  {
    name: "a key below lists that are empty but for comments",
    before: "a:\n# - b: 1\nc:\n- 1\nd: [] # none\n# - e: 1\n# of f\nf:\n- 1\n# - g: 1\n",
    gone: ["/c", "/f"],
    after: "a:\n# - b: 1\nd: [] # none\n# - e: 1\n",
  },
  {
    name: "an item, and not those in comments behind it",
    before: "a:\n- b: 1\n- c: 1\n# - d: 1\ne: 1\n",
    gone: ["/a/1"],
    after: "a:\n- b: 1\n# - d: 1\ne: 1\n",
  },
  { name: "not what an anchor shares", before: "a: &x\n  k: 1\n  l: 2\nb: *x\n", gone: ["/a/k"], after: undefined },
  { name: "not through an alias", before: "a: &x\n  k: 1\n  l: 2\nb: *x\n", gone: ["/b/k"], after: undefined },
  { name: "not an anchor that is used", before: "a: &x 1\nb: *x\n", gone: ["/a"], after: undefined },
  {
    name: "an anchor that is not in the way",
    before: "a: &x 1\nb: *x\nc: 2\n",
    gone: ["/c"],
    after: "a: &x 1\nb: *x\n",
  },
  {
    name: "not what a merge brings",
    before: "a: &x\n  k: 1\nb:\n  <<: *x\n  l: 2\n",
    gone: ["/b/k"],
    after: undefined,
  },
  { name: "a comment inside a flow collection", before: "{a: 1, # one\n b: 2}\n", gone: ["/a"], after: undefined },
];

describe("removals", () => {
  it.each(cases)("$name", ({ before, gone, after }) => {
    expect(without(before, ...gone)).toBe(after);
  });

  it("renames and adds beside them", () => {
    const document = documentOf("metadata:\n  annotations:\n    # the role\n    'old': x # why\n    gone: y\n");
    const { text } =
      editInPlace(document, {
        renames: [{ path: ["metadata", "annotations", "old"], key: "aws.podpass.dev/role-arn" }],
        removals: [["metadata", "annotations", "gone"]],
        additions: [{ path: ["metadata", "annotations", "podpass.dev/federate"], value: "aws" }],
      }) ?? {};
    expect(text).toBe(
      "metadata:\n  annotations:\n    # the role\n    aws.podpass.dev/role-arn: x # why\n    podpass.dev/federate: aws\n",
    );
  });
});

const word = fc.stringMatching(/^[a-z]{1,5}$/);
const leaf = fc.oneof(word, fc.constantFrom("yes", "", "x\ny\n", "a: b", "# x", 7, null, true), fc.constant([]));
const { value: tree } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    leaf,
    fc.array(tie("value"), { minLength: 1, maxLength: 4 }),
    fc.dictionary(word, tie("value"), { minKeys: 1, maxKeys: 4 }),
  ),
}));
// Of one object twice the library would write an alias.
const root = fc.dictionary(word, tree, { minKeys: 1, maxKeys: 4 }).map((value) => JSON.parse(JSON.stringify(value)));

const notation = fc.oneof(
  fc
    .record({ indent: fc.constantFrom(2, 4), indentSeq: fc.boolean(), lineWidth: fc.constantFrom(0, 40) })
    .map((options) => (value: object) => stringify(value, { ...options, compat: "yaml-1.1" })),
  fc.constantFrom(0, 2, "\t").map((space) => (value: object) => `${JSON.stringify(value, null, space)}\n`),
  fc.constant((value: object) => stringify(value, { collectionStyle: "flow", lineWidth: 0, compat: "yaml-1.1" })),
  fc.constant((value: object) => stringify(value, { compat: "yaml-1.1" }).replaceAll("\n", "\r\n")),
  fc.constant((value: object) => stringify(value, { compat: "yaml-1.1" }).trimEnd()),
);

/** Every path into `value`, not those inside another that is taken. */
const chosen = (value: unknown, take: () => boolean, path: readonly string[] = []): readonly (readonly string[])[] => {
  if (path.length > 0 && take()) return [path];
  if (Array.isArray(value)) return value.flatMap((item, index) => chosen(item, take, [...path, String(index)]));
  if (isMapping(value)) return [...value].flatMap(([key, item]) => chosen(item, take, [...path, String(key)]));
  return [];
};

/** Is `part` what is left of `whole` where some of it is taken away? */
const isLeftOf = (part: string, whole: string): boolean => {
  let at = 0;
  for (const character of part) {
    at = whole.indexOf(character, at) + 1;
    if (at === 0) return false;
  }
  return true;
};

describe("removals of any value in any notation", () => {
  it("leave what the value is without them, and of the text nothing else than was there", () => {
    let done = 0;
    fc.assert(
      fc.property(root, notation, fc.infiniteStream(fc.integer({ min: 0, max: 5 })), (value, write, stream) => {
        const source = write(value);
        const document = documentOf(source);
        const removals = hoisted(
          document.value,
          chosen(document.value, () => stream.next().value === 0),
        );
        if (removals.some((path) => path.length === 0)) return;
        const all = document.value as ReadonlyMap<unknown, unknown>;
        if (removals.filter((path) => path.length === 1).length === all.size) return;
        const { text = "" } = editInPlace(document, { renames: [], removals, additions: [] }) ?? {};
        expect(isSameValue(documentOf(text).value, withRemovals(document.value, removals))).toBe(true);
        expect(isLeftOf(text, source)).toBe(true);
        done++;
      }),
      { numRuns: 300 },
    );
    expect(done).toBeGreaterThan(200);
  });

  it("leave the comments of every line that stays", () => {
    fc.assert(
      fc.property(root, fc.infiniteStream(fc.integer({ min: 0, max: 5 })), (value, stream) => {
        const plain = JSON.parse(JSON.stringify(value).replaceAll("\\n", " ").replaceAll("[]", '"e"'));
        const lines = stringify(plain, { compat: "yaml-1.1", lineWidth: 0 }).trimEnd().split("\n");
        const source = lines.map((line, index) => `${line} # ${index}\n`).join("");
        const document = documentOf(source);
        const removals = hoisted(
          document.value,
          chosen(document.value, () => stream.next().value === 0),
        );
        const all = document.value as ReadonlyMap<unknown, unknown>;
        if (removals.filter((path) => path.length === 1).length === all.size) return;
        const { text = "" } = editInPlace(document, { renames: [], removals, additions: [] }) ?? {};
        const left = new Set(text.split("\n"));
        const before = source.split("\n");
        // Each line that is left is one that was there, or what moved up behind a dash.
        const contentOf = (line: string) => line.replace(/^[- ]*/, "");
        const contents = new Set(before.map(contentOf));
        for (const line of left) expect(contents).toContain(contentOf(line));
      }),
      { numRuns: 150 },
    );
  });
});

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseAllDocuments, stringify } from "yaml";
import { READ_OPTIONS } from "../../src/manifests/kubernetes-yaml.ts";
import { MAX_ALIASED_VALUES, MAX_DEPTH, MAX_DOCUMENTS, MAX_TOLD_PROBLEMS } from "../../src/yaml/limits.ts";
import { Lines } from "../../src/yaml/lines.ts";
import { readYaml, toldProblems } from "../../src/yaml/read.ts";
import { toPlain } from "../../src/yaml/values.ts";

/** `LINE:COLUMN: MESSAGE` of each problem. */
const problems = (text: string): readonly string[] => {
  const { documents, problem } = readYaml(text, READ_OPTIONS);
  const lines = new Lines(text);
  return [...(problem ? [problem] : []), ...documents.flatMap((one) => one.problems)].map(({ offset, message }) => {
    const { line, column } = lines.placeOf(offset);
    return `${line}:${column}: ${message}`;
  });
};

const valuesOf = (text: string): readonly unknown[] =>
  readYaml(text, READ_OPTIONS).documents.map(({ value, problems: found }) => (found.length > 0 ? found : value));

const INSIDE = "this alias stands inside its own anchor";
const NO_KEY = "a list, mapping or alias is no key; allowed: a string or a number";
const TOO_DEEP = `nested deeper than ${MAX_DEPTH} lists and mappings; allowed: ${MAX_DEPTH}`;

describe("readYaml says where and what is wrong with", () => {
  it.each<[string, string, readonly string[]]>([
    [
      "an alias inside its own anchor",
      "metadata: &m {annotations: *m}\n",
      [`1:28: ${INSIDE} "m"; allowed: one that ends`],
    ],
    ["one deep inside", "a: &a\n- b:\n  - {c: [*a]}\n", [`3:10: ${INSIDE} "a"; allowed: one that ends`]],
    ["one that merges itself", "a: &a {<<: *a}\n", [`1:12: ${INSIDE} "a"; allowed: one that ends`]],
    ["one that is a key of itself", "a: &a {*a : b}\n", [`1:8: ${NO_KEY}`]],
    [
      "an alias in front of its anchor",
      "a: *a\nb: &a 1\n",
      ['1:4: there is no anchor "a" in front of this alias; allowed: one that is'],
    ],
    [
      "an anchor of another document",
      "a: &a 1\n---\nb: *a\n",
      ['3:4: there is no anchor "a" in front of this alias; allowed: one that is'],
    ],
    ["a list as a key", "? [a]\n: b\n", [`1:3: ${NO_KEY}`]],
    ["a mapping as a key", "{a: b}: c\n", [`1:1: ${NO_KEY}`]],
    ["a key twice", "a: 1\nb: 2\na: 3\n", ['3:1: key "a" is there twice; allowed: once']],
    [
      "a value of a template that nobody rendered",
      "a: {{ .Values.a }}\nb: 1\n",
      [
        '1:4: found "{{"; a template is no manifest: render it first, as helm template does',
        "1:5: a list, mapping or alias is no key; allowed: a string or a number",
      ],
    ],
    [
      "a line of a template that nobody rendered",
      "a: 1\n{{- if .Values.b }}\nb: 1\n",
      [
        '2:1: found "{{"; a template is no manifest: render it first, as helm template does',
        ...Array(4).fill(expect.any(String)),
      ],
    ],
    ["a key in two notations", 'x: {8080: a, "8080": b}\n', ['1:14: key "8080" is there twice; allowed: once']],
    [
      "a merge of a text",
      "<<: a\n",
      ["1:1: << merges mappings, and something else is here; allowed: a mapping, or a list of them"],
    ],
    ["half a character", 'a: "\\ud83d"\n', ["1:4: half of a surrogate pair is no character; allowed: both halves"]],
    ["too many brackets", "[".repeat(100_000), [`1:${MAX_DEPTH + 2}: ${TOO_DEEP}`]],
    ["too many closed brackets", `a: ${"[".repeat(5000)}${"]".repeat(5000)}`, [`1:${MAX_DEPTH + 4}: ${TOO_DEEP}`]],
    [
      "JSON that is too deep",
      `${'{"a":'.repeat(100_000)}1${"}".repeat(100_000)}`,
      [`1:${5 * MAX_DEPTH + 6}: ${TOO_DEEP}`],
    ],
    ["too many dashes", `${"- ".repeat(100_000)}x`, [`1:${2 * MAX_DEPTH + 3}: ${TOO_DEEP}`]],
    [
      "too many documents",
      "---\n".repeat(MAX_DOCUMENTS + 5),
      [`${MAX_DOCUMENTS + 1}:1: more than 100,000 documents; allowed: 100,000, the rest in another file`],
    ],
  ])("%s", (_, text, wanted) => {
    expect(problems(text)).toStrictEqual(wanted);
  });

  it("block mappings that are too deep", () => {
    const text = Array.from({ length: 3000 }, (_, depth) => `${" ".repeat(depth)}a:\n`).join("");
    expect(problems(text)).toStrictEqual([`${MAX_DEPTH + 2}:${MAX_DEPTH + 2}: ${TOO_DEEP}`]);
  });

  it("aliases that grow without end, at the one that is too many, whichever document it is in", () => {
    const level = (i: number) => `a${i + 1}: &a${i + 1} [${Array(10).fill(`*a${i}`).join(", ")}]\n`;
    const text = `a0: &a0 [x]\n${[0, 1, 2, 3, 4, 5, 6].map(level).join("")}---\nb: &b x\nc: *b\n`;
    expect(problems(text)).toStrictEqual([
      expect.stringMatching(/^6:\d+: up to here the file's aliases stand for more than 100,000 values; allowed/),
      expect.stringMatching(/^11:4: up to here/),
    ]);
  });

  it("a long text that aliases repeat", () => {
    const text = `a: &a ${"x".repeat(100_000)}\nb:\n${"- *a\n".repeat(200)}`;
    expect(problems(text)).toStrictEqual([expect.stringMatching(/^102:3: up to here the file's aliases stand for/)]);
  });
});

describe("readYaml reads", () => {
  it("what is nested as deep as is allowed, in each notation", () => {
    const block = Array.from({ length: MAX_DEPTH }, (_, depth) => `${" ".repeat(depth)}a:\n`).join("");
    const texts = [`${"[".repeat(MAX_DEPTH)}1${"]".repeat(MAX_DEPTH)}`, `${"- ".repeat(MAX_DEPTH)}1`, block];
    for (const text of [...texts, `${"[a: ".repeat(MAX_DEPTH)}1${"]".repeat(MAX_DEPTH)}`]) {
      expect(problems(text)).toStrictEqual([]);
    }
  });

  it("as many aliases as anybody needs", () => {
    const template = Array.from({ length: 400 }, (_, i) => `k${i}: v`).join(", ");
    const text = `t: &t {${template}}\nall:\n${"- *t\n".repeat(MAX_ALIASED_VALUES / 1000)}`;
    expect(problems(text)).toStrictEqual([]);
  });

  it.each<[string, string, unknown]>([
    [
      "special keys",
      "{__proto__: a, constructor: b, toString: c}",
      { ["__proto__"]: "a", constructor: "b", toString: "c" },
    ],
    [
      "null, numbers and booleans as keys",
      "{~: a, 8080: b, true: c, 1.5: d}",
      { null: "a", 8080: "b", true: "c", 1.5: "d" },
    ],
    ["an empty key", ": a\n", { null: "a" }],
    [
      "merges, of which the first has the last word",
      "x: [&a {k: 1, l: 1}, &b {k: 2, m: 2}]\nz: {<<: [*a, *b], l: 3}",
      {
        x: [
          { k: 1, l: 1 },
          { k: 2, m: 2 },
        ],
        z: { k: 1, l: 3, m: 2 },
      },
    ],
    ["an anchor that is set again", "- &a 1\n- *a\n- &a 2\n- *a\n", [1, 1, 2, 2]],
    [
      "tags of YAML 1.1 as kubectl does",
      "a: !!set {x}\nb: !!omap [x: 1, x: 2]\nc: !!binary aGk=\n",
      { a: { x: null }, b: [{ x: 1 }, { x: 2 }], c: "aGk=" },
    ],
    [
      "control characters that the library's lexer uses itself",
      'a: "\u0002 \u0018 \u001f"\nb: x\u001fy\n',
      { a: "\u0002 \u0018 \u001f", b: "x\u001fy" },
    ],
  ])("%s", (_, text, wanted) => {
    expect(valuesOf(text).map(toPlain)).toEqual([wanted]);
  });

  it("what the library reads, aliases too", () => {
    const { value } = fc.letrec((tie) => ({
      value: fc.oneof({ depthSize: "small" }, fc.jsonValue({ maxDepth: 0 }), tie("list"), tie("mapping")),
      list: fc.array(tie("value"), { maxLength: 4 }),
      mapping: fc.dictionary(fc.string({ maxLength: 6 }), tie("value"), { maxKeys: 4 }),
    }));
    fc.assert(
      fc.property(value, fc.boolean(), (shared, isFlow) => {
        const style = isFlow ? ({ collectionStyle: "flow" } as const) : {};
        const text = stringify({ one: shared, two: [shared, { three: shared }] }, { compat: "yaml-1.1", ...style });
        const [theirs] = parseAllDocuments(text, { ...READ_OPTIONS, uniqueKeys: true });
        expect(valuesOf(text)).toEqual([theirs?.toJS({ mapAsMap: true })]);
      }),
    );
  });

  it("every text, or says why not", () => {
    const piece = fc.oneof(
      fc.constantFrom(
        ..."[]{}:,-?&*!|>'\"%@`#\n \t",
        "---\n",
        "...\n",
        "&a ",
        "*a",
        "<<: ",
        "? ",
        "- ",
        "\u001f",
        "\u0000",
        "\uFEFF",
        "\r\n",
        "!!binary ",
        "%YAML 1.1\n",
      ),
      fc.string({ maxLength: 3, unit: "binary" }),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
        expect(() => problems(pieces.join(""))).not.toThrow();
      }),
      { numRuns: 500 },
    );
  });
});

describe("toldProblems", () => {
  it("tells the first, and how many more there are from where on", () => {
    const all = Array.from({ length: 5000 }, (_, offset) => ({ offset, message: "x" }));
    expect(toldProblems(all.slice(0, MAX_TOLD_PROBLEMS))).toHaveLength(MAX_TOLD_PROBLEMS);
    expect(toldProblems(all)).toHaveLength(MAX_TOLD_PROBLEMS + 1);
    expect(toldProblems(all).at(-1)).toStrictEqual({
      offset: MAX_TOLD_PROBLEMS,
      message: "and 4,980 more from here on",
    });
  });
});

describe("Lines", () => {
  it("knows the place of each offset, and where its line begins", () => {
    const lines = new Lines("ab\n\r\nc");
    expect([0, 2, 3, 4, 5, 6].map((offset) => lines.placeOf(offset))).toStrictEqual([
      { line: 1, column: 1 },
      { line: 1, column: 3 },
      { line: 2, column: 1 },
      { line: 2, column: 2 },
      { line: 3, column: 1 },
      { line: 3, column: 2 },
    ]);
    expect([1, 4, 6].map((offset) => lines.startOf(offset))).toStrictEqual([0, 3, 5]);
  });
});

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadSharedConfigFiles } from "@smithy/core/config";
import { parse as parseProperties } from "dot-properties";
import fc from "fast-check";
import { parse } from "smol-toml";
import { afterAll, describe, expect, it } from "vitest";
import { isPlainValue } from "../../src/configuration/names.ts";
import { parseFile, renderFile } from "../../src/providers/file-template.ts";
import { isIniValue } from "../../src/providers/ini.ts";
import type { IniTemplate, JsonTemplate, PropertiesTemplate } from "../../src/providers/provider-spec.ts";

/** What a parameter may hold, with what formats make something of. */
const value = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        "'",
        '"',
        "\\",
        "#",
        ";",
        "=",
        "[",
        "]",
        "{",
        "$",
        "\\n",
        '"""',
        " ",
        "\u2028",
        "\ufeff",
        "é",
        "🦭",
      ),
      fc.string(),
    ),
    { maxLength: 6 },
  )
  .map((parts) => parts.join("").toWellFormed())
  .filter((text) => isPlainValue(text));

const NAMES = ["a", "b", "c"] as const;
const parameters = fc.record({ a: fc.option(value), b: fc.option(value), c: fc.option(value) });
type Parameters = Record<(typeof NAMES)[number], string | null>;

const template = fc.constantFrom(...NAMES).map((name) => `\${parameter.${name}}`);

const render = (
  file: {
    readonly toml?: Record<string, JsonTemplate>;
    readonly ini?: IniTemplate;
    readonly properties?: PropertiesTemplate;
  },
  values: Parameters,
) =>
  renderFile(parseFile({ name: "f", ...file }).body, (reference) =>
    reference.kind === "parameter" ? (values[reference.name as "a"] ?? undefined) : undefined,
  );

/** The value that a reader gets: without what has no value, and without tables that have nothing in them. */
const expected = (one: JsonTemplate, values: Parameters): unknown => {
  if (typeof one === "string") {
    const name = /^\$\{parameter\.(.)\}$/.exec(one)?.[1];
    return name === undefined ? one : (values[name as "a"] ?? undefined);
  }
  if (typeof one !== "object" || one === null) return one;
  if (Array.isArray(one)) return one.map((item) => expected(item, values)).filter((item) => item !== undefined);
  const entries = Object.entries(one)
    .map(([key, item]) => [key, expected(item, values)] as const)
    .filter(([, item]) => item !== undefined);
  return entries.length === 0 ? undefined : Object.fromEntries(entries);
};

const key = fc
  .oneof(
    fc.constantFrom("account", "a b", "a.b", '"', "é", "", "1"),
    fc.string().map((text) => text.toWellFormed()),
  )
  .filter((text) => text !== "__proto__" && isPlainValue(text));

const toml = fc.dictionary(
  key,
  fc.letrec<{ any: JsonTemplate; table: Record<string, JsonTemplate> }>((tie) => ({
    any: fc.oneof(
      { maxDepth: 3 },
      template,
      fc.string().map((text) => text.toWellFormed().replaceAll("${", "")),
      fc.boolean(),
      fc.integer(),
      fc.double({ noNaN: true, noDefaultInfinity: true }).filter((one) => !Object.is(one, -0)),
      fc.array(tie("any"), { maxLength: 3 }),
      tie("table"),
    ),
    table: fc.dictionary(key, tie("any"), { maxKeys: 3 }),
  })).any,
  { maxKeys: 4, noNullPrototype: true },
);

describe("a TOML file", () => {
  it("is read back by another parser as the values that were written, whatever the parameters", () => {
    fc.assert(
      fc.property(toml, parameters, (tables, values) => {
        const plain = JSON.parse(JSON.stringify(tables)) as Record<string, JsonTemplate>;
        const read: unknown = parse(render({ toml: plain }, values));
        expect(JSON.parse(JSON.stringify(read))).toEqual(expected(plain, values) ?? {});
      }),
      { numRuns: 300 },
    );
  });
});

const folder = mkdtempSync(join(tmpdir(), "ini-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** As AWS' SDK for JavaScript reads a configuration file. */
const readIni = async (content: string) => {
  const [configFilepath, filepath] = [join(folder, "config"), join(folder, "credentials")];
  writeFileSync(configFilepath, content);
  writeFileSync(filepath, "");
  return (await loadSharedConfigFiles({ configFilepath, filepath, ignoreCache: true })).configFile;
};

const leaf = fc.oneof(
  template,
  value.filter((text) => isIniValue(text) && !text.includes("${")),
);
const keys = fc.constantFrom("role_arn", "region", "x-1", "s3");
const ini = fc.record({
  default: fc.dictionary(keys, leaf, { noNullPrototype: true }),
  "profile p": fc.dictionary(keys, fc.oneof(leaf, fc.dictionary(keys, leaf, { noNullPrototype: true })), {
    noNullPrototype: true,
  }),
});

describe("an INI file", () => {
  it("is read back by AWS' parser as the values that were written, with any that are allowed", async () => {
    const allowed = parameters.filter((values) =>
      NAMES.every((name) => values[name] === null || isIniValue(values[name])),
    );
    await fc.assert(
      fc.asyncProperty(ini, allowed, async (sections, values) => {
        const flat = (of: (typeof sections)["profile p"]) =>
          Object.entries((expected(of, values) ?? {}) as object).flatMap(([name, one]: [string, unknown]) =>
            typeof one === "object" && one !== null
              ? Object.entries(one).map(([below, text]) => [`${name}.${below}`, text])
              : [[name, one]],
          );
        const wanted = Object.entries({ default: sections.default, p: sections["profile p"] })
          .map(([name, section]) => [name, Object.fromEntries(flat(section))] as const)
          .filter(([, section]) => Object.keys(section).length > 0);
        expect(await readIni(render({ ini: sections }, values))).toEqual(Object.fromEntries(wanted));
      }),
      { numRuns: 200 },
    );
  });
});

const properties = fc.dictionary(
  key.filter((text) => text !== ""),
  fc.oneof(
    template,
    fc.string({ unit: "binary" }).map((text) => text.replaceAll("${", "")),
    fc.integer(),
    fc.boolean(),
  ),
  { maxKeys: 5, noNullPrototype: true },
);

describe("a file of properties", () => {
  it("is ASCII, and is read back by another parser as the values that were written, whatever the parameters", () => {
    fc.assert(
      fc.property(properties, parameters, (values, given) => {
        const written = render({ properties: values }, given);
        expect(written).toMatch(/^[\n -~]*$/);
        const wanted = Object.entries((expected(values, given) ?? {}) as object);
        expect(parseProperties(written)).toEqual(Object.fromEntries(wanted.map(([name, one]) => [name, String(one)])));
      }),
      { numRuns: 300 },
    );
  });

  it("looks as Java writes it", () => {
    const content = { "sasl.jaas.config": 'x required "${parameter.a}";', "a b:c": true, é: "${parameter.b}", n: 1 };
    expect(render({ properties: content }, { a: " \\ü🦭", b: null, c: null })).toMatchInlineSnapshot(`
      "sasl.jaas.config=x\\ required\\ "\\ \\\\\\u00fc\\ud83e\\uddad";
      a\\ b\\:c=true
      n=1
      "
    `);
  });
});

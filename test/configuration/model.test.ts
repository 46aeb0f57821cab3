import { describe, expect, it } from "vitest";
import { readConfiguration, showProblems } from "../../src/configuration/read.ts";
import { configuration, noticesOf, settingsOf } from "../support/pods.ts";

const problems = (body: string): string => {
  const read = readConfiguration(configuration(body));
  if (read.ok) throw new Error("the file is good");
  return showProblems("podpass.yaml", read.problems);
};

const provider = (fields: string): string => `providers:\n  a:\n    token: { audience: a }\n${fields}`;

describe("conditions", () => {
  it("are what variables and files are compiled with", () => {
    const { providers } = settingsOf(
      provider(`    parameters: { p: {}, q: {} }
    env:
      ALWAYS: "\${parameter.p}"
      SOMETIMES: { value: "\${token.dir}", when: { p: x, q: { set: false } } }
    files: [{ name: f, text: "\${parameter.p}", when: { p: { set: true } } }]
`),
    );
    const { env = [], files = [] } = providers.get("a") ?? {};
    expect(env.map(({ name, holdsPath, when }) => [name, holdsPath, [...when]])).toEqual([
      ["ALWAYS", false, []],
      [
        "SOMETIMES",
        true,
        [
          ["p", "x"],
          ["q", { set: false }],
        ],
      ],
    ]);
    expect(files.map(({ when }) => [...when])).toEqual([[["p", { set: true }]]]);
  });

  it("keep a variable that is not always set among those that hide the identity", () => {
    const { providers } = settingsOf(
      provider(`    parameters: { p: {} }
    env: { A: { value: "\${token.file}", when: { p: { set: true } } }, B: "\${file.f}", C: "\${token.file}" }
    files: [{ name: f, text: x, when: { p: { set: false } } }]
    shadowedBy: [A, B, C, D]
    displaces: [A, C]
`),
    );
    expect(providers.get("a")).toMatchObject({ shadowedBy: ["A", "B", "D"], displaces: ["A"] });
  });

  it.each([
    ["another shape", "{ A: [x] }"],
    ["no condition", '{ A: { value: "x" } }'],
    ["a key that is not known", '{ A: { value: "x", when: { p: { set: true } }, whn: 1 } }'],
    ["a condition that is not known", '{ A: { value: "x", when: { p: { isSet: true } } } }'],
    ["a condition that is a number", '{ A: { value: "x", when: { p: 1 } } }'],
    ["a parameter that there is not", '{ A: { value: "x", when: { q: y } } }'],
  ])("are refused with %s", (_, env) => {
    expect(problems(provider(`    parameters: { p: {} }\n    env: ${env}\n`))).toMatchSnapshot();
  });
});

describe("a condition on a value that the parameter cannot have", () => {
  const text = (more: string): string =>
    provider(`    parameters: { mode: { pattern: "dev|production" }, free: {} }\n${more}`);

  it.each([
    ["of a variable", "    env: { A: { value: x, when: { mode: prod } } }\n", "7:41: providers.a.env.A.when.mode"],
    ["of a file", "    files: [{ name: f, text: x, when: { mode: prod } }]\n", "7:47: providers.a.files[0].when.mode"],
  ])("is refused: %s", (_, more, place) => {
    expect(problems(text(more))).toBe(
      `podpass.yaml:${place}: no value of mode can be so: found "prod"; allowed: dev|production`,
    );
  });

  it("is all well with one that it can", () => {
    const more = '    env: { A: { value: x, when: { mode: dev } }, B: { value: x, when: { free: "a b" } } }\n';
    expect(settingsOf(text(more)).providers.get("a")?.env).toHaveLength(2);
  });
});

describe("templates", () => {
  it.each(["${subject}", "${serviceAccount.name}", "${token.dir}"])("an audience cannot have %s", (reference) => {
    expect(problems(`providers: { a: { token: { audience: "x-${reference}" } } }\n`)).toMatchSnapshot();
  });
});

describe("longer values", () => {
  it("are for parameters that ask for them", () => {
    const { providers } = settingsOf(
      provider(
        '    parameters: { ca: { maxLength: 16384, pattern: "[A-Za-z0-9+/=]+" }, usual: {} }\n    env: { A: "${parameter.ca}${parameter.usual}" }\n',
      ),
    );
    const lengths = [...(providers.get("a")?.parameters.values() ?? [])].map(({ maxLength }) => maxLength);
    expect(lengths).toEqual([16_384, 1024]);
  });

  it.each([
    ["too long", `{ p: { maxLength: 16385 } }`],
    ["none", `{ p: { maxLength: 0 } }`],
    ["a value that is longer", `{ p: { maxLength: 3, value: aaaa } }`],
    ["a pattern that takes long", `{ p: { maxLength: 16384, pattern: "(a|b){100}" } }`],
  ])("are refused: %s", (_, parameters) => {
    expect(problems(provider(`    parameters: ${parameters}\n    env: { A: "\${parameter.p}" }\n`))).toMatchSnapshot();
  });

  it("are refused in an audience", () => {
    expect(
      problems('providers: { a: { token: { audience: "${parameter.p}" }, parameters: { p: { maxLength: 2048 } } } }\n'),
    ).toMatchSnapshot();
  });

  it("are refused where matching them costs too much inside the API server", () => {
    const pattern = `${"(?:a|b)*".repeat(5)}[${"xyz".repeat(300)}]*`;
    const parameters = Array.from({ length: 3 }, (_, i) => `p${i}: { maxLength: 16384, pattern: "${pattern}" }`);
    const env = Array.from({ length: 3 }, (_, i) => `A${i}: "\${parameter.p${i}}"`);
    expect(
      problems(provider(`    parameters: { ${parameters.join(", ")} }\n    env: { ${env.join(", ")} }\n`)),
    ).toMatch(
      /^podpass\.yaml:.*providers\.a\.parameters: the patterns of its parameters cost .* units inside the API server/,
    );
  });
});

describe("an INI file", () => {
  it.each([
    ["white space first", '{ default: { a: " x" } }'],
    ["a comment", '{ default: { a: "x ;${parameter.p}" } }'],
    ["an empty text", '{ default: { a: "" } }'],
    ["an audience", '{ default: { a: "${token.audience}" } }'],
    ["a section that would end", '{ "a]b": { a: x } }'],
    ["a key that would end", '{ default: { "a=b": x } }'],
    ["a list", "{ default: { a: [x] } }"],
    ["a value beside sections", "{ a: x }"],
    ["keys three deep", "{ default: { a: { b: { c: x } } } }"],
  ])("is refused with %s", (_, ini) => {
    const fields = `    parameters: { p: {} }\n    files: [{ name: f, ini: ${ini} }]\n    env: { A: "\${parameter.p}" }\n`;
    expect(problems(provider(fields))).toMatchSnapshot();
  });

  it("holds the platform's values to what can be written", () => {
    const fields = `    parameters: { p: { default: "a #b" } }\n    files: [{ name: f, ini: { s: { k: "\${parameter.p}" } } }]\n`;
    expect(problems(provider(fields))).toMatchSnapshot();
  });
});

describe("a TOML file", () => {
  it("has no null", () => {
    expect(problems(provider("    files: [{ name: f, toml: { a: { b: [null] } } }]\n"))).toMatchSnapshot();
  });
});

describe("providers of one preset", () => {
  const two = (more: string): readonly string[] => noticesOf(settingsOf(`providers:\n${more}`));

  it("are told of where a ServiceAccount could name both", () => {
    expect(two("  one: { preset: aws }\n  two: { preset: aws }\n  three: { preset: gcp }\n")).toEqual([
      "providers one, two are of one preset and set AWS_ROLE_ARN, AWS_WEB_IDENTITY_TOKEN_FILE and 4 more alike: of a ServiceAccount that names several, a container gets the first; only-containers and skip-containers give each its own, and conflictsWith warns where one has both",
    ]);
  });

  it.each([
    [
      "namespaces apart",
      "one: { preset: aws, allowedNamespaces: [a] }\n  two: { preset: aws, allowedNamespaces: [b-*] }",
    ],
    ["a conflict that is told", "one: { preset: openai, conflictsWith: [two] }\n  two: { preset: openai }"],
    [
      "other variables",
      'one: { preset: openai }\n  two: { preset: openai, env: { OPENAI_IDENTITY_PROVIDER_ID: null, OPENAI_SERVICE_ACCOUNT_ID: null, B: "${parameter.service-account-id}" } }',
    ],
  ])("are not with %s", (_, providers) => {
    expect(two(`  ${providers}\n`)).toEqual([]);
  });
});

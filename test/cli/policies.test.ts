import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { parseAllDocuments } from "yaml";
import type { PolicyObject } from "../../src/policies/objects.ts";
import { podpassInside } from "./podpass.ts";

const folder = mkdtempSync(join(tmpdir(), "podpass-policies-"));
const file = (name: string, text: string): string => {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
};
const HEAD = "apiVersion: podpass.dev/v1alpha1\nkind: Configuration\n";
const narrow = file("narrow.yaml", `${HEAD}providers: { aws: { preset: aws } }\n`);
const wide = file("wide.yaml", `${HEAD}providers: { aws: { preset: aws, token: { audience: other } } }\n`);
const prefixed = file("prefixed.yaml", `${HEAD}annotationPrefix: identity.example.com\n`);

const objectsOf = (text: string): readonly PolicyObject[] =>
  parseAllDocuments(text, { version: "1.1" }).map((document) => document.toJS());
const annotationsOf = async (...args: readonly string[]) =>
  objectsOf((await podpassInside(["policies", ...args])).stdout)[0]?.metadata.annotations ?? {};

describe("podpass policies", () => {
  it("renders the default configuration as it did", async () => {
    const { stdout, exitCode } = await podpassInside(["policies"]);
    const golden = join(import.meta.dirname, "../policies/golden/default.yaml");
    if (process.env["UPDATE_GOLDEN"] === "1") writeFileSync(golden, stdout);
    expect(stdout).toBe(readFileSync(golden, "utf8"));
    expect(exitCode).toBe(0);
  });

  it("writes each expression in one line, whatever it holds", async () => {
    const { stdout } = await podpassInside(["policies", "--config", wide]);
    for (const line of stdout.split("\n")) if (/^\s+(message)?[eE]xpression:/.test(line)) expect(line).toMatch(/: \S/);
    expect(stdout).not.toMatch(/[eE]xpression: [|>]/);
  });

  it("refuses a release and a prefix that make names which no object can have", async () => {
    const prefix = Array.from({ length: 3 }, () => "a".repeat(63)).join(".");
    const config = file("long.yaml", `${HEAD}annotationPrefix: ${prefix}.example.com\n`);
    const { stdout, stderr, exitCode } = await podpassInside([
      "policies",
      "--config",
      config,
      "--release",
      "r".repeat(60),
    ]);
    expect({ stdout, exitCode }).toEqual({ stdout: "", exitCode: 2 });
    expect(stderr).toMatch(/of \d+ characters; allowed: 253; shorten one of them/);
    expect((await podpassInside(["policies", "--config", config])).exitCode).toBe(0);
  });

  it("gives the same as one list of JSON", async () => {
    const yaml = await podpassInside(["policies"]);
    const json = await podpassInside(["policies", "-o", "json"]);
    expect(JSON.parse(json.stdout)).toEqual({ apiVersion: "v1", kind: "List", items: objectsOf(yaml.stdout) });
  });

  it.each(["on", "1e3", "0o17", "0x10", "12"])(
    "reads the namespace %s back as it is, in YAML 1.1 too",
    async (name) => {
      const { stdout } = await podpassInside(["policies", "-n", name]);
      expect(stdout).toMatch(new RegExp(`^ +- "${name}"$`, "mu"));
    },
  );

  it("names objects by the release, and exempts its namespace", async () => {
    const { stdout } = await podpassInside(["policies", "--release", "other-podpass", "-n", "identity"]);
    for (const { metadata } of objectsOf(stdout)) expect(metadata.name).toMatch(/^other-podpass-/);
    expect(stdout).toContain("            - identity\n");
  });

  it("has nothing that a version lacks", async () => {
    const { stdout } = await podpassInside(["policies", "--kubernetes", "v1.35.2"]);
    expect(objectsOf(stdout).filter(({ kind }) => kind.startsWith("Mutating"))).toEqual([]);
  });

  it("reads the configuration out of the chart's ConfigMap, from standard input", async () => {
    const map = { apiVersion: "v1", kind: "ConfigMap", data: { "configuration.yaml": readFileSync(narrow, "utf8") } };
    const piped = await podpassInside(["policies", "--config", "-"], { stdin: JSON.stringify(map) });
    expect(piped).toMatchObject({
      stdout: (await podpassInside(["policies", "--config", narrow])).stdout,
      exitCode: 0,
    });
  });

  it("carries the digest of what was written, and of a union both", async () => {
    const [ofNarrow, ofWide] = [await annotationsOf("--config", narrow), await annotationsOf("--config", wide)];
    expect(ofNarrow["podpass.dev/configuration"]).toMatch(/^sha256:[0-9a-f]{64}$/u);
    expect(await annotationsOf("--config", wide, "--union-with", narrow)).toMatchObject({
      "podpass.dev/configuration": ofWide["podpass.dev/configuration"],
      "podpass.dev/union-with": ofNarrow["podpass.dev/configuration"],
    });
  });

  it.each([
    [["--kubernetes", "1.29"], "Allowed: 1.30 and later"],
    [["--kubernetes", "2.0"], "Allowed: 1.30 and later"],
    [["--kubernetes", "new"], "Allowed: 1.30 and later"],
    [["--mode", "fast"], "Allowed choices are exact, label."],
    [["--release", "A"], "Allowed: a name of Kubernetes"],
    [["--config", "nothing"], "nothing: there is no such file or directory"],
    [["--config", "-", "--union-with", "-"], "standard input can be read only once"],
    [
      ["--config", narrow, "--union-with", prefixed],
      'the annotation prefixes are "identity.example.com" and "podpass.dev"',
    ],
    [["--config", file("bad.yaml", `${HEAD}provider: {}\n`)], "bad.yaml:3:1: "],
  ])("says what is wrong with %j, with 2 and nothing on standard output", async (args, message) => {
    const { stdout, stderr, exitCode } = await podpassInside(["policies", ...args]);
    expect(stderr).toContain(message);
    expect({ stdout, exitCode }).toEqual({ stdout: "", exitCode: 2 });
  });
});

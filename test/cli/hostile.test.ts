/** Files of which the author wants the worst. */
import { execFileSync } from "node:child_process";
import { mkdirSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { MAX_FILE_MIB } from "../../src/yaml/limits.ts";
import { ACCOUNT, POD } from "./manifests.ts";
import { folderWith, podpass, podpassInside } from "./podpass.ts";

const SECRET = "kind: Secret\nstringData: {password: hunter2}\n";
const EVERY: readonly (readonly string[])[] = [
  ["inject"],
  ["inject", "-o", "json"],
  ["inject", "-o", "diff", "--explain"],
  ["lint"],
];

describe("a folder given with -f", () => {
  it.each(EVERY.map((command) => [command.join(" "), command] as const))(
    "is not left through links by %s",
    async (_, command) => {
      const outside = folderWith({ "secret.yaml": SECRET });
      const cwd = folderWith({ "deploy/a.yaml": ACCOUNT });
      symlinkSync(join(outside, "secret.yaml"), join(cwd, "deploy", "link.yaml"));
      symlinkSync("../deploy/../../../etc/passwd", join(cwd, "deploy", "passwd.yaml"));
      symlinkSync(outside, join(cwd, "deploy", "folder.yaml"));
      const { stdout, stderr, exitCode } = await podpass([...command, "-f", "deploy"], { cwd });
      expect(stderr).toContain("deploy/link.yaml: a symbolic link that leads out of deploy; it is not read");
      expect({ leaks: /hunter2|root:/.test(stdout + stderr), exitCode }).toEqual({ leaks: false, exitCode: 0 });
    },
  );

  it("is read through links inside, as a mounted ConfigMap has them, and through one that is named itself", async () => {
    const cwd = folderWith({ "deploy/..2024/a.yaml": "kind: A\n", "elsewhere.yaml": "kind: B\n" });
    symlinkSync("..2024", join(cwd, "deploy", "..data"));
    symlinkSync("..data/a.yaml", join(cwd, "deploy", "a.yaml"));
    symlinkSync("elsewhere.yaml", join(cwd, "named.yaml"));
    symlinkSync("deploy", join(cwd, "folder"));
    const run = await podpass(["inject", "-f", "folder", "-f", "named.yaml"], { cwd });
    expect(run).toEqual({ stdout: "kind: A\n---\nkind: B\n", stderr: "", exitCode: 0 });
  });

  it.each(EVERY.map((command) => [command.join(" "), command] as const))(
    "is not read in part by %s, where something in it cannot be read",
    async (_, command) => {
      const cwd = folderWith({ "deploy/a.yaml": ACCOUNT });
      for (let i = 0; i < 100; i++) symlinkSync(`${i}.yaml`, join(cwd, "deploy", `${i}.yaml`));
      const { stdout, stderr, exitCode } = await podpass([...command, "-f", "deploy"], { cwd });
      expect({ stdout, exitCode }).toEqual({ stdout: "", exitCode: 2 });
      const lines = stderr.trimEnd().split("\n");
      expect(lines[0]).toMatch(/deploy\/0\.yaml: it cannot be read: ELOOP/);
      expect([lines.length, lines.at(-1)]).toEqual([21, "and 80 more that cannot be read"]);
    },
  );

  it("may hold pipes, many files and many folders in each other", async () => {
    const cwd = folderWith({});
    execFileSync("mkfifo", [join(cwd, "pipe.yaml")]);
    symlinkSync("/dev/zero", join(cwd, "zero.yaml"));
    const deep = join(cwd, ...Array(300).fill("d"));
    mkdirSync(deep, { recursive: true });
    writeFileSync(join(deep, "deep.yaml"), "kind: Deep\n");
    for (let i = 0; i < 2000; i++) writeFileSync(join(cwd, `f${i}.yaml`), "kind: A\n");
    const { stdout, stderr, exitCode } = await podpass(["inject", "-f", "."], { cwd });
    expect(stderr).toBe("zero.yaml: a symbolic link that leads out of .; it is not read, unless it is named itself\n");
    expect({ count: stdout.split("---\n").length, exitCode }).toEqual({ count: 2001, exitCode: 0 });
  });
});

describe("a file", () => {
  it("is refused where it is too large or no text, standard input and devices too", async () => {
    const cwd = folderWith({ "large.yaml": "", "latin1.yaml": "" });
    truncateSync(join(cwd, "large.yaml"), MAX_FILE_MIB * 1024 * 1024 + 1);
    writeFileSync(join(cwd, "latin1.yaml"), Buffer.from("a: \xe9\n", "latin1"));
    const tooLarge = `it is larger than ${MAX_FILE_MIB} MiB; allowed: ${MAX_FILE_MIB} MiB`;
    const refused = async (file: string, stdin = "") => (await podpass(["lint", "-f", file], { cwd, stdin })).stderr;
    expect(await refused("large.yaml")).toBe(`podpass: large.yaml: ${tooLarge}\n`);
    expect(await refused("/dev/zero")).toBe(`podpass: /dev/zero: ${tooLarge}\n`);
    expect(await refused("latin1.yaml")).toBe(
      "podpass: latin1.yaml:1:4: the byte 0xe9 is not UTF-8 text; allowed: UTF-8, or UTF-16 with a byte order mark\n",
    );
  });

  it.each([
    [
      "an alias in a circle",
      "metadata: &m {annotations: *m}\n",
      "(stdin):1:28: this alias stands inside its own anchor",
    ],
    ["brackets without end", "[".repeat(100_000), "(stdin):1:202: nested deeper than 200"],
    [
      "thirty thousand errors",
      "a: ]\n".repeat(10_000),
      "more than 1,000 syntax errors up to here; allowed: YAML or JSON",
    ],
    ["a list as a key", "? [a]\n: b\n", "(stdin):1:3: a list, mapping or alias is no key"],
    [
      "a configuration in a circle",
      "apiVersion: podpass.dev/v1alpha1\nkind: Configuration\nproviders: &a { p: *a }\n",
      "(stdin):3:20: this alias stands inside its own anchor",
    ],
  ])("that is %s is refused at its place, with 2", async (_, stdin, message) => {
    for (const command of EVERY) {
      const { stdout, stderr, exitCode } = await podpassInside([...command, "-f", "-"], { stdin });
      expect(stderr).toContain(message);
      expect({ stdout, exitCode }).toEqual({ stdout: "", exitCode: 2 });
    }
  });

  it.each([
    ["binary values", "  x: !!binary aGk=\n"],
    ["special keys", "  __proto__: {a: b}\n  constructor: c\n  ~: d\n  8080: e\n"],
    ["NUL and other control characters", '  x: "\u0000\u001b[31m\u0002"\n'],
    ["aliases, anchors and merges", "  x: &x {a: [&y b]}\n  z: {<<: *x, c: *y}\n"],
    ["huge numbers", `  x: ${"9".repeat(5000)}\n  y: 1e999\n  z: -.inf\n`],
    ["unknown tags", "  x: !mine {a: !!set {b}}\n  y: !!omap [c: d]\n"],
    ["very many steps of indentation", Array.from({ length: 150 }, (_, i) => `${"  ".repeat(i + 1)}x:\n`).join("")],
  ])("with %s beside a pod's fields is injected into, and keeps them", async (_, extra) => {
    const stdin = `${ACCOUNT}---\n${POD}${extra}`;
    for (const output of ["yaml", "diff"]) {
      const { stdout, stderr, exitCode } = await podpassInside(["inject", "-o", output, "-f", "-"], { stdin });
      expect({ stderr, exitCode }).toEqual({ stderr: "", exitCode: 0 });
      expect(stdout).toContain("podpass.dev/injected: openai");
      if (output === "yaml") expect(stdout).toContain(extra);
    }
  });

  it("that is a manifest with anything in it ends with a code of ours", { timeout: 60_000 }, async () => {
    const line = fc.oneof(
      fc.constantFrom(
        "? [a]\n  : b",
        "x: &a {b: *c}",
        "x: &c [1]",
        "y: *c",
        "<<: *c",
        "z: !!binary aGk=",
        "x: ''",
        "'x': |\n    a\n",
        "? x",
        ": y",
        "- x",
        "a: {b: [}",
        "# c",
        "\t",
      ),
      fc.string({ maxLength: 8, unit: "binary" }),
    );
    const where = fc.constantFrom("  ", "    ", "", "  - ");
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(where, line), { maxLength: 6 }), fc.nat(9), async (extra, at) => {
        const lines = POD.split("\n");
        lines.splice(at, 0, ...extra.map((parts) => parts.join("")));
        const stdin = `${ACCOUNT}---\n${lines.join("\n")}`;
        for (const command of EVERY) {
          const { exitCode } = await podpassInside([...command, "-f", "-"], { stdin });
          expect([0, 1, 2]).toContain(exitCode);
        }
      }),
      { numRuns: 200 },
    );
  });
});

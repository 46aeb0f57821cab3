import { spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

const root = new URL("../../", import.meta.url).pathname;

const generate = (folder: string, ...options: readonly string[]) =>
  spawnSync(process.execPath, [join(folder, "scripts/generate.ts"), ...options], { encoding: "utf8" });

describe("generated files", () => {
  it("are up to date in the repository", () => {
    expect(generate(root, "--check")).toMatchObject({ stdout: "", stderr: "", status: 0 });
  });

  describe("in a copy", () => {
    let folder: string;
    const edit = (path: string, change: (text: string) => string): void =>
      writeFileSync(join(folder, path), change(readFileSync(join(folder, path), "utf8")));

    beforeEach(() => {
      folder = mkdtempSync(join(tmpdir(), "podpass-generate-"));
      for (const part of ["src", "scripts", "docs", "schema", "examples", "package.json", "README.md"])
        cpSync(join(root, part), join(folder, part), { recursive: true });
      symlinkSync(join(root, "node_modules"), join(folder, "node_modules"));
    });
    afterEach(() => rmSync(folder, { recursive: true, force: true }));

    it.each([
      ["docs/presets.md", "## aws", "## AWS"],
      ["docs/reasons.md", "`injected`", "`done`"],
      ["docs/operations.md", "| `podpass_admission_requests_total` |", "| `podpass_requests` |"],
      ["docs/cli.md", "--drain-seconds", "--drain"],
      ["README.md", "| [aws](docs/presets.md#aws) |", "| aws |"],
      ["docs/configuration.md", "| `policy.enforcement` |", "| `policy.force` |"],
      ["schema/configuration.schema.json", '"podpass.dev/v1alpha1"', '"podpass.dev/v2"'],
    ])("a change of %s is found, and undone", (path, from, to) => {
      edit(path, (text) => text.replace(from, to));
      expect(generate(folder, "--check")).toMatchObject({
        stdout: `stale: ${path}; run \`npm run generate\`\n`,
        status: 1,
      });
      expect(generate(folder)).toMatchObject({ stdout: `wrote ${path}\n`, status: 0 });
      expect(readFileSync(join(folder, path), "utf8")).toBe(readFileSync(join(root, path), "utf8"));
    });

    it("a new preset is one file", () => {
      const aws = readFileSync(join(folder, "src/providers/presets/aws.ts"), "utf8");
      const acme = aws.replace("const aws:", "const acmeCloud:").replace('name: "aws"', 'name: "acme-cloud"');
      writeFileSync(join(folder, "src/providers/presets/acme-cloud.ts"), acme);
      expect(generate(folder, "--check").stdout).toContain("stale: src/providers/catalog.generated.ts");
      expect(generate(folder).stdout.trimEnd().split("\n")).toEqual([
        "wrote src/providers/catalog.generated.ts",
        "wrote docs/presets.md",
        "wrote schema/configuration.schema.json",
        "wrote README.md",
      ]);
      expect(generate(folder, "--check")).toMatchObject({ stdout: "", status: 0 });
      expect(readFileSync(join(folder, "docs/presets.md"), "utf8")).toContain("## acme-cloud");
    });

    it("a page that lost its markers is named", () => {
      edit("docs/configuration.md", (text) => text.replace("<!-- end generated: policy -->", ""));
      const { stderr, status } = generate(folder);
      expect(status).toBe(1);
      expect(stderr).toContain("<!-- end generated: policy -->");
    });
  });
});

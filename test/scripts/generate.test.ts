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

  describe("in a copy", { timeout: 60_000 }, () => {
    let folder: string;
    const edit = (path: string, change: (text: string) => string): void =>
      writeFileSync(join(folder, path), change(readFileSync(join(folder, path), "utf8")));

    beforeEach(() => {
      folder = mkdtempSync(join(tmpdir(), "podpass-generate-"));
      for (const part of [
        "src",
        "scripts",
        "docs",
        "schema",
        "examples",
        "charts",
        "package.json",
        "README.md",
        "test/cluster/controlplane",
        "test/e2e/tools/tried.ts",
      ])
        cpSync(join(root, part), join(folder, part), { recursive: true });
      symlinkSync(join(root, "node_modules"), join(folder, "node_modules"));
    });
    afterEach(() => rmSync(folder, { recursive: true, force: true }));

    it("changes are found, and undone", () => {
      const changes = [
        ["docs/presets.md", "## aws", "## AWS"],
        ["docs/reasons.md", "`injected`", "`done`"],
        ["schema/configuration.schema.json", '"podpass.dev/v1alpha1"', '"podpass.dev/v2"'],
        ["README.md", "| [aws](docs/presets.md#aws) |", "| aws |"],
        ["docs/configuration.md", "| `policy.enforcement` |", "| `policy.force` |"],
        ["docs/operations.md", "| `podpass_admission_requests_total` |", "| `podpass_requests` |"],
        ["docs/kubernetes-versions.md", "| Kubernetes | Built from |", "| Version | Built from |"],
        ["docs/cli.md", "--drain-seconds", "--drain"],
        ["charts/podpass/files/policies-exact.yaml", "failurePolicy: Fail", "failurePolicy: Ignore"],
        ["charts/podpass/values.schema.json", '"Ignore"', '"ignore"'],
        ["charts/podpass/README.md", "| `webhook.failurePolicy` |", "| `failurePolicy` |"],
      ] as const;
      for (const [path, from, to] of changes) edit(path, (text) => text.replace(from, to));
      const paths = changes.map(([path]) => path);
      expect(generate(folder, "--check")).toMatchObject({
        stdout: paths.map((path) => `stale: ${path}; run \`npm run generate\`\n`).join(""),
        status: 1,
      });
      expect(generate(folder)).toMatchObject({ stdout: paths.map((path) => `wrote ${path}\n`).join(""), status: 0 });
      for (const path of paths)
        expect(readFileSync(join(folder, path), "utf8")).toBe(readFileSync(join(root, path), "utf8"));
    });

    it("the output of a command is the real one", () => {
      edit("README.md", (text) => text.replace("+            - name: AWS_ROLE_ARN", "+            - name: AWS_ROLE"));
      expect(generate(folder, "--check").stdout).toBe("stale: README.md; run `npm run generate`\n");
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
        "wrote docs/native-annotations.md",
        "wrote docs/enforcement.md",
        "wrote charts/podpass/files/policies-exact.yaml",
        "wrote charts/podpass/files/policies-label.yaml",
        "wrote charts/podpass/files/policies-mutating.yaml",
        "wrote charts/podpass/values.schema.json",
      ]);
      expect(generate(folder, "--check")).toMatchObject({ stdout: "", status: 0 });
      expect(readFileSync(join(folder, "docs/presets.md"), "utf8")).toContain("## acme-cloud");
    });

    it("a value of the chart needs a comment, and a place in the schema", () => {
      const values = "charts/podpass/values.yaml";
      edit(values, (text) => `${text}\nbare: true\n`);
      expect(generate(folder).stderr).toContain("values.yaml: bare has no comment");
      edit(values, (text) => text.replace("bare:", "# Nothing.\nbare:"));
      expect(generate(folder).stderr).toContain("chart-values-schema.ts has no bare");
    });

    it("a page that lost its markers is named", () => {
      edit("docs/configuration.md", (text) => text.replace("<!-- end generated: policy -->", ""));
      const { stderr, status } = generate(folder);
      expect(status).toBe(1);
      expect(stderr).toContain("<!-- end generated: policy -->");
    });
  });
});

import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";

const root = new URL("../../", import.meta.url).pathname;
const biome = join(dirname(createRequire(import.meta.url).resolve("@biomejs/biome/package.json")), "bin", "biome");

/** One file that holds one import, and whether it may. */
type Case = readonly [file: string, imported: string];

const REFUSED: readonly Case[] = [
  ["src/reasons/x.ts", "../configuration/settings.ts"],
  ["src/yaml/x.ts", "../configuration/settings.ts"],
  ["src/yaml/x.ts", "node:fs"],
  ["src/federation/x.ts", "../yaml/read.ts"],
  ["src/providers/x.ts", "../configuration/settings.ts"],
  ["src/providers/presets/x.ts", "../template.ts"],
  ["src/providers/presets/x.ts", "./aws.ts"],
  ["src/configuration/x.ts", "../federation/federation.ts"],
  ["src/configuration/x.ts", "node:fs"],
  ["src/configuration/x.ts", "re2js"],
  ["src/federation/x.ts", "re2js"],
  ["src/federation/x.ts", "../injection/plan.ts"],
  ["src/federation/x.ts", "zod"],
  ["src/pod/x.ts", "../injection/plan.ts"],
  ["src/injection/x.ts", "../decision/decide.ts"],
  ["src/injection/x.ts", "../http/server.ts"],
  ["src/injection/x.ts", "../../src/http/server.ts"],
  ["src/injection/x.ts", "../main.ts"],
  ["src/injection/deeper/x.ts", "../../http/server.ts"],
  ["src/injection/x.ts", "fastify"],
  ["src/injection/x.ts", "node:crypto"],
  ["src/policy/x.ts", "../injection/plan.ts"],
  ["src/policy/x.ts", "pino"],
  ["src/decision/x.ts", "../admission/handler.ts"],
  ["src/decision/x.ts", "undici"],
  ["src/policies/x.ts", "../decision/decide.ts"],
  ["src/policies/x.ts", "../kube/connection.ts"],
  ["src/policies/x.ts", "yaml"],
  ["src/admission/x.ts", "../http/server.ts"],
  ["src/admission/x.ts", "../serviceaccounts/survey.ts"],
  ["src/admission/x.ts", "fastify"],
  ["src/manifests/x.ts", "node:fs"],
  ["src/manifests/x.ts", "../files/tree.ts"],
  ["src/migration/x.ts", "node:fs"],
  ["src/migration/x.ts", "yaml"],
  ["src/migration/x.ts", "../trust/issuer.ts"],
  ["src/trust/x.ts", "node:fs"],
  ["src/check/x.ts", "node:crypto"],
  ["src/check/x.ts", "../kube/connection.ts"],
  ["src/check/x.ts", "../decision/decide.ts"],
  ["src/status/x.ts", "../kube/connection.ts"],
  ["src/status/x.ts", "../check/facts.ts"],
  ["src/status/x.ts", "node:fs"],
  ["src/trust/x.ts", "../check/facts.ts"],
  ["src/kube/x.ts", "../serviceaccounts/source.ts"],
  ["src/kube/x.ts", "../serviceaccounts/cluster/store.ts"],
  ["src/kube/x.ts", "../http/server.ts"],
  ["src/files/x.ts", "../http/server.ts"],
  ["src/tls/x.ts", "../http/server.ts"],
  ["src/serviceaccounts/x.ts", "../telemetry/metrics.ts"],
  ["src/serviceaccounts/x.ts", "../kube/connection.ts"],
  ["src/serviceaccounts/x.ts", "./cluster/store.ts"],
  ["src/serviceaccounts/cluster/x.ts", "../survey.ts"],
  ["src/serviceaccounts/cluster/x.ts", "../../http/server.ts"],
  ["src/serviceaccounts/cluster/x.ts", "../../telemetry/metrics.ts"],
  ["src/telemetry/x.ts", "../http/server.ts"],
  ["src/http/x.ts", "../cli/serve.ts"],
  ["src/http/x.ts", "../tls/files.ts"],
  ["src/cli/x.ts", "../main.ts"],
];

const ALLOWED: readonly Case[] = [
  ["src/yaml/y.ts", "yaml"],
  ["src/configuration/y.ts", "../yaml/read.ts"],
  ["src/manifests/y.ts", "../yaml/read.ts"],
  ["src/configuration/y.ts", "zod"],
  ["src/federation/y.ts", "../configuration/settings.ts"],
  ["src/injection/y.ts", "./plan.ts"],
  ["src/injection/y.ts", "../pod/pod.ts"],
  ["src/decision/y.ts", "../policy/verdict.ts"],
  ["src/admission/y.ts", "../serviceaccounts/source.ts"],
  ["src/tls/y.ts", "../files/watch.ts"],
  ["src/check/y.ts", "../trust/issuer.ts"],
  ["src/status/y.ts", "../decision/decide.ts"],
  ["src/status/y.ts", "../check/json.ts"],
  ["src/status/y.ts", "../check/webhooks.ts"],
  ["src/kube/y.ts", "../check/read.ts"],
  ["src/kube/y.ts", "../trust/cluster-queries.ts"],
  ["src/serviceaccounts/cluster/y.ts", "../source.ts"],
  ["src/serviceaccounts/cluster/y.ts", "../../kube/connection.ts"],
  ["src/serviceaccounts/cluster/y.ts", "./store.ts"],
  ["src/kube/y.ts", "undici"],
  ["src/http/y.ts", "fastify"],
  ["src/cli/y.ts", "../http/server.ts"],
];

/** The files that may import what their folders may not, and what else they may not. */
const ONE_FILES: Readonly<Record<string, readonly (readonly [imported: string, isAllowed: boolean])[]>> = {
  "src/configuration/value-pattern.ts": [
    ["re2js", true],
    ["./settings.ts", true],
    ["zod", false],
    ["../federation/federation.ts", false],
  ],
  "src/trust/proposed-name.ts": [
    ["node:crypto", true],
    ["node:fs", false],
    ["./trust.ts", false],
  ],
};

const STATEMENTS = [
  (imported: string) => `import "${imported}";`,
  (imported: string) => `import type { T } from "${imported}";`,
  (imported: string) => `export { t } from "${imported}";`,
  (imported: string) => `await import("${imported}");`,
];

/** A case with a file for each kind of statement; `row` keeps the names of two cases apart. */
const probe = ([file, imported]: Case, row: number) => ({
  file,
  imported,
  probes: STATEMENTS.map((statement, kind) => ({
    path: file.replace(/\.ts$/, `-${row}-${kind}.ts`),
    text: `${statement(imported)}\n`,
  })),
});
const refusedCases = REFUSED.map(probe);
const allowedCases = ALLOWED.map(probe);

const refused = new Set<string>();
/** `file:line` */
const refusedLines = new Set<string>();

/** Every probe in a folder with the project's biome.json; one run of biome judges them all. */
beforeAll(() => {
  const folder = mkdtempSync(join(tmpdir(), "podpass-import-rules-"));
  try {
    cpSync(join(root, "biome.json"), join(folder, "biome.json"));
    for (const { path, text } of [...refusedCases, ...allowedCases].flatMap(({ probes }) => probes)) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), text);
    }
    for (const [file, imports] of Object.entries(ONE_FILES))
      writeFileSync(join(folder, file), imports.map(([imported]) => `import "${imported}";\n`).join(""));
    const options = ["--vcs-enabled=false", "--only=style/noRestrictedImports", "--max-diagnostics=none"];
    const { stdout } = spawnSync(process.execPath, [biome, "lint", ...options, "--reporter=json", "src"], {
      cwd: folder,
      encoding: "utf8",
    });
    const report = JSON.parse(stdout) as {
      diagnostics: { category: string; location: { path: string; start: { line: number } } }[];
    };
    for (const { category, location } of report.diagnostics) {
      if (category !== "lint/style/noRestrictedImports") continue;
      refused.add(location.path);
      refusedLines.add(`${location.path}:${location.start.line}`);
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

describe("import rules", () => {
  it.each(refusedCases)("refuse in $file every import of $imported", ({ probes }) => {
    expect(probes.filter(({ path }) => !refused.has(path))).toEqual([]);
  });

  it.each(allowedCases)("allow in $file the import of $imported", ({ probes }) => {
    expect(probes.filter(({ path }) => refused.has(path))).toEqual([]);
  });

  it.each(Object.entries(ONE_FILES))("are others in %s", (file, imports) => {
    expect(imports.map(([imported], index) => [imported, !refusedLines.has(`${file}:${index + 1}`)])).toEqual(imports);
  });

  it("cover every folder of the source", () => {
    const { overrides } = JSON.parse(readFileSync(join(root, "biome.json"), "utf8")) as {
      overrides: { includes: string[] }[];
    };
    const covered = overrides.flatMap(({ includes }) => includes);
    const folders = readdirSync(join(root, "src"), { withFileTypes: true }).filter((entry) => entry.isDirectory());
    expect(folders.map((entry) => `src/${entry.name}/**`).filter((pattern) => !covered.includes(pattern))).toEqual([]);
  });
});

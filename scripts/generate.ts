/**
 * Writes everything that is generated from the source: the catalogue of presets, the JSON Schema, and the pages and
 * tables of the documentation. With `--check` it writes nothing, and fails with the names of the files that are stale.
 */
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { presetCatalog, presetsPage, presetsTable } from "./generate-presets.ts";
import { replaceBetween } from "./markdown.ts";

const root = new URL("../", import.meta.url);
// Commands on pages name files from the top of the checkout.
process.chdir(fileURLToPath(root));
const read = (path: string): string =>
  existsSync(new URL(path, root)) ? readFileSync(new URL(path, root), "utf8") : "";

/** Brings one file up to date. */
type Keep = (path: string, text: string) => void;

const run = async (keep: Keep): Promise<void> => {
  keep("src/providers/catalog.generated.ts", presetCatalog(readdirSync(new URL("src/providers/presets/", root))));
  // Everything else reads the catalogue, so it is loaded only when that is up to date.
  const { presets } = await import("../src/providers/catalog.generated.ts");
  const { configurationJsonSchema, configurationTables } = await import("./generate-schema.ts");
  const { helpTexts, metricsTables } = await import("./generate-operations.ts");
  const { trustSection } = await import("./generate-trust.ts");
  const { annotationTables } = await import("./generate-annotations.ts");
  const { nativeTables } = await import("./generate-native.ts");
  const { checksTables } = await import("./generate-checks.ts");
  const { statusTables } = await import("./generate-status.ts");
  const { outageTables } = await import("./generate-outage.ts");
  const { limitsPage, reasonsPage } = await import("./generate-reasons.ts");
  const { readRuns, versionsTable } = await import("./kubernetes-versions.ts");
  const { troubleshootingTables } = await import("./generate-troubleshooting.ts");
  const { chartValuesJsonSchema, chartValuesTable } = await import("./generate-chart.ts");
  const { chartPolicies, optedOutTemplate } = await import("./generate-chart-policies.ts");
  const { readChartValues } = await import("./chart-values.ts");
  const { withRealOutput } = await import("./recorder.ts");
  const keepParts = async (path: string, parts: ReadonlyMap<string, string>): Promise<void> => {
    let page = read(path);
    for (const [name, content] of parts) page = replaceBetween(page, name, content);
    keep(path, await withRealOutput(page));
  };

  keep("docs/presets.md", presetsPage(presets, trustSection));
  keep("docs/reasons.md", reasonsPage());
  keep("docs/limits.md", limitsPage());
  keep("schema/configuration.schema.json", `${JSON.stringify(configurationJsonSchema(), null, 2)}\n`);
  await keepParts("README.md", new Map([["presets", presetsTable(presets)]]));
  await keepParts("docs/annotations.md", annotationTables());
  await keepParts("docs/native-annotations.md", nativeTables(presets));
  await keepParts("docs/configuration.md", configurationTables());
  await keepParts("docs/operations.md", await metricsTables());
  await keepParts("docs/kubernetes-versions.md", new Map([["kubernetes versions", await versionsTable(readRuns())]]));
  await keepParts("docs/troubleshooting.md", troubleshootingTables());
  await keepParts("docs/check.md", checksTables());
  await keepParts("docs/status.md", statusTables());
  await keepParts("docs/enforcement.md", outageTables(presets));
  await keepParts("docs/migrate.md", new Map());
  await keepParts("docs/cli.md", await helpTexts(read("docs/cli.md")));
  for (const [name, text] of chartPolicies()) keep(`charts/podpass/files/${name}`, text);
  keep("charts/podpass/templates/_opted-out.tpl", optedOutTemplate());
  const values = readChartValues(read("charts/podpass/values.yaml"));
  keep("charts/podpass/values.schema.json", `${JSON.stringify(chartValuesJsonSchema(values), null, 2)}\n`);
  await keepParts("charts/podpass/README.md", new Map([["values", chartValuesTable(values)]]));
};

const isCheck = process.argv.includes("--check");
const stale: string[] = [];
await run((path, text) => {
  if (read(path) === text) return;
  stale.push(path);
  if (!isCheck) writeFileSync(new URL(path, root), text);
});
for (const path of stale) console.log(isCheck ? `stale: ${path}; run \`npm run generate\`` : `wrote ${path}`);
if (isCheck && stale.length > 0) process.exitCode = 1;

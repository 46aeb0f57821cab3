/** The policies of the default configuration for the Helm chart, which puts a release's own names into them. */
import { NEWEST_TESTED, OLDEST_POSSIBLE } from "../src/check/versions.ts";
import { configurationDigest } from "../src/cli/configuration-digest.ts";
import { policiesYaml } from "../src/cli/policies.ts";
import { compileConfiguration } from "../src/configuration/compile.ts";
import type { Installation } from "../src/policies/installation.ts";
import { renderPolicies } from "../src/policies/render.ts";

const FULLNAME = "RELEASE-FULLNAME";
const NAMESPACE = "RELEASE-NAMESPACE";

/** The default's exempt namespaces as the chart knows them: `templates/_policies.tpl`. */
const EXEMPT = [NAMESPACE, "kube-node-lease", "kube-system"].map((name) => `            - ${name}\n`).join("");

const HEADER = `# Generated from the default configuration by \`npm run generate\`; the chart replaces what is in capital letters.\n`;

/** `text` with the chart's metadata, and its namespaces in the order in which a release's are. Throws where they are others. */
const withPlaces = (text: string): string => {
  const placed = text
    .replace(/^ {2}labels:\n(?: {4}.*\n)+/gmu, "  labels: RELEASE-LABELS\n")
    .replace(/^ {2}annotations:\n/gmu, '  annotations:\n    EXTRA-ANNOTATIONS: ""\n')
    .replaceAll(`          values:\n${EXEMPT}`, "          values: EXEMPT-NAMESPACES\n");
  if (placed.includes("          values:\n")) throw new Error("templates/_policies.tpl knows other exempt namespaces");
  return HEADER + placed;
};

const rendered = (kind: "Validating" | "Mutating", version: Pick<Installation, "minor" | "mode">): string => {
  const compiled = compileConfiguration({}, NAMESPACE);
  if (!compiled.ok) throw new Error("the presets are not a valid configuration");
  const installation = { ...version, name: FULLNAME, digest: configurationDigest({}) };
  const { objects } = renderPolicies(compiled.settings, installation);
  return withPlaces(policiesYaml(objects.filter((object) => object.kind.startsWith(kind))));
};

/** The files by their names: the validating half for every version and in both modes, the mutating one for the newest. */
export const chartPolicies = (): ReadonlyMap<string, string> =>
  new Map([
    ["policies-exact.yaml", rendered("Validating", { minor: OLDEST_POSSIBLE.minor, mode: "exact" })],
    ["policies-label.yaml", rendered("Validating", { minor: NEWEST_TESTED.minor, mode: "label" })],
    ["policies-mutating.yaml", rendered("Mutating", { minor: NEWEST_TESTED.minor, mode: "label" })],
  ]);

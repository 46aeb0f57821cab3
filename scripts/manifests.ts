/**
 * Writes deploy/podpass.yaml: what the chart renders by default, for those without Helm, and for every version: one kind
 * that an API server does not know would stop `kubectl apply`. With `--values FILE` and further
 * options of `helm template` it prints what the chart renders with them instead.
 */
import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { findHelm, runHelm } from "../test/cluster/helm/helm.ts";
import { asManifests, missingPolicies, OLDEST } from "./plain-manifests.ts";

const root = fileURLToPath(new URL("../", import.meta.url));
const options = process.argv.slice(2);
const helm = await findHelm();
if (helm.kind === "missing") throw new Error(`the chart cannot be rendered: ${helm.reason}`);
const namespace = "podpass-system";
const { code, stdout, stderr } = await runHelm(helm.path, [
  ...["template", "podpass", `${root}charts/podpass`, "--namespace", namespace],
  ...(options.length > 0 ? options : OLDEST),
]);
if (code !== 0) throw new Error(stderr.trim());
const manifests = asManifests(stdout, namespace);
if (options.length === 0) writeFileSync(`${root}deploy/podpass.yaml`, manifests);
else {
  process.stdout.write(manifests);
  process.stderr.write(missingPolicies(manifests, namespace) ?? "");
}

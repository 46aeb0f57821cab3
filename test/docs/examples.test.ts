import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { readConfiguration, showProblems } from "../../src/configuration/read.ts";
import { resolveFederation } from "../../src/federation/federation.ts";
import { type ManifestFile, readManifest } from "../../src/manifests/document.ts";
import { injectManifests } from "../../src/manifests/inject-manifests.ts";
import { objectsIn } from "../../src/manifests/objects.ts";
import { collectServiceAccounts } from "../../src/manifests/service-accounts.ts";
import { root, textOf } from "./markdown.ts";

const manifest = (path: string): ManifestFile => {
  const read = readManifest(path, readFileSync(join(root, path), "utf8"));
  if (!read.ok) throw new Error(JSON.stringify(read.problems));
  return read.file;
};
const objectsUnder = (folder: string) =>
  readdirSync(join(root, folder))
    .map((file) => manifest(join(folder, file)))
    .flatMap(({ documents }) => documents.flatMap(objectsIn));

const configuration = readConfiguration(textOf("examples/configuration.yaml"));
if (!configuration.ok) throw new Error(showProblems("examples/configuration.yaml", configuration.problems));
const { settings } = configuration;
const accounts = collectServiceAccounts(objectsUnder("examples/serviceaccounts"), "default");
const workloads = injectManifests(objectsUnder("examples/workloads"), {
  settings,
  serviceAccounts: accounts,
  namespace: "default",
});

/** Workload to the providers and the warnings that its pods get. */
const EXPECTED: Readonly<Record<string, { providers: readonly string[]; warnings?: readonly string[] }>> = {
  assistant: { providers: ["openai", "enkryptify"], warnings: ["path-taken", "static-key"] },
  invoices: { providers: ["azure"] },
  orders: { providers: ["aws"] },
  payments: { providers: ["aws", "vault-eu"] },
  reports: { providers: ["gcp"] },
  researcher: { providers: ["anthropic"] },
  training: { providers: ["coreweave-object-storage"] },
};

describe("the examples", () => {
  it("have a configuration without notices", () => {
    expect(settings.notices).toEqual([]);
  });

  it("use every provider of the configuration", () => {
    const used = accounts.written.flatMap(({ account }) =>
      resolveFederation(account, settings).identities.map(({ provider }) => provider.name),
    );
    expect(new Set(used)).toEqual(new Set(settings.providers.keys()));
  });

  it.each(accounts.written)("have a ServiceAccount $account.name without problems", ({ account }) => {
    const { problems, warnings } = resolveFederation(account, settings);
    expect([...problems, ...warnings]).toEqual([]);
  });

  it("have one ServiceAccount in each file, called like it", () => {
    const files = readdirSync(join(root, "examples/serviceaccounts")).map((file) => file.replace(/\.yaml$/, ""));
    expect(accounts.written.map(({ account }) => account.name)).toEqual(files);
    expect([...accounts.bad, ...accounts.repeated, ...workloads.bad]).toEqual([]);
  });

  it("have the workloads that are expected here", () => {
    expect(workloads.decided.map(({ object }) => object.name)).toEqual(Object.keys(EXPECTED));
  });

  it.each(workloads.decided)("have a workload $object.name that gets its identities", ({ object, decision }) => {
    const expected = EXPECTED[object.name ?? ""];
    expect(decision).toMatchObject({ outcome: "patched", reason: "injected", providers: expected?.providers });
    expect(decision.warnings.map(({ reason }) => reason)).toEqual(expected?.warnings ?? []);
  });
});

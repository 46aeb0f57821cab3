import { rmSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { type LoadedConfiguration, openConfiguration } from "../../src/files/configuration-file.ts";
import { eventually } from "../support/eventually.ts";
import { MountedVolume, temporaryFolder, writeFiles } from "../support/folder.ts";

const TIMING = { pollMs: 50, quietMs: 10 };
const HEAD = "apiVersion: podpass.dev/v1alpha1\nkind: Configuration\n";
const only = (...presets: readonly string[]) =>
  `${HEAD}providers: { ${presets.map((name) => `${name}: { preset: ${name} }`).join(", ")} }\n`;

const openVolume = async (text: string) => {
  const volume = new MountedVolume(temporaryFolder());
  await volume.swap({ "config.yaml": text });
  const opened = await openConfiguration({ path: volume.path("config.yaml"), namespace: "podpass-system" });
  if (!opened.ok) throw new Error(opened.problems);
  const { configuration } = opened;
  const reloads: LoadedConfiguration[] = [];
  const watcher = await configuration.watch((loaded) => void reloads.push(loaded), TIMING);
  onTestFinished(() => watcher.close());
  const providers = () => [...configuration.settings().providers.keys()];
  return { volume, reloads, providers, configuration };
};

describe("openConfiguration", () => {
  it("has every preset without a file, and its own namespace exempt", async () => {
    const opened = await openConfiguration({ path: undefined, namespace: "podpass-system" });
    if (!opened.ok) throw new Error(opened.problems);
    const settings = opened.configuration.settings();
    expect(settings.providers.has("openai")).toBe(true);
    expect(settings.policy.exemptNamespaces).toContain("podpass-system");
    expect(opened.configuration.written()).toEqual({});
  });

  it("lists all problems, each with its place", async () => {
    const folder = temporaryFolder();
    await writeFiles(folder, { "c.yaml": `${HEAD}providres: {}\npolicy: { enforcement: Perhaps }\n` });
    const path = join(folder, "c.yaml");
    const opened = await openConfiguration({ path, namespace: undefined });
    if (opened.ok) throw new Error("accepted");
    const problems = opened.problems.split("\n");
    expect(problems).toHaveLength(2);
    for (const problem of problems) expect(problem).toMatch(new RegExp(`^${path}:\\d+:\\d+: `));
  });

  it("says which file is not there", async () => {
    const opened = await openConfiguration({ path: "/nowhere/c.yaml", namespace: undefined });
    expect(opened).toMatchObject({ ok: false, problems: expect.stringContaining("/nowhere/c.yaml") });
  });
});

describe("a changed file", () => {
  it("replaces the configuration, as often as it changes", async () => {
    const { volume, reloads, providers, configuration } = await openVolume(only("aws"));
    expect(configuration.written()).toMatchObject({ providers: { aws: { preset: "aws" } } });
    await volume.swap({ "config.yaml": only("openai") });
    await eventually(() => expect(providers()).toStrictEqual(["openai"]));
    await volume.swap({ "config.yaml": only("gcp") });
    await eventually(() => expect(providers()).toStrictEqual(["gcp"]));
    expect(configuration.written()).toMatchObject({ providers: { gcp: { preset: "gcp" } } });
    expect(reloads.map(({ ok }) => ok)).toStrictEqual([true, true]);
  });

  it("keeps the old one where the new one is not valid, until there is a good one", async () => {
    const { volume, reloads, configuration } = await openVolume(only("aws"));
    const before = configuration.settings();
    await volume.swap({ "config.yaml": `${only("aws")}policy: { enforcement: Perhaps }\n` });
    await eventually(() => expect(reloads).toHaveLength(1));
    expect(reloads[0]).toMatchObject({ ok: false, problems: expect.stringContaining("policy.enforcement") });
    expect(configuration.settings()).toBe(before);
    await volume.swap({ "config.yaml": only("aws") });
    await eventually(() => expect(reloads).toHaveLength(2));
    expect(reloads[1]?.ok).toBe(true);
  });

  it("is nothing new where the text is the same", async () => {
    const { volume, reloads } = await openVolume(only("aws"));
    await volume.swap({ "config.yaml": only("aws") });
    await volume.swap({ "config.yaml": only("openai") });
    await eventually(() => expect(reloads).toHaveLength(1));
  });

  it("keeps the old one where the file is gone", async () => {
    const { volume, reloads, providers } = await openVolume(only("aws"));
    rmSync(volume.path("config.yaml"));
    await eventually(() => expect(reloads[0]?.ok).toBe(false));
    expect(providers()).toStrictEqual(["aws"]);
  });
});

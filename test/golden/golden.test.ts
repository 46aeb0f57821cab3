import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { parse, stringify } from "yaml";
import { readConfiguration, showProblems } from "../../src/configuration/read.ts";
import { decide } from "../../src/decision/decide.ts";
import type { Pod } from "../../src/pod/pod.ts";
import { applied, asPod, recorded, serviceAccount, warningsOf } from "../support/pods.ts";

const FOLDER = new URL("./", import.meta.url);
const ISSUED = ["patch.json", "pod.injected.yaml", "warnings.txt", "denial.txt"] as const;
const GIVEN = ["review.json", "pod.yaml", "serviceaccount.yaml", "config.yaml"] as const;

type Issued = Partial<Record<(typeof ISSUED)[number], string>>;

const read = (folder: URL, file: string): string | undefined =>
  existsSync(new URL(file, folder)) ? readFileSync(new URL(file, folder), "utf8") : undefined;

/** `review.json` names a recorded review; `pod.yaml` is a pod of its own, in `production`. */
const givenPod = (folder: URL): { readonly pod: Pod; readonly namespace: string } => {
  const review = read(folder, "review.json");
  if (review !== undefined) return recorded(JSON.parse(review).review);
  return { pod: asPod(parse(read(folder, "pod.yaml") ?? "")), namespace: "production" };
};

const givenSettings = (folder: URL) => {
  const text = read(folder, "config.yaml") ?? "apiVersion: podpass.dev/v1alpha1\nkind: Configuration\n";
  const result = readConfiguration(text, { ownNamespace: "podpass-system" });
  if (!result.ok) throw new Error(showProblems("config.yaml", result.problems));
  return result.settings;
};

const givenAccount = (folder: URL) => {
  const { metadata } = parse(read(folder, "serviceaccount.yaml") ?? "");
  return serviceAccount(metadata.annotations ?? {}, metadata.namespace, metadata.name);
};

const yaml = (value: unknown): string => stringify(value, { lineWidth: 0, aliasDuplicateObjects: false });

const withoutManagedFields = (pod: Pod): unknown =>
  JSON.parse(JSON.stringify(pod), (key, value) => (key === "managedFields" ? undefined : value));

/** Every file that the case must have, with its content. */
const issued = (folder: URL): Issued => {
  const { pod, namespace } = givenPod(folder);
  const decision = decide({ pod, namespace, serviceAccount: givenAccount(folder), settings: givenSettings(folder) });
  const warnings = warningsOf(decision);
  const shared: Issued = warnings.length === 0 ? {} : { "warnings.txt": `${warnings.join("\n")}\n` };
  if (decision.outcome === "denied") return { ...shared, "denial.txt": `${decision.reason}: ${decision.message}\n` };
  return {
    ...shared,
    "patch.json": `${JSON.stringify(decision.patch, null, 2)}\n`,
    "pod.injected.yaml": yaml(withoutManagedFields(applied(pod, decision.patch))),
  };
};

const update = (folder: URL, files: Issued): void => {
  for (const name of ISSUED) {
    const content = files[name];
    if (content === undefined) rmSync(new URL(name, folder), { force: true });
    else writeFileSync(new URL(name, folder), content);
  }
};

const cases = readdirSync(FOLDER, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map((entry) => entry.name);

describe("golden", () => {
  it("has a case for every recorded review", () => {
    const folder = new URL("../data/admission-reviews/", FOLDER);
    const reviews = readdirSync(folder).map((file) => file.replace(".json", ""));
    const used = cases.map((name) => JSON.parse(read(new URL(`${name}/`, FOLDER), "review.json") ?? "{}").review);
    expect(reviews.filter((review) => !used.includes(review))).toEqual([]);
  });

  it.each(cases)("%s", (name) => {
    const folder = new URL(`${name}/`, FOLDER);
    const files = issued(folder);
    if (process.env["UPDATE_GOLDEN"] === "1") {
      mkdirSync(folder, { recursive: true });
      update(folder, files);
    }
    const known: readonly string[] = GIVEN;
    const there = readdirSync(folder).filter((file) => !known.includes(file));
    expect(there.sort(), "missing or stale files; UPDATE_GOLDEN=1 writes them").toEqual(Object.keys(files).sort());
    for (const [file, content] of Object.entries(files)) expect(read(folder, file), file).toBe(content);
  });
});

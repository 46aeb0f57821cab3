import { expect, it } from "vitest";
import { type RecordedRun, runsText, versionsTable } from "../../scripts/kubernetes-versions.ts";
import { readModule } from "../cluster/controlplane/go-build.ts";
import { kubernetesVersions, versionFolder } from "../cluster/controlplane/versions.ts";

const counts = { date: "2026-11-26", passed: 300, failed: 0, skipped: 2, passedOnRealNode: 50 };
const pinned = async (minor: string) => (await readModule(versionFolder(minor), "k8s.io/kubernetes")).version;
const [oldest = ""] = kubernetesVersions();
const newest = kubernetesVersions().at(-1) ?? "";

it("keeps the last run of each version that can be built, oldest first", async () => {
  const [first, last] = [await pinned(oldest), await pinned(newest)];
  const runs: RecordedRun[] = [
    { ...counts, version: last },
    { ...counts, version: first, failed: 1 },
    { ...counts, version: "v1.2.3" },
    { ...counts, version: first },
  ];
  expect(JSON.parse(runsText(runs))).toEqual([
    { ...counts, version: first },
    { ...counts, version: last },
  ]);
});

it("says which version was not run yet, in the patch release that is pinned", async () => {
  const lines = (await versionsTable([{ ...counts, version: await pinned(newest) }])).split("\n").slice(2);
  expect(lines[0]).toBe(`| ${newest} | ${await pinned(newest)} | 2026-11-26 | 300 | 50 | 0 | 2 |`);
  expect(lines.at(-1)).toBe(`| ${oldest} | ${await pinned(oldest)} | not yet |  |  |  |  |`);
  const outdated = await versionsTable([{ ...counts, version: `v${newest}.0` }]);
  expect(outdated).toContain(`| ${newest} | ${await pinned(newest)} | not yet |`);
});

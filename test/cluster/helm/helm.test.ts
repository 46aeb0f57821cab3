import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { findHelm } from "./helm.ts";

it("takes the Helm that it is told", async () => {
  expect(await findHelm({ env: { PODPASS_TEST_HELM: "/opt/helm" } })).toEqual({ kind: "found", path: "/opt/helm" });
});

it("says what is missing where there is neither Helm nor Go", async () => {
  const folder = await mkdtemp(join(tmpdir(), "podpass-helm-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  expect(await findHelm({ env: { XDG_CACHE_HOME: folder, PATH: folder } })).toMatchObject({
    kind: "missing",
    reason: expect.stringMatching(/^install Go 1\.\d+/u),
  });
});

import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, it } from "vitest";
import { describeOnCluster } from "../cluster/harness.ts";
import { canServeVendorHosts } from "../cluster/relying-parties/vendor-hosts.ts";

const run = promisify(execFile);
const demo = join(import.meta.dirname, "../../scripts/demo.ts");

const output = async (flag: string, timeout: number): Promise<string> => {
  const env = { ...process.env, NO_COLOR: "1" };
  return (await run(process.execPath, [demo, flag], { env, timeout })).stdout;
};

describeOnCluster("npm run demo", () => {
  const isPossible = process.env["CI"] === "true" || canServeVendorHosts();

  it.skipIf(!isPossible)(
    "-- --cluster ends well, with each program greeted by its provider",
    async () => {
      const stdout = await output("--cluster", 110_000);
      expect(stdout).toContain("the provider verified its token: system:serviceaccount:production:aws");
      expect(stdout).toContain("Hello system:serviceaccount:production:anthropic");
      expect(stdout).toContain("The cluster is gone, and everything in it.");
    },
    120_000,
  );

  it("-- --once shows each scene and ends", async () => {
    const stdout = await output("--once", 50_000);
    expect(stdout).toContain("podpass-aws");
    expect(stdout).toContain("A ServiceAccount without federation");
    expect(stdout).toContain("allowed, nothing changed");
  }, 60_000);
});

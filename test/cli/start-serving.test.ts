import { execFileSync } from "node:child_process";
import { open } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { createAuthority } from "../../scripts/certificates.ts";
import { temporaryFolder, writeFiles } from "../support/folder.ts";
import { spawnServe } from "../support/processes.ts";

describe("podpass serve, while it starts", () => {
  it.each([1, 2])("ends with 0 after %i signals during the start, and leaves nothing behind", async (signals) => {
    const folder = temporaryFolder();
    const { cert, key } = await (await createAuthority()).issue();
    await writeFiles(folder, { "tls.key": key });
    const slow = join(folder, "slow.crt");
    execFileSync("mkfifo", [slow]);
    const serving = spawnServe({ manifests: folder, tlsCert: slow, tlsKey: join(folder, "tls.key") });
    // Opened once the other side is open too: in the middle of the start.
    const writer = await open(slow, "w");
    for (let i = 0; i < signals; i++) {
      serving.child.kill("SIGTERM");
      await setTimeout(50);
    }
    await writer.writeFile(cert);
    await writer.close();
    expect(await serving.ended).toBe(0);
    expect(serving.stderr()).toBe("");
    expect(serving.lines()).toMatchObject([{ msg: "stopped before it served", signal: "SIGTERM" }]);
  });
});

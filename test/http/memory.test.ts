import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { expect, it, onTestFinished } from "vitest";
import { createAuthority } from "../../scripts/certificates.ts";
import { temporaryFolder, writeFiles } from "../support/folder.ts";
import { createClient } from "../support/http-client.ts";
import { spawnServe } from "../support/processes.ts";
import { FEDERATED, reviewText } from "../support/reviews.ts";
import { shippedProgram } from "../support/shipped-program.ts";

/** The chart's limit. */
const MAX_MIB = 256;

/** What others may wait while the worst is answered. */
const MAX_WAIT_MS = 250;

const CLIENTS = 64;
const FLOOD = fileURLToPath(new URL("../support/flood-runner.ts", import.meta.url));

const peakMib = (pid: number | undefined): number =>
  Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]) / 1024;

it.skipIf(process.platform !== "linux").each([
  ["never finish", 1],
  ["finish at the same time", 0],
])(
  "stays small, and answers small pods in time, under 64 clients whose largest bodies %s",
  { timeout: 30_000 },
  async (_name, unsent) => {
    const authority = await createAuthority();
    const { cert, key } = await authority.issue();
    const folder = temporaryFolder();
    await writeFiles(folder, { "tls.crt": cert, "tls.key": key, "ca.crt": authority.ca });
    await writeFiles(join(folder, "manifests"), { "my-api.yaml": FEDERATED });
    const serving = spawnServe(
      {
        manifests: join(folder, "manifests"),
        tlsCert: join(folder, "tls.crt"),
        tlsKey: join(folder, "tls.key"),
      },
      { program: shippedProgram() },
    );
    const url = String((await serving.line("serving"))["url"]);
    const client = createClient(url, authority.ca);
    onTestFinished(() => client.agent.destroy());
    for (let i = 0; i < 20; i++) await client.post({ body: reviewText() });

    const flood = spawn(process.execPath, [
      FLOOD,
      new URL(url).port,
      join(folder, "ca.crt"),
      `${CLIENTS}`,
      `${unsent}`,
    ]);
    onTestFinished(() => void flood.kill("SIGKILL"));
    let answers = "";
    flood.stdout.on("data", (chunk: Buffer) => {
      answers += chunk.toString();
    });
    const waits: number[] = [];
    for (const endMs = performance.now() + 12_000; answers === "" && performance.now() < endMs; await setTimeout(5)) {
      const startedMs = performance.now();
      expect(await client.post({ body: reviewText() })).toMatchObject({ status: 200 });
      waits.push(performance.now() - startedMs);
    }
    expect(Number(answers)).toBeGreaterThan(unsent === 0 ? CLIENTS - 1 : 1);
    waits.sort((one, other) => one - other);
    expect(waits[Math.floor(waits.length * 0.95)]).toBeLessThan(MAX_WAIT_MS);
    expect(peakMib(serving.child.pid)).toBeLessThan(MAX_MIB);
  },
);

/** The server of the hostile suite as the image has it, what it uses, and who asks it meanwhile. */
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { onTestFinished } from "vitest";
import { createAuthority } from "../../scripts/certificates.ts";
import { temporaryFolder, writeFiles } from "../support/folder.ts";
import { ACCOUNTS, SECTIONS } from "../support/hostile-policy.ts";
import { type Client, createClient } from "../support/http-client.ts";
import { type ServeProcess, spawnServe } from "../support/processes.ts";
import { shippedProgram } from "../support/shipped-program.ts";
import type { ProberInput, ProberReport } from "./hostile-prober.ts";

const HEADER = { apiVersion: "podpass.dev/v1alpha1", kind: "Configuration" };

const MANIFESTS = JSON.stringify({
  apiVersion: "v1",
  kind: "List",
  items: Object.entries(ACCOUNTS).map(([name, annotations]) => ({
    apiVersion: "v1",
    kind: "ServiceAccount",
    metadata: { name, namespace: "production", annotations },
  })),
});

/** A running server. */
export interface HostileServer {
  readonly serving: ServeProcess;
  readonly url: string;
  readonly ca: string;
  /** A client with so many connections. */
  client(connections: number): Client;
  /** The most memory that it had at once, in MiB. */
  peakMemory(): number;
  isAlive(): boolean;
}

/** Starts it; it ends with the test. */
export const startHostileServer = async (): Promise<HostileServer> => {
  const authority = await createAuthority();
  const { cert, key } = await authority.issue();
  const folder = temporaryFolder();
  const files = { "config.yaml": JSON.stringify({ ...HEADER, ...SECTIONS }), "tls.crt": cert, "tls.key": key };
  await writeFiles(folder, { ...files, "manifests/accounts.json": MANIFESTS });
  const at = (name: string) => join(folder, name);
  const options = {
    config: at("config.yaml"),
    manifests: at("manifests"),
    tlsCert: at("tls.crt"),
    tlsKey: at("tls.key"),
  };
  const serving = spawnServe(options, { program: shippedProgram() });
  const url = String((await serving.line("serving"))["url"]);
  const status = () => readFileSync(`/proc/${serving.child.pid}/status`, "utf8");
  return {
    serving,
    url,
    ca: authority.ca,
    client: (connections) => {
      const client = createClient(url, authority.ca, connections);
      onTestFinished(() => client.agent.destroy());
      return client;
    },
    peakMemory: () => Math.round(Number(/VmHWM:\s+(\d+)/u.exec(status())?.[1]) / 1024),
    isAlive: () => serving.child.exitCode === null && serving.child.signalCode === null,
  };
};

const PROBER = fileURLToPath(new URL("hostile-prober.ts", import.meta.url));

/** Runs `work` while a process asks `asked` of the server every 20 ms; returns what that process waited. */
export const probing = async (
  { url, ca, serving }: HostileServer,
  asked: ProberInput["asked"],
  work: () => Promise<unknown>,
): Promise<ProberReport> => {
  const input: ProberInput = { url, ca, asked, pid: serving.child.pid ?? 0 };
  const child = spawn(process.execPath, [PROBER, JSON.stringify(input)], { stdio: ["pipe", "pipe", "inherit"] });
  onTestFinished(() => void child.kill("SIGKILL"));
  let report = "";
  child.stdout.on("data", (chunk: Buffer) => {
    report += chunk.toString();
  });
  const ended = new Promise((resolve) => child.once("close", resolve));
  await work();
  child.stdin.end();
  await ended;
  return JSON.parse(report) as ProberReport;
};

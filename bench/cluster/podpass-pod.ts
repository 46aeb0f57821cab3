/** Podpass as a pod on the node stand-in: with a mounted token and CA, and no kubeconfig, as in any cluster. */
import { spawn } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type CertificateFiles, writeCertificates } from "../../scripts/certificates.ts";
import { memoryEnvironment } from "../../scripts/image-environment.ts";
import { freePort, isReady } from "../../scripts/serve-process.ts";
import type { Cluster } from "../../test/cluster/cluster.ts";
import type { Pod } from "../../test/cluster/node/pod.ts";
import { bindPod, runContainer } from "../../test/cluster/node.ts";
import { grantPodpassRights } from "../../test/cluster/podpass-rights.ts";

const bundle = join(import.meta.dirname, "../../dist/podpass.mjs");
const namespace = "podpass-system";
const name = "podpass";

/** A running Podpass. */
export interface RunningPodpass {
  readonly pid: number;
  readonly url: string;
  readonly health: string;
  stop(): Promise<void>;
}

/** A pod whose container waits, so that what a node does before a container starts is not measured. */
export interface HeldPodpass {
  readonly health: string;
  /** Starts the server now, and returns the time. */
  release(): number;
  /** Resolves when `/readyz` answers 200, to the time at which it did. */
  untilReady(): Promise<number>;
  /** Resolves when it answers at all. */
  untilListening(): Promise<void>;
  running(): RunningPodpass;
}

const metadata = { name };

const install = async (cluster: Cluster): Promise<void> => {
  const inNamespace = `/api/v1/namespaces/${namespace}`;
  const namespaceObject = { apiVersion: "v1", kind: "Namespace", metadata: { name: namespace } };
  await cluster.must("POST", "/api/v1/namespaces", namespaceObject);
  await cluster.must("POST", `${inNamespace}/serviceaccounts`, { apiVersion: "v1", kind: "ServiceAccount", metadata });
  // A controller's work, which this cluster does without.
  await cluster.must("POST", `${inNamespace}/configmaps`, {
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name: "kube-root-ca.crt" },
    data: { "ca.crt": cluster.caPem },
  });
  await grantPodpassRights(cluster, { kind: "ServiceAccount", namespace, name });
};

/** The process whose command line begins with `node` and contains `argument`. */
const findProcess = (argument: string): number => {
  const commandOf = (pid: string): string => {
    try {
      return readFileSync(`/proc/${pid}/cmdline`, "utf8");
    } catch {
      return "";
    }
  };
  const found = readdirSync("/proc").find((pid) => {
    const command = /^\d+$/u.test(pid) ? commandOf(pid) : "";
    return command.startsWith("node\0") && command.includes(argument);
  });
  if (found === undefined) throw new Error(`no process of Podpass has the argument ${argument}`);
  return Number(found);
};

const poll = async (isDone: () => Promise<boolean>, timeoutMs = 60_000): Promise<number> => {
  const deadline = performance.now() + timeoutMs;
  while (!(await isDone())) {
    if (performance.now() > deadline) throw new Error(`Podpass did not answer as expected within ${timeoutMs} ms`);
    await sleep(5);
  }
  return performance.now();
};

const answers = (url: string): Promise<boolean> =>
  fetch(url).then(
    () => true,
    () => false,
  );

const holdPod = async (cluster: Cluster, { certificate, key }: CertificateFiles): Promise<HeldPodpass> => {
  const [port, healthPort] = [await freePort(), await freePort()];
  const health = `http://127.0.0.1:${healthPort}`;
  const portArgument = `--health-port=${healthPort}`;
  const created = await cluster.must<Pod>("POST", `/api/v1/namespaces/${namespace}/pods`, {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { generateName: `${name}-` },
    spec: { serviceAccountName: name, containers: [{ name: "main", image: "registry.example.com/podpass" }] },
  });
  const pod = await bindPod(cluster, created);
  const gate = spawn("sleep", ["3600"], { stdio: "ignore" });
  const serve = ["serve", `--tls-cert=${certificate}`, `--tls-key=${key}`, "--host=127.0.0.1", `--port=${port}`];
  const waiting = 'while kill -0 "$0" 2>/dev/null; do sleep 0.01; done; exec "$@"';
  const command = ["sh", "-c", waiting, String(gate.pid), "node", bundle, ...serve, portArgument, "--drain-seconds=0"];
  const ended = runContainer({
    cluster,
    pod,
    container: "main",
    command,
    env: memoryEnvironment(),
    timeoutMs: 600_000,
  }).then((result) => {
    gate.kill();
    return result;
  });
  let isEnded = false;
  const end = ended.then(({ stderr, startError }) => {
    isEnded = true;
    return startError ?? stderr;
  });
  const untilOrEnd = (isDone: () => Promise<boolean>) =>
    poll(async () => {
      if (isEnded) throw new Error(`Podpass ended: ${await end}`);
      return isDone();
    });
  // The mounts take a moment, before which there is nothing to release.
  await sleep(300);
  return {
    health,
    release() {
      gate.kill("SIGKILL");
      return performance.now();
    },
    untilReady: () => untilOrEnd(() => isReady(`${health}/readyz`)),
    async untilListening() {
      await untilOrEnd(() => answers(`${health}/readyz`));
    },
    running() {
      const pid = findProcess(portArgument);
      return {
        pid,
        health,
        url: `https://127.0.0.1:${port}/mutate/pods`,
        async stop() {
          process.kill(pid, "SIGTERM");
          await end;
        },
      };
    },
  };
};

/** Installs what Podpass needs in the cluster; what it returns makes one pod with each call. */
export const installPodpass = async (cluster: Cluster) => {
  await install(cluster);
  const files = await writeCertificates(join(cluster.directory, "webhook"));
  return { files, hold: () => holdPod(cluster, files) };
};

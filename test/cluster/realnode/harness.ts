/** What tests on a real node start with. */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, inject } from "vitest";
import type { Cluster, ClusterOptions } from "../cluster.ts";
import { startCluster } from "../cluster.ts";
import { findBinaries } from "../controlplane/binaries.ts";
import { timeouts } from "../harness.ts";
import { makeSandboxImage } from "./images.ts";
import { type RealNode, startRealNode } from "./node.ts";
import { type FoundNodePrograms, findNodePrograms } from "./programs.ts";
import { reportMissingNode } from "./report.ts";

/** A cluster with a real node. */
export interface RealCluster {
  readonly cluster: Cluster;
  readonly node: RealNode;
  readonly programs: FoundNodePrograms;
  /** A folder for archives of images. */
  readonly images: string;
}

const programs = inject("nodePrograms") ?? (await findNodePrograms());
const binaries = inject("controlPlane") ?? (await findBinaries({ withNode: programs.kind === "found" }));
if (!inject("nodePrograms")) reportMissingNode(programs);

/** Can there be a real node here? */
export const hasRealNode = programs.kind === "found" && binaries.kind === "found";

/** `describe` for tests that need a real node; skipped where there can be none. */
export const describeOnRealNode = describe.skipIf(!hasRealNode);

const apiServerFlags = {
  // There is no kube-proxy: the API server finds the endpoints of a Service by itself.
  "enable-aggregator-routing": "true",
  "kubelet-preferred-address-types": "InternalIP",
  "audit-policy-file": join(import.meta.dirname, "audit-policy.json"),
  "audit-log-path": "-",
};

const startRealCluster = async (options: Partial<ClusterOptions>): Promise<RealCluster> => {
  if (programs.kind === "missing") throw new Error(programs.reason);
  if (binaries.kind === "missing") throw new Error(binaries.reason);
  const cluster = await startCluster({
    binaries,
    controllerManager: true,
    scheduler: true,
    isolatedBy: programs.busybox,
    ...options,
    apiServerFlags: { ...apiServerFlags, ...options.apiServerFlags },
  });
  try {
    const node = await startRealNode({ cluster, programs, binaries: binaries.folder, name: "node-1" });
    const images = join(cluster.directory, "images");
    await mkdir(images);
    await node.importImages(await makeSandboxImage(images, programs.busybox));
    return { cluster, node, programs, images };
  } catch (error) {
    await cluster.stop();
    throw error;
  }
};

/** One cluster with a real node for all tests of the surrounding `describe`; `prepare` runs once in it. */
export const useRealCluster = (
  options: Partial<ClusterOptions> = {},
  prepare?: (real: RealCluster) => Promise<unknown>,
): (() => RealCluster) => {
  let real: RealCluster | undefined;
  beforeAll(async () => {
    real = await startRealCluster(options);
    await prepare?.(real);
  }, 2 * timeouts.start);
  afterAll(() => real?.cluster.stop());
  return () => {
    if (!real) throw new Error("the cluster is not running");
    return real;
  };
};

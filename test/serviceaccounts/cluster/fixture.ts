/** A source on a scripted server, with its metrics and a clock in the test's hands. */

import { expect, onTestFinished } from "vitest";
import { keysUnder } from "../../../src/federation/account-keys.ts";
import { createConnection } from "../../../src/kube/connection.ts";
import {
  type ClusterSource,
  type ClusterSourceOptions,
  createClusterSource,
} from "../../../src/serviceaccounts/cluster/cluster-source.ts";
import type { KubeMetrics } from "../../../src/serviceaccounts/cluster/metrics.ts";
import { ManualClock } from "../../kube/manual-clock.ts";
import { type ScriptedServer, startScriptedServer } from "../../kube/scripted-server.ts";
import { eventually } from "../../support/eventually.ts";

/** Remembers what it was told, as words. */
export const recordMetrics = (): KubeMetrics & { readonly told: string[] } => {
  const told: string[] = [];
  return {
    told,
    relisted: (reason) => void told.push(`relist ${reason}`),
    watchFailed: (errorClass) => void told.push(errorClass),
    rewatched: () => void told.push("rewatch"),
    liveGet: (result) => void told.push(`get ${result}`),
    crowded: (namespace) => void told.push(`crowded ${namespace}`),
  };
};

/** What a test of the source has. */
export interface Fixture {
  readonly server: ScriptedServer;
  readonly source: ClusterSource;
  readonly clock: ManualClock;
  readonly told: readonly string[];
  /** The `federate` annotation as the source has it. */
  readonly federateOf: (name: string, namespace?: string) => Promise<string | undefined>;
  /** Waits, letting time pass, until answers come from memory. */
  readonly trusted: () => Promise<void>;
  /** Waits until the source has noticed that its watch is gone, then like `trusted`. */
  readonly recovered: () => Promise<void>;
}

/** The annotation that tests write. */
export const FEDERATE = "podpass.dev/federate";

/** Opens a source; `prepare` runs before it starts. */
export const openSource = async (
  prepare: (server: ScriptedServer) => void = () => {},
  options: Partial<ClusterSourceOptions> = {},
): Promise<Fixture> => {
  const server = await startScriptedServer();
  prepare(server);
  const clock = new ManualClock();
  const metrics = recordMetrics();
  const connection = createConnection({ access: server.access, clock });
  const source = createClusterSource({ connection, keys: keysUnder("podpass.dev"), metrics, clock, ...options });
  onTestFinished(() => {
    source.close();
    connection.close();
  });
  const trusted = () => clock.until(() => expect(source.health().isTrusted).toBe(true));
  return {
    server,
    source,
    clock,
    trusted,
    async recovered() {
      await eventually(() => expect(source.health().isTrusted).toBe(false));
      await trusted();
    },
    told: metrics.told,
    federateOf: async (name, namespace = "production") =>
      (await source.find(namespace, name, 2000))?.annotations.get(FEDERATE),
  };
};

/** The same, synced, with one federated ServiceAccount, `a`. */
export const openSynced = async (options: Partial<ClusterSourceOptions> = {}): Promise<Fixture> => {
  const fixture = await openSource((server) => server.log.put("production", "a", { [FEDERATE]: "aws" }), options);
  await eventually(() => expect(fixture.source.isSynced()).toBe(true));
  return fixture;
};

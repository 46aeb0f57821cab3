/** What end-to-end tests start with: a cluster whose pods go through Podpass. */
import { afterAll, beforeAll } from "vitest";
import type { Cluster, ClusterOptions } from "../cluster/cluster.ts";
import { startTestCluster, timeouts } from "../cluster/harness.ts";
import { type Account, createAccount, podpassUser } from "./accounts.ts";
import { type Podpass, type PodpassOptions, startPodpass } from "./podpass.ts";

/** A cluster with Podpass. */
export interface Environment {
  readonly cluster: Cluster;
  readonly podpass: Podpass;
  /** Makes ServiceAccounts. */
  create(accounts: readonly Account[]): Promise<void>;
}

/** How both are started. */
export interface EnvironmentOptions extends PodpassOptions {
  readonly cluster?: Omit<ClusterOptions, "binaries">;
}

/** Starts both; stop the cluster and all is gone. */
const startEnvironment = async ({ cluster: clusterOptions, ...options }: EnvironmentOptions = {}) => {
  const cluster = await startTestCluster({ users: [podpassUser], ...clusterOptions });
  try {
    const podpass = await startPodpass(cluster, options);
    const environment: Environment = {
      cluster,
      podpass,
      create: async (accounts) => {
        await Promise.all(accounts.map((account) => createAccount(cluster, account)));
      },
    };
    return environment;
  } catch (error) {
    await cluster.stop();
    throw error;
  }
};

/** One environment for all tests of the surrounding `describe`; `prepare` runs once in it. */
export const useEnvironment = (
  options: EnvironmentOptions = {},
  prepare?: (environment: Environment) => Promise<unknown>,
): (() => Environment) => {
  let environment: Environment | undefined;
  beforeAll(async () => {
    environment = await startEnvironment(options);
    await prepare?.(environment);
  }, timeouts.start);
  afterAll(() => environment?.cluster.stop());
  return () => {
    if (!environment) throw new Error("the environment is not running");
    return environment;
  };
};

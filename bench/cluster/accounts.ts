/** Many ServiceAccounts on a real API server. */
import type { Cluster } from "../../test/cluster/cluster.ts";

const NAMESPACES = 100;
const WORKERS = 24;
const FEDERATED_EVERY = 5;

const federation = (index: number) => ({
  "podpass.dev/federate": "aws",
  "aws.podpass.dev/role-arn": `arn:aws:iam::123456789012:role/account-${index}`,
  "aws.podpass.dev/region": "eu-west-1",
});

/** How many of `count` are federated. */
export const federatedOf = (count: number): number => Math.ceil(count / FEDERATED_EVERY);

/** The ServiceAccount with the number `index`. Those that are federated (20 %) come first in every five. */
const create = (cluster: Cluster, index: number): Promise<unknown> => {
  const path = `/api/v1/namespaces/team-${index % NAMESPACES}/serviceaccounts`;
  const metadata = {
    name: `account-${index}`,
    labels: { "app.kubernetes.io/managed-by": "Helm", "app.kubernetes.io/name": `app-${index}` },
    annotations: index % FEDERATED_EVERY === 0 ? federation(index) : {},
  };
  return cluster.must("POST", path, { apiVersion: "v1", kind: "ServiceAccount", metadata });
};

/** A client that adds ServiceAccounts up to a number. */
export const createPopulation = async (cluster: Cluster): Promise<{ growTo(count: number): Promise<void> }> => {
  for (let index = 0; index < NAMESPACES; index++) {
    const metadata = { name: `team-${index}` };
    await cluster.must("POST", "/api/v1/namespaces", { apiVersion: "v1", kind: "Namespace", metadata });
  }
  let next = 0;
  return {
    async growTo(count) {
      const work = async (): Promise<void> => {
        while (next < count) await create(cluster, next++);
      };
      await Promise.all(Array.from({ length: WORKERS }, work));
    },
  };
};

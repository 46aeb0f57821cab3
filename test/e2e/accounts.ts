/** ServiceAccounts, as Podpass learns of them. */
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Cluster } from "../cluster/cluster.ts";
import type { User } from "../cluster/credentials.ts";
import { eventually } from "../support/eventually.ts";
import type { Podpass } from "./podpass.ts";

/** A ServiceAccount; in `default` unless told. */
export interface Account {
  readonly name: string;
  readonly namespace?: string;
  readonly annotations?: Readonly<Record<string, string>>;
}

/** The user that Podpass is at the API server. */
export const podpassUser: User = { name: "podpass", groups: [] };

const manifestFolder = (cluster: Cluster): string => join(cluster.directory, "podpass", "manifests");

/** What `podpass serve` is told of where the ServiceAccounts are. */
export const accountArguments = async (cluster: Cluster, _directory: string, _url: string) => {
  await mkdir(manifestFolder(cluster));
  await writeFile(join(manifestFolder(cluster), "none.yaml"), "");
  return { manifests: manifestFolder(cluster) };
};

const federatedCount = new WeakMap<Cluster, number>();

const mirror = async (cluster: Cluster, podpass: Podpass, accounts: readonly object[]): Promise<void> => {
  const count = (federatedCount.get(cluster) ?? 0) + accounts.length;
  federatedCount.set(cluster, count);
  await writeFile(
    join(manifestFolder(cluster), `${count}.json`),
    JSON.stringify({ apiVersion: "v1", kind: "List", items: accounts }),
  );
  await eventually(async () => {
    const known = await podpass.metric("podpass_serviceaccounts", 'state="federated"');
    if (known !== count) throw new Error(`Podpass knows ${known} federated ServiceAccounts, and there are ${count}`);
  });
};

/** Makes ServiceAccounts, all of them federated. */
export const federate = async (cluster: Cluster, podpass: Podpass, accounts: readonly Account[]): Promise<void> => {
  const objects = accounts.map(({ name, namespace = "default", annotations = {} }) => ({
    apiVersion: "v1",
    kind: "ServiceAccount",
    metadata: { name, namespace, annotations },
  }));
  await Promise.all(
    objects.map((object) =>
      cluster.must("POST", `/api/v1/namespaces/${object.metadata.namespace}/serviceaccounts`, object),
    ),
  );
  await mirror(cluster, podpass, objects);
};

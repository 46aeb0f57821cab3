/**
 * A network namespace with nothing but loopback in it, for a cluster with a real node: no address, route or bridge of
 * that cluster is ever this machine's. What is in it is reached through Unix sockets, which know no such borders.
 */
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import type { Keeper } from "../keeper.ts";

/** The addresses inside; pods reach all of them. */
export const addresses = {
  /** The first of the Services: the API server's own. */
  service: "10.0.0.1",
  node: "198.51.100.10",
  /** For what pods are to meet outside the cluster: each is served by whoever listens on its socket. */
  outside: Array.from({ length: 16 }, (_, index) => `198.51.100.${20 + index}`),
} as const;

/** The ports inside that are reached from this machine. */
export interface ReachablePorts {
  readonly apiServer: number;
  readonly etcd: number;
}

/** A keeper whose processes are in the namespace. */
export interface Network extends Keeper {
  /** The command line before a program that is to run in the namespace. */
  readonly enter: readonly string[];
  readonly sockets: {
    readonly apiServer: string;
    readonly etcd: string;
    /** Where to listen, so that pods reach it at port 443 of the address of the same place in `addresses.outside`. */
    readonly outside: readonly string[];
  };
}

const holdScript = `set -e
busybox=$1
shift
"$busybox" ip link set lo up
for address; do "$busybox" ip address add "$address/32" dev lo; done
echo ready
exec sleep infinity`;

const untilExists = async (path: string, timeoutMs = 10_000): Promise<void> => {
  const deadline = Date.now() + timeoutMs;
  while (!existsSync(path)) {
    if (Date.now() > deadline) throw new Error(`nothing listens on ${path} after ${timeoutMs} ms`);
    await sleep(20);
  }
};

/** Makes the namespace; it ends with `keeper`. */
export const createNetwork = async (keeper: Keeper, ports: ReachablePorts, busybox: string): Promise<Network> => {
  const folder = join(keeper.directory, "sockets");
  await mkdir(folder);
  const sockets = {
    apiServer: join(folder, "api-server"),
    etcd: join(folder, "etcd"),
    outside: addresses.outside.map((_, index) => join(folder, `outside-${index}`)),
  };
  const all = [addresses.service, addresses.node, ...addresses.outside];
  const holder = keeper.start("network", "unshare", ["--net", "sh", "-c", holdScript, "sh", busybox, ...all], {
    stdio: ["ignore", "pipe", "ignore"],
  });
  const ended = once(holder, "exit").then(([code]) => Promise.reject(new Error(`no network namespace: ${code}`)));
  await Promise.race([once(holder.stdout as Readable, "data"), ended]);
  ended.catch(() => undefined);
  const enter = ["nsenter", `--net=/proc/${holder.pid}/ns/net`];
  const start: Keeper["start"] = (name, command, args, options) => {
    const [nsenter = "", ...rest] = enter;
    return keeper.start(name, nsenter, [...rest, command, ...args], options);
  };
  const pairs = [
    [sockets.apiServer, `${addresses.service}:${ports.apiServer}`],
    [sockets.etcd, `127.0.0.1:${ports.etcd}`],
    ...addresses.outside.map((address, index) => [`${address}:443`, sockets.outside[index] ?? ""]),
  ];
  start("relay", process.execPath, [join(import.meta.dirname, "relay.ts"), ...pairs.flat()], { stdio: "ignore" });
  await Promise.all([untilExists(sockets.apiServer), untilExists(sockets.etcd)]);
  return { ...keeper, start, enter, sockets };
};

/** Where a control plane listens, and how this process gets there. */
import type { Keeper } from "./keeper.ts";
import { freePorts } from "./ports.ts";
import { addresses, createNetwork, type Network } from "./realnode/network.ts";

/** See the file's comment. */
export interface Place {
  /** Starts processes where they reach the control plane. */
  readonly keeper: Keeper;
  readonly address: string;
  readonly apiServerPort: number;
  readonly etcdPort: number;
  /** The API server's, as processes of `keeper` reach it. */
  readonly url: string;
  /** The command line before a program that is to run where the keeper's processes do. */
  readonly enter: readonly string[];
  /** How this process reaches them, where that is not by their addresses. */
  readonly sockets: Network["sockets"] | undefined;
}

/** Free ports of this machine's loopback interface. */
export const placeOnLoopback = async (keeper: Keeper): Promise<Place> => {
  const [etcdPort = 0, apiServerPort = 0] = await freePorts(2);
  const address = "127.0.0.1";
  const url = `https://${address}:${apiServerPort}`;
  return { keeper, address, apiServerPort, etcdPort, url, enter: [], sockets: undefined };
};

/** A network namespace, in which the API server has the address and port that its Service promises. */
export const placeInNetwork = async (keeper: Keeper, busybox: string): Promise<Place> => {
  const ports = { etcd: 2379, apiServer: 443 };
  const network = await createNetwork(keeper, ports, busybox);
  const { enter, sockets } = network;
  const address = addresses.service;
  const url = `https://${address}:${ports.apiServer}`;
  return { keeper: network, address, apiServerPort: ports.apiServer, etcdPort: ports.etcd, url, enter, sockets };
};

/** Free TCP ports of the loopback interface. */
import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";

const listen = async () => {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  return server;
};

/** Finds `count` different ports that nobody listens on. Whoever uses them must bear that another program is faster. */
export const freePorts = async (count: number): Promise<number[]> => {
  const servers = await Promise.all(Array.from({ length: count }, listen));
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(servers.map((server) => once(server.close(), "close")));
  return ports;
};

/** Serves stand-ins under the vendors' own host names and port, so that programs need no other endpoints in tests. */
import { readFileSync } from "node:fs";
import type { Authority } from "../../../scripts/certificates.ts";
import { type Handle, type Listener, listen, ownLoopbackAddress } from "./listen.ts";

/** A stand-in behind host names; `hosts` is for the `/etc/hosts` of the program that is to meet it. */
export interface VendorHosts extends Listener {
  readonly hosts: Readonly<Record<string, string>>;
}

/** May this process listen on port 443? */
export const canServeVendorHosts = (): boolean =>
  process.getuid?.() === 0 || Number(readFileSync("/proc/sys/net/ipv4/ip_unprivileged_port_start", "utf8")) <= 443;

/** Listens on port 443 of an address of its own, with a certificate for `names`. */
export const serveVendorHosts = async (
  authority: Authority,
  names: readonly string[],
  handles: readonly Handle[],
): Promise<VendorHosts> => {
  const tls = await authority.issue({ names });
  for (let attempt = 1; ; attempt += 1) {
    const host = ownLoopbackAddress();
    try {
      const listener = await listen(handles, { host, port: 443, tls });
      return { ...listener, hosts: Object.fromEntries(names.map((name) => [name, host])) };
    } catch (error) {
      const isTaken = (error as NodeJS.ErrnoException).code === "EADDRINUSE";
      if (!isTaken || attempt === 5) throw error;
    }
  }
};

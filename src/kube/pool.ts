/** Kept connections to one API server with one TLS identity. */
import { Pool } from "undici";
import type { Access } from "./access.ts";

/** Opens a pool of at most so many connections; they are made as they are needed. */
export const openPool = ({ server, ca, cert, key, serverName }: Access, connections: number): Pool =>
  new Pool(server.origin, {
    connections,
    // Both take equally long for 50,000 ServiceAccounts. With HTTP/1.1 a connection that died without a word takes one
    // request along; with HTTP/2 it would take the watch and every live GET.
    allowH2: false,
    // Below the 90 s after which Go's server closes an idle connection.
    keepAliveTimeout: 60_000,
    // Whoever asks has limits of their own.
    headersTimeout: 0,
    bodyTimeout: 0,
    connect: {
      rejectUnauthorized: true,
      timeout: 5000,
      ...(ca === undefined ? {} : { ca }),
      ...(cert === undefined ? {} : { cert }),
      ...(key === undefined ? {} : { key }),
      ...(serverName === undefined ? {} : { servername: serverName }),
    },
  });

/** A client that keeps connections as the API server does, and reports what came back as it came. */
import { type IncomingHttpHeaders, request as plainRequest } from "node:http";
import { Agent, request } from "node:https";

/** An answer. */
export interface Reply {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  /** The fingerprint of the certificate that the connection was opened with. */
  readonly certificate: string | undefined;
  /** Was the connection one that had been used before? */
  readonly isReused: boolean;
}

/** What is sent. */
export interface Sent {
  readonly body?: string | Buffer;
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A client of one server. */
export interface Client {
  post(sent: Sent): Promise<Reply>;
  readonly agent: Agent;
}

/** A client that trusts `ca`, with `connections` kept ones at most. */
export const createClient = (url: string, ca: string, connections = 1): Client => {
  const agent = new Agent({ keepAlive: true, maxSockets: connections, ca, maxCachedSessions: 0 });
  const post = ({ body = "", path = "/mutate/pods?timeout=5s", headers }: Sent) =>
    new Promise<Reply>((resolve, reject) => {
      const sent = request(
        new URL(path, url),
        { method: "POST", agent, headers: { "content-type": "application/json", ...headers } },
        (response) => {
          const chunks: Buffer[] = [];
          const socket = sent.socket as import("node:tls").TLSSocket;
          const certificate = socket.getPeerCertificate().fingerprint256;
          response.on("data", (chunk: Buffer) => chunks.push(chunk));
          response.on("error", reject);
          response.on("end", () =>
            resolve({
              status: response.statusCode ?? 0,
              headers: response.headers,
              body: Buffer.concat(chunks).toString(),
              certificate,
              isReused: sent.reusedSocket,
            }),
          );
        },
      );
      sent.on("error", reject);
      sent.end(body);
    });
  return { post, agent };
};

/** A plain GET. */
export const get = (url: string): Promise<{ readonly status: number; readonly body: string }> =>
  new Promise((resolve, reject) => {
    const sent = plainRequest(url, { agent: false }, (response) => {
      let body = "";
      response.on("data", (chunk: Buffer) => {
        body += chunk.toString();
      });
      response.on("end", () => resolve({ status: response.statusCode ?? 0, body }));
    });
    sent.on("error", reject);
    sent.end();
  });

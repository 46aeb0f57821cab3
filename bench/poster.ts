/** A client with one connection that is kept, and one request on it at a time. */
import { Agent, request } from "node:https";

/** An answer, and how long it took. */
export interface Reply {
  readonly ms: number;
  readonly body: string;
}

/** Sends to one server; closed by {@link close}. */
export interface Poster {
  /** Sends `body` and waits for the answer; rejects where the connection breaks. */
  post(body: Buffer): Promise<Reply>;
  close(): void;
}

/** Makes a client for `url`, whose certificate is not looked at. */
export const createPoster = (url: string): Poster => {
  const agent = new Agent({ keepAlive: true, maxSockets: 1, rejectUnauthorized: false });
  const post = (body: Buffer): Promise<Reply> =>
    new Promise((resolve, reject) => {
      const start = performance.now();
      const headers = { "content-type": "application/json", "content-length": body.length };
      const sent = request(url, { method: "POST", agent, headers }, (response) => {
        const chunks: Buffer[] = [];
        response.on("data", (chunk: Buffer) => chunks.push(chunk));
        response.on("end", () => resolve({ ms: performance.now() - start, body: Buffer.concat(chunks).toString() }));
      });
      sent.on("error", reject);
      sent.end(body);
    });
  return { post, close: () => agent.destroy() };
};

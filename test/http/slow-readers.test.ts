import { once } from "node:events";
import { setTimeout } from "node:timers/promises";
import { connect } from "node:tls";
import { expect, it, onTestFinished } from "vitest";
import { ACCOUNTS_AT, accountBody } from "./hostile-accounts.ts";
import { bodyOf } from "./hostile-reviews.ts";
import { startHostileServer } from "./hostile-server.ts";

const CONNECTIONS = 310;
const LASTING_MS = 10_000;

/** The chart's limit. */
const MAX_MIB = 256;

const reviewOf = (containers: number): string =>
  bodyOf("slow", {
    metadata: { name: "slow" },
    spec: { serviceAccountName: "six", containers: Array.from({ length: containers }, (_, i) => ({ name: `c${i}` })) },
  });

/** Two kilobytes, with an answer of 1.3 MiB. */
const REVIEW = reviewOf(120);
/** With a warning for each of more keys than are told. */
const ACCOUNT_REVIEW = accountBody("slow", {
  metadata: {
    name: "slow",
    annotations: Object.fromEntries(
      Array.from({ length: 200 }, (_, i) => [`aws.podpass.dev/${"k".repeat(60)}${i}`, ""]),
    ),
  },
});
const requestTo = (path: string, review: string): string =>
  `POST ${path} HTTP/1.1\r\nhost: podpass\r\ncontent-type: application/json\r\n` +
  `content-length: ${review.length}\r\n\r\n${review}`;
const PODS_AT = "/mutate/pods?timeout=5s";
const POD = requestTo(PODS_AT, REVIEW);
const ACCOUNT = requestTo(ACCOUNTS_AT, ACCOUNT_REVIEW);

it.skipIf(process.platform !== "linux").each([
  ["one", POD],
  ["as many as a connection may send before it is answered", POD.repeat(3)],
  ["more than that", POD.repeat(12)],
  ["more than that, of ServiceAccounts", ACCOUNT.repeat(12)],
])(
  "stays small under small reviews with large answers, which come all at once and which nobody takes: %s on each connection",
  { timeout: 40_000 },
  async (_name, requests) => {
    const server = await startHostileServer();
    const port = Number(new URL(server.url).port);
    for (let i = 0; i < CONNECTIONS; i++) {
      const socket = connect({ host: "127.0.0.1", port, ca: server.ca }, () => void socket.write(requests));
      socket.on("error", () => {});
      socket.pause();
      onTestFinished(() => void socket.destroy());
    }
    await setTimeout(LASTING_MS);
    expect(server.isAlive()).toBe(true);
    expect(server.peakMemory()).toBeLessThan(MAX_MIB);
  },
);

it("answers everybody who takes the answer, though all ask at once and it is large", { timeout: 40_000 }, async () => {
  const server = await startHostileServer();
  const port = Number(new URL(server.url).port);
  const request = requestTo(PODS_AT, reviewOf(40));
  const sockets = await Promise.all(
    Array.from({ length: 60 }, async () => {
      const socket = connect({ host: "127.0.0.1", port, ca: server.ca });
      onTestFinished(() => void socket.destroy());
      socket.on("error", () => {});
      await once(socket, "secureConnect");
      return socket;
    }),
  );
  const received = await Promise.all(
    sockets.map(async (socket) => {
      const chunks: Buffer[] = [];
      socket.on("data", (chunk: Buffer) => void chunks.push(chunk));
      socket.end(request);
      await once(socket, "close");
      const [head = "", body = ""] = Buffer.concat(chunks).toString().split("\r\n\r\n");
      return { promised: Number(/content-length: (\d+)/i.exec(head)?.[1]), had: body.length };
    }),
  );
  for (const { promised, had } of received) {
    expect(promised).toBeGreaterThan(400_000);
    expect(had).toBe(promised);
  }
});

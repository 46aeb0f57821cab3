import { setTimeout } from "node:timers/promises";
import { connect } from "node:tls";
import { expect, it, onTestFinished } from "vitest";
import { bodyOf } from "./hostile-reviews.ts";
import { startHostileServer } from "./hostile-server.ts";

const CONNECTIONS = 310;
const LASTING_MS = 10_000;

/** The chart's limit. */
const MAX_MIB = 256;

/** Two kilobytes, with an answer of 1.3 MiB. */
const REVIEW = bodyOf("slow", {
  metadata: { name: "slow" },
  spec: { serviceAccountName: "six", containers: Array.from({ length: 120 }, (_, i) => ({ name: `c${i}` })) },
});
const REQUEST =
  "POST /mutate/pods?timeout=5s HTTP/1.1\r\nhost: podpass\r\ncontent-type: application/json\r\n" +
  `content-length: ${REVIEW.length}\r\n\r\n${REVIEW}`;

it.skipIf(process.platform !== "linux").each([
  ["one", 1],
  ["as many as a connection may send before it is answered", 3],
  ["more than that", 12],
])(
  "stays small under small reviews with large answers, which come all at once and which nobody takes: %s on each connection",
  { timeout: 40_000 },
  async (_name, pipelined) => {
    const server = await startHostileServer();
    const port = Number(new URL(server.url).port);
    for (let i = 0; i < CONNECTIONS; i++) {
      const socket = connect(
        { host: "127.0.0.1", port, ca: server.ca },
        () => void socket.write(REQUEST.repeat(pipelined)),
      );
      socket.on("error", () => {});
      socket.pause();
      onTestFinished(() => void socket.destroy());
    }
    await setTimeout(LASTING_MS);
    expect(server.isAlive()).toBe(true);
    expect(server.peakMemory()).toBeLessThan(MAX_MIB);
  },
);

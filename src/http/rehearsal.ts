/**
 * Answering made-up reviews while nobody asks, so that V8 has compiled what answers reviews before the first pod comes: a
 * cluster creates a few a second, and a new replica would be slow for minutes. They go the whole way, over TLS, through a
 * server of its own beside the real one, of which no metric, log line or ServiceAccount knows.
 */
import type { Server } from "node:https";
import type { AddressInfo } from "node:net";
import { connect, type TLSSocket } from "node:tls";
import type { Answer } from "../admission/answer.ts";
import { createReviewer, type ReviewPorts } from "../admission/handler.ts";
import { createUnreadReviewer } from "../admission/unread.ts";
import type { Settings } from "../configuration/settings.ts";
import { rehearsalAccounts, rehearsalReviews } from "./rehearsal-reviews.ts";
import type { AnsweringPorts } from "./responder.ts";
import { buildAdmissionServer, type KeyPair } from "./server.ts";

/** What ends a rehearsal, whichever comes first. */
export interface RehearsalBounds {
  readonly reviews: number;
  /** Processor time, of all threads. */
  readonly cpuMs: number;
  /** On a machine that gives little of it. */
  readonly elapsedMs: number;
}

const BOUNDS: RehearsalBounds = { reviews: 1500, cpuMs: 300, elapsedMs: 1500 };

/** One in so many goes over TLS, where Node.js' own part, and that of the client, take most of the time. */
const OVER_TLS = 10;

/** What it takes. */
export interface RehearsalPorts {
  settings(): Settings;
  readonly certificate: KeyPair;
  /** Told of its answers: it may do what is done with real ones, and has to throw it away. */
  readonly answered: AnsweringPorts["answered"];
}

const requestText = (body: string): string =>
  `POST /mutate/pods?timeout=10s HTTP/1.1\r\nHost: localhost\r\nUser-Agent: rehearsal\r\nContent-Length: ${body.length}\r\nAccept: application/json, */*\r\nContent-Type: application/json\r\nAccept-Encoding: gzip\r\n\r\n${body}`;

const reviewPorts = ({ settings }: RehearsalPorts): ReviewPorts => {
  const accounts = rehearsalAccounts(settings());
  return { settings, source: { find: (_namespace, name) => accounts.get(name), isSynced: () => true } };
};

/** Calls `onListening` with the port; whatever goes wrong, it calls `onError`. */
const listenLocally = (server: Server, onListening: (port: number) => void, onError: () => void): void => {
  server.on("error", onError);
  server.listen({ host: "127.0.0.1", port: 0 }, () => onListening((server.address() as AddressInfo).port));
};

/** Rehearses until `stop` is aborted or `bounds` are reached; resolves to how many reviews were answered. Never rejects. */
export const rehearse = (ports: RehearsalPorts, stop: AbortSignal, bounds = BOUNDS): Promise<number> =>
  new Promise((resolve) => {
    const reviews = rehearsalReviews();
    const requests = reviews.map(requestText);
    const answeredFrom = reviewPorts(ports);
    const review = createReviewer(answeredFrom);
    const startMs = performance.now();
    const cpuBefore = process.cpuUsage();
    let count = 0;
    let client: TLSSocket | undefined;

    const isOver = (): boolean => {
      if (stop.aborted || count >= bounds.reviews || performance.now() - startMs > bounds.elapsedMs) return true;
      const { user, system } = process.cpuUsage(cpuBefore);
      return (user + system) / 1000 > bounds.cpuMs;
    };
    const end = () => {
      stop.removeEventListener("abort", end);
      client?.destroy();
      server.close(() => resolve(count));
      server.closeAllConnections();
    };
    const answered = (answer: Answer, milliseconds: number) => {
      ports.answered(answer, milliseconds);
      count++;
      // What is real and has come in meanwhile is read first.
      setImmediate(next);
    };
    const next = () => {
      if (isOver()) return end();
      const at = count % reviews.length;
      if (count % OVER_TLS === 0) return void client?.write(requests[at] ?? "");
      const answer = review(reviews[at] ?? "", bounds.elapsedMs);
      if (!(answer instanceof Promise)) answered(answer, 1);
    };
    const reviewUnread = createUnreadReviewer(answeredFrom);
    const { server } = buildAdmissionServer(ports.certificate, {
      review,
      reviewUnread,
      answered,
      isDraining: () => false,
    });
    stop.addEventListener("abort", end);
    listenLocally(
      server,
      (port) => {
        // With a CA of its own, none of all those that Node.js knows is read.
        client = connect({ host: "127.0.0.1", port, ca: ports.certificate.cert, rejectUnauthorized: false }, next);
        client.on("error", end).resume();
      },
      end,
    );
  });

/**
 * Answering made-up reviews while nobody asks, so that V8 has compiled what answers reviews before the first pod comes: a
 * cluster creates a few a second, and a new replica would be slow for minutes. They go the whole way, over TLS, through a
 * server of its own beside the real one, of which no metric, log line or ServiceAccount knows.
 */
import type { Server } from "node:https";
import type { AddressInfo } from "node:net";
import { connect, type TLSSocket } from "node:tls";
import type { Answer } from "../admission/answer.ts";
import { createBusyReviewer } from "../admission/busy.ts";
import { createReviewer, type Reviewer, type ReviewPorts } from "../admission/handler.ts";
import { createUnreadReviewer } from "../admission/unread.ts";
import type { Settings } from "../configuration/settings.ts";
import { createLazyAccountReviewer } from "./account-reviewer.ts";
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

const cpuMsSince = (before: NodeJS.CpuUsage): number => {
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
};

/** One rehearsal, which is over once it has ended. */
class Rehearsal {
  private readonly reviews = rehearsalReviews();
  private readonly requests = this.reviews.map(requestText);
  private readonly startMs = performance.now();
  private readonly cpuBefore = process.cpuUsage();
  private readonly ports: RehearsalPorts;
  private readonly bounds: RehearsalBounds;
  private readonly review: Reviewer;
  private readonly server: Server;
  private readonly onEnd: (count: number) => void;
  private client: TLSSocket | undefined;
  private count = 0;

  constructor(ports: RehearsalPorts, bounds: RehearsalBounds, onEnd: (count: number) => void) {
    this.ports = ports;
    this.bounds = bounds;
    this.onEnd = onEnd;
    const answeredFrom = reviewPorts(ports);
    this.review = createReviewer(answeredFrom);
    const answering = {
      review: this.review,
      reviewUnread: createUnreadReviewer(answeredFrom),
      reviewBusy: createBusyReviewer(answeredFrom),
      accounts: createLazyAccountReviewer(ports.settings),
      answered: this.answered,
      isDraining: () => false,
    };
    this.server = buildAdmissionServer(ports.certificate, answering).server;
    this.server.on("error", this.end);
  }

  begin(): void {
    this.server.listen({ host: "127.0.0.1", port: 0 }, () => {
      const { port } = this.server.address() as AddressInfo;
      // With a CA of its own, none of all those that Node.js knows is read.
      const options = { host: "127.0.0.1", port, ca: this.ports.certificate.cert, rejectUnauthorized: false };
      this.client = connect(options, this.next);
      this.client.on("error", this.end).resume();
    });
  }

  readonly end = (): void => {
    this.client?.destroy();
    this.server.close(() => this.onEnd(this.count));
    this.server.closeAllConnections();
  };

  private readonly answered = (answer: Answer, milliseconds: number): void => {
    this.ports.answered(answer, milliseconds, "pods");
    this.count++;
    // What is real and has come in meanwhile is read first.
    setImmediate(this.next);
  };

  private readonly next = (): void => {
    const { count, client, reviews, requests, bounds } = this;
    const at = count % reviews.length;
    if (this.isOver()) this.end();
    else if (count % OVER_TLS === 0) client?.write(requests[at] ?? "");
    else {
      const answer = this.review(reviews[at] ?? "", bounds.elapsedMs);
      if (!(answer instanceof Promise)) this.answered(answer, 1);
    }
  };

  private isOver(): boolean {
    const { reviews, elapsedMs, cpuMs } = this.bounds;
    const hasEnded = !this.server.listening || this.count >= reviews;
    return hasEnded || performance.now() - this.startMs >= elapsedMs || cpuMsSince(this.cpuBefore) >= cpuMs;
  }
}

/**
 * Rehearses until `stop` is aborted or `bounds` are reached; resolves to how many reviews were answered. Rejects where the
 * certificate is none.
 */
export const rehearse = (ports: RehearsalPorts, stop: AbortSignal, bounds = BOUNDS): Promise<number> =>
  new Promise((resolve) => {
    const rehearsal = new Rehearsal(ports, bounds, (count) => {
      stop.removeEventListener("abort", rehearsal.end);
      resolve(count);
    });
    stop.addEventListener("abort", rehearsal.end);
    if (stop.aborted) resolve(0);
    else rehearsal.begin();
  });

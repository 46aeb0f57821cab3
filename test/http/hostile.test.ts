/**
 * What whoever may create a pod can send, over TLS at the server as a process: it lives, lets no forbidden token
 * through, and nobody else waits for it.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { expect, it } from "vitest";
import { hostilePod } from "../support/hostile-pods.ts";
import { forbiddenTokens } from "../support/hostile-policy.ts";
import type { Client, Reply } from "../support/http-client.ts";
import { responseIn } from "../support/reviews.ts";
import { brokenPods, NO_REVIEWS } from "./hostile-odd.ts";
import type { ProberReport } from "./hostile-prober.ts";
import {
  bodyOf,
  EACH_ALONE,
  type HostileReview,
  hostileBody,
  letThrough,
  mayHideHead,
  randomReviews,
} from "./hostile-reviews.ts";
import { type HostileServer, probing, startHostileServer } from "./hostile-server.ts";
import { statusesIn, WIRES } from "./hostile-wires.ts";

const SEED = 20_260_101;
/** On a busy machine not all are sent: each alone until the test has taken so long, random ones until so long. */
const ALONE_UNTIL_MS = 28_000;
const UNTIL_MS = 40_000;
/** And random ones for so long at least. */
const LEAST_RANDOM_MS = 3000;
const MAX_RANDOM = 2000;
const WORKERS = 4;
const MAX_WAIT_MS = 250;
const MAX_MEMORY_MIB = 256;
const LARGEST = "x".repeat(8_000_000);

const FORBIDDEN = { audience: "https://nobody.example.com", path: "token" };
const ORDINARY = bodyOf("ordinary", hostilePod("plain", [], []));
const ASKED = [
  { body: ORDINARY, isAllowed: true },
  { body: ORDINARY, isAllowed: true },
  { body: bodyOf("forbidden", hostilePod("plain", [FORBIDDEN], [])), isAllowed: false },
];

/** What came of it all. */
class Tally {
  readonly counts: Record<string, number> = {};
  readonly wrong: string[] = [];

  count(what: string): void {
    this.counts[what] = (this.counts[what] ?? 0) + 1;
  }

  /** Judges the answer to a pod's creation. */
  judge(about: string, body: string, { status, body: answer }: Reply, mayBeUnread: boolean): void {
    this.count(`status ${status}`);
    if (status === 413 && mayBeUnread) return;
    if (status !== 200) {
      this.wrong.push(`${about}: ${status} ${answer}`);
      return;
    }
    const response = responseIn(answer);
    this.count(
      response["allowed"] ? response["auditAnnotations"].decision : `denied: ${response["auditAnnotations"].reason}`,
    );
    if (response["uid"] !== about) this.wrong.push(`${about}: the answer is ${response["uid"]}'s`);
    const bad = forbiddenTokens(letThrough(body, response));
    if (bad > 0) this.wrong.push(`${about}: ${bad} forbidden tokens are let through`);
  }
}

const show = ({ account, growths, shape }: HostileReview): string =>
  JSON.stringify([account, shape, ...growths.map(({ place, size, filler }) => `${place} × ${size} ${filler}`)]);

/** Takes from `items` with several workers at once until there are none, or time is up. */
const inParallel = async <T>(
  items: readonly T[],
  workers: number,
  work: (item: T, index: number) => Promise<void>,
  untilMs = Infinity,
) => {
  let next = 0;
  const run = async (): Promise<void> => {
    while (next < items.length && performance.now() < untilMs) {
      const index = next++;
      await work(items[index] as T, index);
    }
  };
  await Promise.all(Array.from({ length: workers }, run));
};

const chunked = { headers: { "transfer-encoding": "chunked" } };

const sendReview = async (client: Client, tally: Tally, review: HostileReview, index: number): Promise<void> => {
  const uid = `uid-${index}`;
  const body = hostileBody(uid, review);
  const before = tally.wrong.length;
  tally.judge(uid, body, await client.post({ body, ...(review.isChunked && chunked) }), mayHideHead(review));
  for (let i = before; i < tally.wrong.length; i++) tally.wrong[i] += ` ${show(review)}`;
};

/** What is no creation of a pod, or none of one that an API server sends: anything but a fault. */
const sendOdd = async (client: Client, tally: Tally, body: string | Buffer, mayNotPass = false): Promise<void> => {
  const { status, body: answer } = await client.post({ body });
  tally.count(`odd: status ${status}`);
  const about = body.toString("latin1").slice(0, 300);
  if (status >= 500) tally.wrong.push(`${about}: ${status} ${answer}`);
  if (mayNotPass && status === 200 && forbiddenTokens(letThrough(body.toString(), responseIn(answer))) > 0)
    tally.wrong.push(`${about}: let through`);
};

const misbehave = async ({ url, ca }: HostileServer, tally: Tally): Promise<void> => {
  const target = { port: Number(new URL(url).port), ca };
  await inParallel(Object.entries(WIRES), 6, async ([name, wire]) => {
    for (const status of statusesIn(await wire(target, ORDINARY))) {
      tally.count(`wire: status ${status}`);
      if (status >= 500) tally.wrong.push(`${name}: ${status}`);
    }
  });
};

/** More large bodies at once than are taken: what is not taken is told to come again. */
const overload = async (server: HostileServer, tally: Tally): Promise<void> => {
  const client = server.client(24);
  const pod = hostilePod("six", [FORBIDDEN], [{ place: "arg", size: 1, filler: "a" }]);
  const body = bodyOf("overload", pod).replace('["a"]', `["${LARGEST}"]`);
  await inParallel(Array.from({ length: 48 }), 24, async () => {
    const { status, body: answer } = await client.post({ body });
    tally.count(`overload: status ${status}`);
    if (status !== 503 && (status !== 200 || responseIn(answer)["allowed"]))
      tally.wrong.push(`overload: ${status} ${answer}`);
  });
};

/** The same machine with an ordinary load, and this process as busy as it will be. */
const plainLoad = async (server: HostileServer): Promise<void> => {
  const client = server.client(WORKERS);
  const untilMs = performance.now() + 4000;
  const [first] = EACH_ALONE;
  await inParallel(
    Array.from({ length: 1_000_000 }),
    WORKERS,
    async (_, index) => {
      await client.post({ body: ORDINARY });
      if (first !== undefined && index % 20 === 0) JSON.parse(hostileBody("busy", first));
    },
    untilMs,
  );
};

const summary = ({ count, longestMs, longestWorkMs, p99Ms }: ProberReport): string =>
  `${count} asked, longest wait ${longestMs.toFixed(0)} ms (${longestWorkMs.toFixed(0)} ms of them work), ` +
  `p99 ${p99Ms.toFixed(0)} ms`;

it("lives, lets nothing through, and lets nobody wait", async () => {
  const startedMs = performance.now();
  const server = await startHostileServer();
  const tally = new Tally();
  const idle = await probing(server, ASKED, () => sleep(2000));
  const loaded = await probing(server, ASKED, () => plainLoad(server));
  const idleMemory = server.peakMemory();
  const hostile = await probing(server, ASKED, async () => {
    const client = server.client(WORKERS);
    const send = (review: HostileReview, index: number) => sendReview(client, tally, review, index);
    await inParallel(EACH_ALONE, WORKERS, send, startedMs + ALONE_UNTIL_MS);
    const misbehaving = misbehave(server, tally);
    await inParallel(NO_REVIEWS, 2, (body) => sendOdd(client, tally, body));
    await inParallel(brokenPods(), WORKERS, (body) => sendOdd(client, tally, body, true));
    await misbehaving;
    const untilMs = Math.max(startedMs + UNTIL_MS, performance.now() + LEAST_RANDOM_MS);
    await inParallel(randomReviews(SEED, MAX_RANDOM), WORKERS, send, untilMs);
  });
  const overloaded = await probing(server, ASKED, () => overload(server, tally));
  const calibratedMs = Math.max(idle.longestMs, loaded.longestMs);
  process.stderr.write(
    [
      `hostile reviews, seed ${SEED}: ${JSON.stringify(tally.counts, null, 1)}`,
      ...Object.entries({ idle, loaded, hostile, overloaded }).map(([name, report]) => `${name}: ${summary(report)}`),
      `VmHWM: ${idleMemory} MiB after ordinary load, ${server.peakMemory()} MiB at the end\n`,
    ].join("\n"),
  );
  expect(server.isAlive()).toBe(true);
  expect(tally.wrong).toEqual([]);
  for (const { wrong } of [idle, loaded, hostile, overloaded]) expect(wrong).toEqual([]);
  for (const { longestWorkMs, p99Ms } of [hostile, overloaded]) {
    expect(longestWorkMs).toBeLessThan(MAX_WAIT_MS);
    expect(p99Ms).toBeLessThan(MAX_WAIT_MS + 3 * calibratedMs);
  }
  expect(server.peakMemory()).toBeLessThan(MAX_MEMORY_MIB);
  expect(tally.counts["patched"]).toBeGreaterThan(20);
}, 90_000);

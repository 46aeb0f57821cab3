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
import { probing, startHostileServer } from "./hostile-server.ts";
import { inParallel, misbehave, overload, plainLoad, sendOdd, Tally } from "./hostile-tally.ts";

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

/** Judges the answer to a pod's creation, sent under the uid `about`. */
const judge = (tally: Tally, about: string, body: string, { status, body: answer }: Reply, mayBeUnread: boolean) => {
  tally.count(`status ${status}`);
  if (status === 413 && mayBeUnread) return;
  if (status !== 200) {
    tally.fault(`${about}: ${status} ${answer}`);
    return;
  }
  const response = responseIn(answer);
  const { decision, reason } = response["auditAnnotations"];
  tally.count(response["allowed"] ? decision : `denied: ${reason}`);
  if (response["uid"] !== about) tally.fault(`${about}: the answer is ${response["uid"]}'s`);
  const bad = forbiddenTokens(letThrough(body, response));
  if (bad > 0) tally.fault(`${about}: ${bad} forbidden tokens are let through`);
};

const show = ({ account, growths, shape }: HostileReview): string =>
  JSON.stringify([account, shape, ...growths.map(({ place, size, filler }) => `${place} × ${size} ${filler}`)]);

const chunked = { headers: { "transfer-encoding": "chunked" } };

const sendReview = async (client: Client, tally: Tally, review: HostileReview, index: number): Promise<void> => {
  const uid = `uid-${index}`;
  const body = hostileBody(uid, review);
  const before = tally.wrong.length;
  judge(tally, uid, body, await client.post({ body, ...(review.isChunked && chunked) }), mayHideHead(review));
  for (let i = before; i < tally.wrong.length; i++) tally.wrong[i] += ` ${show(review)}`;
};

const sendBroken = (client: Client, tally: Tally, body: string): Promise<void> =>
  sendOdd({ client, tally, passes: (response) => forbiddenTokens(letThrough(body, response)) > 0 }, body);

const large = (): string => {
  const pod = hostilePod("six", [FORBIDDEN], [{ place: "arg", size: 1, filler: "a" }]);
  return bodyOf("overload", pod).replace('["a"]', `["${LARGEST}"]`);
};

const summary = ({ count, longestMs, longestWorkMs, p99Ms }: ProberReport): string =>
  `${count} asked, longest wait ${longestMs.toFixed(0)} ms (${longestWorkMs.toFixed(0)} ms of them work), ` +
  `p99 ${p99Ms.toFixed(0)} ms`;

it("lives, lets nothing through, and lets nobody wait", async () => {
  const startedMs = performance.now();
  const server = await startHostileServer();
  const tally = new Tally();
  const [first] = EACH_ALONE;
  const idle = await probing(server, ASKED, () => sleep(2000));
  const loaded = await probing(server, ASKED, () =>
    plainLoad({ client: server.client(WORKERS), body: ORDINARY, busy: () => first && hostileBody("busy", first) }),
  );
  const idleMemory = server.peakMemory();
  const hostile = await probing(server, ASKED, async () => {
    const client = server.client(WORKERS);
    const send = (review: HostileReview, index: number) => sendReview(client, tally, review, index);
    await inParallel(EACH_ALONE, WORKERS, send, startedMs + ALONE_UNTIL_MS);
    const misbehaving = misbehave(server, tally, "/mutate/pods?timeout=5s", ORDINARY);
    await inParallel(NO_REVIEWS, 2, (body) => sendOdd({ client, tally }, body));
    await inParallel(brokenPods(), WORKERS, (body) => sendBroken(client, tally, body));
    await misbehaving;
    const untilMs = Math.max(startedMs + UNTIL_MS, performance.now() + LEAST_RANDOM_MS);
    await inParallel(randomReviews(SEED, MAX_RANDOM), WORKERS, send, untilMs);
  });
  const overloaded = await probing(server, ASKED, () => overload({ client: server.client(24), tally }, large()));
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

/** As `hostile.test.ts`, for what whoever may write a ServiceAccount can send, while others ask for pods and ServiceAccounts. */
import { setTimeout as sleep } from "node:timers/promises";
import { expect, it } from "vitest";
import { hostilePod } from "../support/hostile-pods.ts";
import type { Client } from "../support/http-client.ts";
import { responseIn } from "../support/reviews.ts";
import {
  ACCOUNTS_AT,
  account,
  accountBody,
  brokenAccounts,
  HOSTILE_ACCOUNTS,
  type HostileAccount,
  largestAccount,
  NO_ACCOUNT_REVIEWS,
} from "./hostile-accounts.ts";
import { NO_REVIEWS } from "./hostile-odd.ts";
import { bodyOf } from "./hostile-reviews.ts";
import { probing, startHostileServer } from "./hostile-server.ts";
import { inParallel, misbehave, overload, plainLoad, sendOdd, Tally } from "./hostile-tally.ts";

/** On a busy machine not all are sent: until the test has taken so long. */
const UNTIL_MS = 30_000;
const WORKERS = 4;
const MAX_WAIT_MS = 250;
const MAX_MEMORY_MIB = 256;
/** The most that an answer may have: it is read by a person. */
const MAX_ANSWER = 16_384;

const ORDINARY = accountBody("ordinary", account(true));
const ASKED = [
  { body: bodyOf("ordinary", hostilePod("plain", [], [])), isAllowed: true },
  { body: ORDINARY, path: ACCOUNTS_AT, isAllowed: true },
  { body: accountBody("forbidden", account(false)), path: ACCOUNTS_AT, isAllowed: false },
];

const send = async (client: Client, tally: Tally, review: HostileAccount, index: number): Promise<void> => {
  const { name, mustFail, mayHideHead } = review;
  const uid = `uid-${index}`;
  const isChunked = index % 3 === 0;
  const { status, body } = await client.post({
    body: review.body(uid),
    path: ACCOUNTS_AT,
    ...(isChunked && { headers: { "transfer-encoding": "chunked" } }),
  });
  tally.count(`status ${status}`);
  if (mayHideHead && (status === 413 || status === 400)) return;
  if (status !== 200) {
    tally.fault(`${name}: ${status} ${body.slice(0, 300)}`);
    return;
  }
  const response = responseIn(body);
  const { decision, reason } = response["auditAnnotations"];
  tally.count(response["allowed"] ? decision : `denied: ${reason}`);
  if (response["uid"] !== uid) tally.fault(`${name}: the answer is ${response["uid"]}'s`);
  if (mustFail && response["allowed"]) tally.fault(`${name}: let through`);
  if (body.length > MAX_ANSWER) tally.fault(`${name}: an answer of ${body.length} characters`);
};

it("lives, lets no ServiceAccount through that cannot be resolved, and lets nobody wait", async () => {
  const untilMs = performance.now() + UNTIL_MS;
  const server = await startHostileServer();
  const tally = new Tally();
  const client = server.client(WORKERS);
  const odd = { client, tally, path: ACCOUNTS_AT };
  const [first] = HOSTILE_ACCOUNTS;
  const idle = await probing(server, ASKED, () => sleep(1000));
  const loaded = await probing(server, ASKED, () =>
    plainLoad({ client, path: ACCOUNTS_AT, body: ORDINARY, busy: () => first?.body("busy") }),
  );
  const hostile = await probing(server, ASKED, async () => {
    await inParallel(HOSTILE_ACCOUNTS, WORKERS, (review, index) => send(client, tally, review, index), untilMs);
    const misbehaving = misbehave(server, tally, ACCOUNTS_AT, ORDINARY);
    await inParallel([...NO_REVIEWS, ...NO_ACCOUNT_REVIEWS], 2, (body) => sendOdd(odd, body));
    await inParallel(brokenAccounts(), WORKERS, (body) => sendOdd(odd, body), untilMs + UNTIL_MS / 2);
    await misbehaving;
  });
  const overloaded = await probing(server, ASKED, () =>
    overload({ client: server.client(24), tally, path: ACCOUNTS_AT }, largestAccount()),
  );
  process.stderr.write(
    `hostile ServiceAccounts: ${JSON.stringify({ ...tally.counts, idle, loaded, hostile, overloaded }, null, 1)}\n` +
      `VmHWM: ${server.peakMemory()} MiB\n`,
  );
  expect(server.isAlive()).toBe(true);
  expect(tally.wrong).toEqual([]);
  for (const { wrong } of [idle, loaded, hostile, overloaded]) expect(wrong).toEqual([]);
  for (const { longestWorkMs, p99Ms } of [hostile, overloaded]) {
    expect(longestWorkMs).toBeLessThan(MAX_WAIT_MS);
    expect(p99Ms).toBeLessThan(MAX_WAIT_MS + 3 * Math.max(idle.longestMs, loaded.longestMs));
  }
  expect(server.peakMemory()).toBeLessThan(MAX_MEMORY_MIB);
}, 90_000);

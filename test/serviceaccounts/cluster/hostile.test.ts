/** What the owner of one namespace can do to the requests of everybody else, by way of the watch. */

import { describe, expect, it, onTestFinished } from "vitest";
import { keysUnder } from "../../../src/federation/account-keys.ts";
import type { Connection, KubeResponse } from "../../../src/kube/connection.ts";
import { createClusterSource } from "../../../src/serviceaccounts/cluster/cluster-source.ts";
import { Surveyor } from "../../../src/serviceaccounts/survey.ts";
import { AccountLog } from "../../kube/account-log.ts";
import { eventually } from "../../support/eventually.ts";
import { settingsOf } from "../../support/pods.ts";
import { longestTurnMs } from "../../support/thread-time.ts";
import { FEDERATE } from "./fixture.ts";

/** What TLS sends at most at once. */
const CHUNK_BYTES = 16 * 1024;
const ACCOUNTS = 200;
const ANNOTATION_BYTES = 250 * 1024;

const names = (unit: string, bytes: number): string => unit.repeat(Math.floor(bytes / unit.length));

const manyKeys = (prefix: string, bytes: number): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Array.from({ length: Math.floor(bytes / (prefix.length + 4)) }, (_, i) => [
      `${prefix}${i.toString(36).padStart(4, "0")}`,
      "",
    ]),
  );

/** Annotations as large as Kubernetes takes them, each kind expensive for another reason. */
const HOSTILE: readonly Readonly<Record<string, string>>[] = [
  { [FEDERATE]: "aws", "aws.podpass.dev/role-arn": "<".repeat(ANNOTATION_BYTES) },
  { [FEDERATE]: Array.from({ length: 40_000 }, (_, i) => i.toString(36)).join(",") },
  { [FEDERATE]: names("aws,", ANNOTATION_BYTES) },
  { [FEDERATE]: "aws", "podpass.dev/only-containers": names("c,", ANNOTATION_BYTES) },
  { [FEDERATE]: "aws", ...manyKeys("podpass.dev/", ANNOTATION_BYTES) },
  { [FEDERATE]: "aws", ...manyKeys("x/", ANNOTATION_BYTES) },
  { [FEDERATE]: "aws", [`${"n".repeat(200)}.podpass.dev/x`]: names("x", ANNOTATION_BYTES) },
];

const chunked = (text: string): readonly Uint8Array[] => {
  const bytes = Buffer.from(text.replaceAll("<", "\\u003c"));
  const count = Math.ceil(bytes.length / CHUNK_BYTES);
  return Array.from({ length: count }, (_, i) => bytes.subarray(i * CHUNK_BYTES, (i + 1) * CHUNK_BYTES));
};

/** What of a line follows its first annotation; prepared, so that nothing but the reading of it takes time. */
const TAILS = HOSTILE.map((annotations) => chunked(`,${JSON.stringify(annotations).slice(1)}}}}\n`));

/** A watch in which those accounts are made, touched three times and deleted, and then one more is made. */
function* hostileWatch(): Generator<Uint8Array> {
  const line = (type: string, index: number, touch: number) =>
    `{"type":"${type}","object":{"metadata":{"name":"a${index}","namespace":"hostile",` +
    `"resourceVersion":"${2000 + touch}","annotations":{"aws.podpass.dev/touch":"${touch}"`;
  const log = new AccountLog();
  yield Buffer.from(log.bookmark(true));
  for (const [touch, type] of ["ADDED", "MODIFIED", "MODIFIED", "MODIFIED", "DELETED"].entries())
    for (let i = 0; i < ACCOUNTS; i++) {
      yield Buffer.from(line(type, i, touch));
      yield* TAILS[i % TAILS.length] ?? [];
    }
  log.put("production", "last", { [FEDERATE]: "aws" });
  yield Buffer.from(log.initialLines().join(""));
}

/** A connection over which everything is there already. */
const hostileConnection = (): Connection => {
  const body = async function* (): AsyncGenerator<Uint8Array> {
    yield* hostileWatch();
    await new Promise(() => {});
  };
  const response = (): KubeResponse => ({
    status: 200,
    retryAfterMs: undefined,
    body: body(),
    readText: async () => "",
    drop: () => {},
  });
  const answer = async () => response();
  return { get: answer, post: answer, patch: answer, close: () => {} };
};

describe("200 ServiceAccounts with 250 KiB of hostile annotations", () => {
  it("are made, touched and deleted without anybody waiting for a quarter of a second", async () => {
    const settings = settingsOf();
    let surveys = 0;
    const surveyor = new Surveyor(() => void surveys++);
    const source = createClusterSource({
      connection: hostileConnection(),
      keys: keysUnder("podpass.dev"),
      onChange: () => surveyor.begin(source.all(), settings),
    });
    onTestFinished(() => source.close());
    const isLast = () => [...source.all()].some(({ name }) => name === "last");
    const waitedMs = await longestTurnMs(isLast);
    expect(waitedMs).toBeLessThan(250);
    await eventually(() => expect(surveys).toBeGreaterThan(0));
    expect(source.health()).toMatchObject({ accounts: 1, leftOutAccounts: 0 });
  }, 60_000);
});

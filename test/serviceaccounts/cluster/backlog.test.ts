import { describe, expect, it, onTestFinished } from "vitest";
import { keysUnder } from "../../../src/federation/account-keys.ts";
import type { Connection, KubeResponse } from "../../../src/kube/connection.ts";
import { Backlog } from "../../../src/serviceaccounts/cluster/backlog.ts";
import { createClusterSource } from "../../../src/serviceaccounts/cluster/cluster-source.ts";
import { AccountLog } from "../../kube/account-log.ts";
import { ManualClock } from "../../kube/manual-clock.ts";
import { eventually } from "../../support/eventually.ts";

const CHUNK = new Uint8Array(16 * 1024);
const SMALL = new Uint8Array(500);

/** Turns of the event loop. */
const turns = async (count: number) => {
  for (let i = 0; i < count; i++) await new Promise((resolve) => setImmediate(resolve));
};

/** Reads `stream` to its end; the ages, in turns of a clock that moves by 100 ms with each chunk. */
const agesOf = async (stream: AsyncIterable<Uint8Array>): Promise<readonly number[]> => {
  const clock = new ManualClock();
  const backlog = new Backlog(clock);
  const ages: number[] = [];
  for await (const _ of backlog.follow(stream)) {
    ages.push(backlog.ageMs);
    clock.advance(100);
  }
  expect(backlog.ageMs).toBe(0);
  return ages;
};

describe("a backlog", () => {
  it("grows while there is always more to read", async () => {
    const flood = async function* () {
      for (let i = 0; i < 5; i++) yield CHUNK;
    };
    expect(await agesOf(flood())).toStrictEqual([0, 100, 200, 300, 400]);
  });

  it("grows also where a socket has to be read for it again and again", async () => {
    const flood = async function* () {
      for (let i = 0; i < 6; i++) {
        if (i % 2 === 0) await turns(1);
        yield CHUNK;
      }
    };
    expect(await agesOf(flood())).toStrictEqual([0, 100, 200, 300, 400, 500]);
  });

  it("is none once a turn of the event loop brought nothing", async () => {
    const calm = async function* () {
      for (let i = 0; i < 5; i++) {
        await turns(4);
        yield CHUNK;
      }
    };
    expect(await agesOf(calm())).toStrictEqual([0, 0, 0, 0, 0]);
  });

  it("is none where each turn brings a little: a busy watch that is read at once", async () => {
    const busy = async function* () {
      for (let i = 0; i < 5; i++) {
        await turns(1);
        yield SMALL;
      }
    };
    expect(await agesOf(busy())).toStrictEqual([0, 0, 0, 0, 0]);
  });
});

describe("a source whose watch brings more than it reads", () => {
  it("answers live once that has lasted for more than a second, until all is read", async () => {
    const log = new AccountLog();
    log.put("production", "a", { "podpass.dev/federate": "aws" });
    const touched = Buffer.from(log.initialLines().join("").repeat(40));
    const state = { isFlooding: true };
    const body = async function* (): AsyncGenerator<Uint8Array> {
      yield Buffer.from(`${log.initialLines().join("")}${log.bookmark(true)}`);
      while (state.isFlooding) yield touched;
      await new Promise(() => {});
    };
    const answer = async (): Promise<KubeResponse> => ({
      status: 200,
      retryAfterMs: undefined,
      body: body(),
      readText: async () => "",
      drop: () => {},
    });
    const connection: Connection = { get: answer, post: answer, patch: answer, close: () => {} };
    const clock = new ManualClock();
    const source = createClusterSource({ connection, keys: keysUnder("podpass.dev"), clock });
    onTestFinished(() => source.close());
    onTestFinished(() => {
      state.isFlooding = false;
    });
    await source.whenSynced();
    expect(source.health().isTrusted).toBe(true);
    clock.advance(1001);
    await turns(3);
    expect(source.health().isTrusted).toBe(false);
    state.isFlooding = false;
    await eventually(() => expect(source.health().isTrusted).toBe(true));
  });
});

/** What the dearest reviews cost others: how long a small pod waits while one of them is answered, and the memory. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { ServerProcess } from "../scripts/serve-process.ts";
import { BEYOND_BOUNDS, type HostileReview, WITHIN_BOUNDS } from "./hostile-reviews.ts";
import { createPoster, type Reply } from "./poster.ts";
import { peakMiB } from "./process-usage.ts";
import { median } from "./statistics.ts";

/** What one review did. */
export interface HostileRow {
  readonly name: string;
  readonly mib: number;
  /** `patched`, or the code of the refusal. */
  readonly answer: string;
  readonly answeredMs: number;
  /** The longest that a small pod waited meanwhile. */
  readonly othersMs: number;
  readonly peakMiB: number;
}

/** Where the server is, and how it is started. */
export interface HostileSide {
  readonly url: string;
  start(): Promise<ServerProcess>;
}

const SMALL = readFileSync(join(import.meta.dirname, "../test/data/admission-reviews/smallest.json"));

/** The longest of the waits of small pods, one after the other, while `work` goes on. */
const waitsDuring = async (url: string, work: () => Promise<void>): Promise<number> => {
  const { post, close } = createPoster(url);
  await post(SMALL);
  let isDone = false;
  let longest = 0;
  const asking = (async () => {
    while (!isDone) {
      longest = Math.max(longest, (await post(SMALL)).ms);
      await sleep(2);
    }
  })();
  await work();
  isDone = true;
  await asking;
  close();
  return longest;
};

const answerIn = (body: string): string => {
  const { response } = JSON.parse(body);
  return response.auditAnnotations.reason;
};

const measureOne = async ({ name, body }: HostileReview, side: HostileSide, times: number): Promise<HostileRow> => {
  const server = await side.start();
  const { post, close } = createPoster(side.url);
  try {
    const replies: Reply[] = [];
    const waits: number[] = [];
    for (let time = 0; time < times; time++)
      waits.push(
        await waitsDuring(side.url, async () => {
          replies.push(await post(body));
        }),
      );
    return {
      name,
      mib: body.length / 1024 / 1024,
      answer: answerIn(replies[0]?.body ?? ""),
      answeredMs: median(replies.map(({ ms }) => ms)),
      othersMs: Math.max(...waits),
      peakMiB: peakMiB(server.child.pid ?? 0),
    };
  } finally {
    close();
    await server.stop();
  }
};

/** Sends each review `times` times, to a server of its own. */
export const measureHostile = async (side: HostileSide, times: number): Promise<readonly HostileRow[]> => {
  const rows: HostileRow[] = [];
  for (const one of [...WITHIN_BOUNDS, ...BEYOND_BOUNDS]) {
    const row = await measureOne(one, side, times);
    process.stdout.write(
      `${row.name}: ${row.answer} after ${Math.round(row.answeredMs)} ms, others waited ${Math.round(row.othersMs)} ms at most, ${Math.round(row.peakMiB)} MiB\n`,
    );
    rows.push(row);
  }
  return rows;
};

/**
 * A process that asks what anybody asks, on one connection of its own: every 20 ms an ordinary pod or ServiceAccount,
 * and sometimes a forbidden one. When its input ends, it says how long it waited at most. Its argument is JSON: see {@link ProberInput}.
 */
import { readFileSync } from "node:fs";
import { createClient } from "../support/http-client.ts";

/** What it is told. */
export interface ProberInput {
  readonly url: string;
  readonly ca: string;
  /** The server's process. */
  readonly pid: number;
  /** Bodies, the path of those that are no pods', and whether they are to be allowed. */
  readonly asked: readonly { readonly body: string; readonly path?: string; readonly isAllowed: boolean }[];
}

/** What it says, in milliseconds. */
export interface ProberReport {
  readonly count: number;
  readonly longestMs: number;
  /** The most that the server's main thread ran during one wait: what else runs on the machine makes no difference. */
  readonly longestWorkMs: number;
  readonly p99Ms: number;
  /** Answers that are not what they should be, or did not come. */
  readonly wrong: readonly string[];
}

const EVERY_MS = 20;
/** The first of a process are slow. */
const WARM_UP = 5;

const { url, ca, pid, asked } = JSON.parse(process.argv[2] ?? "") as ProberInput;
const client = createClient(url, ca);
const waits: number[] = [];
const wrong: string[] = [];
let longestWorkMs = 0;
let isOver = false;
process.stdin.resume().on("end", () => {
  isOver = true;
});

/** Milliseconds for which the server's main thread has run; 0 where nobody tells. */
const ranMs = (): number => {
  try {
    return Number(readFileSync(`/proc/${pid}/schedstat`, "utf8").split(" ")[0]) / 1e6;
  } catch {
    return 0;
  }
};

const ask = async (index: number): Promise<number> => {
  const { body = "", path, isAllowed } = asked[index % asked.length] ?? {};
  const ranBeforeMs = ranMs();
  const startedMs = performance.now();
  try {
    const { status, body: answer } = await client.post({ body, ...(path !== undefined && { path }) });
    const isRight = status === 200 && JSON.parse(answer).response.allowed === isAllowed;
    if (!isRight) wrong.push(`${status} ${answer.slice(0, 200)}`);
  } catch (error) {
    wrong.push(String(error));
  }
  const waitedMs = performance.now() - startedMs;
  if (index < WARM_UP) return waitedMs;
  waits.push(waitedMs);
  longestWorkMs = Math.max(longestWorkMs, ranMs() - ranBeforeMs);
  return waitedMs;
};

for (let i = 0; !isOver; i++) {
  const waitedMs = await ask(i);
  await new Promise((resolve) => setTimeout(resolve, Math.max(0, EVERY_MS - waitedMs)));
}
client.agent.destroy();
waits.sort((one, other) => one - other);
const report: ProberReport = {
  count: waits.length,
  longestMs: waits.at(-1) ?? 0,
  longestWorkMs,
  p99Ms: waits[Math.floor(waits.length * 0.99)] ?? 0,
  wrong: wrong.slice(0, 5),
};
process.stdout.write(JSON.stringify(report));

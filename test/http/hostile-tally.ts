/** How the hostile suites send, and what they note of the answers. */
import type { Client } from "../support/http-client.ts";
import { type ReviewBody, responseIn } from "../support/reviews.ts";
import type { HostileServer } from "./hostile-server.ts";
import { statusesIn, WIRES } from "./hostile-wires.ts";

/** What came of it all. */
export class Tally {
  readonly counts: Record<string, number> = {};
  readonly wrong: string[] = [];

  count(what: string): void {
    this.counts[what] = (this.counts[what] ?? 0) + 1;
  }

  fault(what: string): void {
    this.wrong.push(what);
  }
}

/** Who sends, where to, and what must never pass. */
export interface Sender {
  readonly client: Client;
  readonly tally: Tally;
  /** Undefined: pods'. */
  readonly path?: string;
  /** Does an answer let something pass that may not? */
  readonly passes?: (response: ReviewBody) => boolean;
}

/** Takes from `items` with several workers at once until there are none, or time is up. */
export const inParallel = async <T>(
  items: readonly T[],
  workers: number,
  work: (item: T, index: number) => Promise<void>,
  untilMs = Infinity,
): Promise<void> => {
  let next = 0;
  const run = async (): Promise<void> => {
    while (next < items.length && performance.now() < untilMs) {
      const index = next++;
      await work(items[index] as T, index);
    }
  };
  await Promise.all(Array.from({ length: workers }, run));
};

const at = (path: string | undefined): { readonly path?: string } => (path === undefined ? {} : { path });

/** What {@link plainLoad} sends, and what keeps this process as busy as it will be. */
interface PlainLoad {
  readonly client: Client;
  readonly path?: string;
  readonly body: string;
  readonly busy: () => string | undefined;
}

/** The same machine with an ordinary load of four workers, for four seconds. */
export const plainLoad = async ({ client, path, body, busy }: PlainLoad): Promise<void> => {
  const untilMs = performance.now() + 4000;
  const send = async (_: unknown, index: number): Promise<void> => {
    await client.post({ body, ...at(path) });
    if (index % 20 === 0) JSON.parse(busy() ?? "{}");
  };
  await inParallel(Array.from({ length: 1_000_000 }), 4, send, untilMs);
};

/** Sends what is no review, or none that an API server sends: anything but a fault. */
export const sendOdd = async ({ client, tally, path, passes }: Sender, body: string | Buffer): Promise<void> => {
  const { status, body: answer } = await client.post({ body, ...at(path) });
  tally.count(`odd: status ${status}`);
  const about = body.toString("latin1").slice(0, 300);
  if (status >= 500) tally.fault(`${about}: ${status} ${answer}`);
  if (status === 200 && passes?.(responseIn(answer))) tally.fault(`${about}: let through`);
};

/** Does to connections what {@link WIRES} have, with `body`, an ordinary review. */
export const misbehave = async (
  { url, ca }: HostileServer,
  tally: Tally,
  path: string,
  body: string,
): Promise<void> => {
  const target = { port: Number(new URL(url).port), ca, path };
  await inParallel(Object.entries(WIRES), 6, async ([name, wire]) => {
    for (const status of statusesIn(await wire(target, body))) {
      tally.count(`wire: status ${status}`);
      if (status >= 500) tally.fault(`${name}: ${status}`);
    }
  });
};

/** Sends `body`, which is large and not to be allowed, more often at once than is taken: the rest is told to come again. */
export const overload = async ({ client, tally, path }: Sender, body: string): Promise<void> => {
  await inParallel(Array.from({ length: 48 }), 24, async () => {
    const { status, body: answer } = await client.post({ body, ...at(path) });
    tally.count(`overload: status ${status}`);
    if (status !== 503 && (status !== 200 || responseIn(answer)["allowed"]))
      tally.fault(`overload: ${status} ${answer}`);
  });
};

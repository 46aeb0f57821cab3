import { EventEmitter } from "node:events";
import { describe, expect, it } from "vitest";
import { listenForSignals, untilStopped } from "../../src/http/shutdown.ts";

const HOUR_MS = 3_600_000;

/** A webhook that can only be closed by giving up, unless it is told to finish. */
const stoppable = () => {
  const events: string[] = [];
  let finish = () => {};
  return {
    events,
    finish: () => finish(),
    drain: () => void events.push("drain"),
    close: (giveUp: AbortSignal) => {
      events.push("close");
      return new Promise<boolean>((resolve) => {
        finish = () => resolve(true);
        giveUp.addEventListener("abort", () => resolve(false));
      });
    },
  };
};

const start = (timing: { drainMs: number; deadlineMs: number }) => {
  const webhook = stoppable();
  const signals = new EventEmitter();
  const stopped = untilStopped(
    webhook,
    listenForSignals(signals),
    timing,
    (signal) => void webhook.events.push(signal),
  );
  const tick = () => new Promise((resolve) => setImmediate(resolve));
  const send = async (signal: string) => {
    signals.emit(signal, signal);
    await tick();
  };
  return { webhook, signals, stopped, send, tick };
};

describe("untilStopped", () => {
  it("drains, closes, and is complete when all was answered", async () => {
    const { webhook, stopped, send, signals } = start({ drainMs: 10, deadlineMs: HOUR_MS });
    await send("SIGTERM");
    expect(webhook.events).toStrictEqual(["drain", "SIGTERM"]);
    await expect.poll(() => webhook.events).toStrictEqual(["drain", "SIGTERM", "close"]);
    webhook.finish();
    expect(await stopped).toBe(true);
    // Whoever signals once more while the last lines are written must not kill the process.
    expect([signals.listenerCount("SIGTERM"), signals.listenerCount("SIGINT")]).toStrictEqual([1, 1]);
  });

  it("does not drain on SIGINT", async () => {
    const { webhook, stopped, send } = start({ drainMs: HOUR_MS, deadlineMs: HOUR_MS });
    await send("SIGINT");
    expect(webhook.events).toStrictEqual(["drain", "SIGINT", "close"]);
    webhook.finish();
    expect(await stopped).toBe(true);
  });

  it("ends the draining with a second signal, and the requests with a third", async () => {
    const { webhook, stopped, send } = start({ drainMs: HOUR_MS, deadlineMs: HOUR_MS });
    await send("SIGTERM");
    await send("SIGTERM");
    expect(webhook.events).toStrictEqual(["drain", "SIGTERM", "close"]);
    await send("SIGINT");
    expect(await stopped).toBe(false);
  });

  it("waits no longer than the deadline", async () => {
    const { stopped, send } = start({ drainMs: 0, deadlineMs: 20 });
    await send("SIGTERM");
    expect(await stopped).toBe(false);
  });
});

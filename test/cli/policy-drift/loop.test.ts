import { describe, expect, it } from "vitest";
import type { JudgedPolicies, PolicyStateName } from "../../../src/check/policy-states.ts";
import type { Read } from "../../../src/check/read.ts";
import { type PolicyLoop, SETTLING_MS, startPolicyLoop } from "../../../src/cli/policy-drift/loop.ts";
import { ManualClock } from "../../kube/manual-clock.ts";

const MINUTE_MS = 60_000;

const judged = (identity: PolicyStateName): Read<JudgedPolicies> => ({
  kind: "read",
  value: { states: new Map([["identity", identity]]), minor: 36 },
});
const GOOD = judged("as-configured");
const CHANGING = judged("changing");
const MISSING = judged("missing");
const FORBIDDEN: Read<JudgedPolicies> = { kind: "forbidden", permission: "get them" };

/** A loop over what `answer` says when it is asked, with every promise that is due settled after each step. */
class Trial {
  readonly clock = new ManualClock();
  readonly told: Read<JudgedPolicies>[] = [];
  reads = 0;
  answer: () => Promise<Read<JudgedPolicies>>;
  readonly loop: PolicyLoop;

  constructor(answer: Read<JudgedPolicies>) {
    this.answer = async () => answer;
    this.loop = startPolicyLoop({
      clock: this.clock,
      read: () => {
        this.reads++;
        return this.answer();
      },
      report: (reading) => this.told.push(reading),
    });
  }

  says(answer: Read<JudgedPolicies>): void {
    this.answer = async () => answer;
  }

  async settle(): Promise<void> {
    for (let turn = 0; turn < 10; turn++) await Promise.resolve();
  }

  /** Lets time pass in steps of a second. */
  async pass(ms: number): Promise<void> {
    await this.settle();
    for (let passed = 0; passed < ms; passed += 1000) {
      this.clock.advance(1000);
      await this.settle();
    }
  }
}

describe("the loop that reads policies", () => {
  it("reads at once, and then every ten minutes, with one timer", async () => {
    const trial = new Trial(GOOD);
    await trial.pass(0);
    expect(trial.told).toEqual([GOOD]);
    await trial.pass(60 * MINUTE_MS);
    expect(trial.reads).toBe(6);
    expect(trial.clock.pending).toBe(1);
    trial.loop.close();
    await trial.pass(60 * MINUTE_MS);
    expect(trial.reads).toBe(6);
    expect(trial.clock.pending).toBe(0);
  });

  it("tells of drift once it has lasted, and of its end at once", async () => {
    const trial = new Trial(MISSING);
    await trial.pass(SETTLING_MS - 1000);
    expect(trial.told).toEqual([]);
    await trial.pass(MINUTE_MS);
    expect(trial.told).toEqual([MISSING]);
    trial.says(GOOD);
    await trial.pass(11 * MINUTE_MS);
    expect(trial.told).toEqual([MISSING, GOOD]);
  });

  it("tells of another drift at once, where there was one before", async () => {
    const trial = new Trial(MISSING);
    await trial.pass(4 * MINUTE_MS);
    trial.says(judged("warning"));
    await trial.pass(11 * MINUTE_MS);
    expect(trial.told).toEqual([MISSING, judged("warning")]);
  });

  it("says nothing of what is right again before it has lasted", async () => {
    const trial = new Trial(MISSING);
    await trial.pass(MINUTE_MS);
    trial.says(GOOD);
    await trial.pass(30 * MINUTE_MS);
    expect(trial.told.every((one) => one === GOOD)).toBe(true);
    expect(trial.told.length).toBeGreaterThan(1);
  });

  it("is quiet through a change: policies first, the configuration minutes later, by way of the union", async () => {
    const trial = new Trial(GOOD);
    await trial.pass(9 * MINUTE_MS);
    trial.says(CHANGING);
    await trial.pass(5 * MINUTE_MS);
    trial.loop.configurationReloaded();
    await trial.pass(5 * MINUTE_MS);
    trial.says(GOOD);
    await trial.pass(30 * MINUTE_MS);
    expect(trial.told.every((one) => one === GOOD || one === CHANGING)).toBe(true);
    expect(trial.told).toContain(CHANGING);
  });

  it("is quiet where policies and configuration change at once, and a replica has one of them two minutes later", async () => {
    const trial = new Trial(GOOD);
    await trial.pass(8 * MINUTE_MS);
    trial.says(judged("other-configuration"));
    await trial.pass(2.9 * MINUTE_MS);
    trial.says(GOOD);
    trial.loop.configurationReloaded();
    await trial.pass(30 * MINUTE_MS);
    expect(trial.told.every((one) => one === GOOD)).toBe(true);
  });

  it("gives a reload that comes while it reads its time as well", async () => {
    const trial = new Trial(GOOD);
    await trial.settle();
    let answer: (reading: Read<JudgedPolicies>) => void = () => {};
    trial.answer = () =>
      new Promise((resolve) => {
        answer = resolve;
      });
    await trial.pass(11 * MINUTE_MS);
    expect(trial.reads).toBe(2);
    trial.loop.configurationReloaded();
    answer(MISSING);
    trial.says(GOOD);
    await trial.pass(MINUTE_MS);
    expect(trial.reads).toBe(3);
    expect(trial.told).toEqual([GOOD, GOOD]);
  });

  it("reads once after many reloads", async () => {
    const trial = new Trial(GOOD);
    await trial.settle();
    for (let reload = 0; reload < 50; reload++) trial.loop.configurationReloaded();
    await trial.pass(MINUTE_MS);
    expect(trial.reads).toBe(2);
  });

  it.each([
    ["may not", FORBIDDEN],
    ["has no such API", { kind: "absent" } as const],
    ["gets no answer", { kind: "failed", message: "ECONNREFUSED" } as const],
  ])("goes on where it %s", async (_, reading) => {
    const trial = new Trial(reading);
    await trial.pass(25 * MINUTE_MS);
    expect(trial.told).toEqual([reading, reading, reading]);
    trial.says(GOOD);
    await trial.pass(10 * MINUTE_MS);
    expect(trial.told.at(-1)).toBe(GOOD);
  });

  it("goes on after a fault", async () => {
    const trial = new Trial(GOOD);
    await trial.settle();
    trial.answer = () => Promise.reject(new Error("a fault"));
    await trial.pass(11 * MINUTE_MS);
    expect(trial.told.at(-1)).toEqual({ kind: "failed", message: "a fault" });
    expect(trial.clock.pending).toBe(1);
  });

  it("leaves a tenth to chance, so that replicas do not read together", async () => {
    const trial = new Trial(GOOD);
    trial.clock.chance = 0.99;
    await trial.pass(10.9 * MINUTE_MS);
    expect(trial.reads).toBe(1);
    await trial.pass(MINUTE_MS);
    expect(trial.reads).toBe(2);
  });
});

import { describe, expect, it } from "vitest";
import type { ServiceAccount } from "../../src/federation/service-account.ts";
import { type Survey, Surveyor } from "../../src/serviceaccounts/survey.ts";
import { eventually } from "../support/eventually.ts";
import { serviceAccount, settingsOf } from "../support/pods.ts";
import { longestTurnMs, threadMs } from "../support/thread-time.ts";

const SETTINGS = settingsOf("providers: { demo: { token: { audience: demo } } }");
const OTHER = settingsOf("providers: { other: { token: { audience: other } } }");

const federated = (name: string, federate = "demo"): ServiceAccount =>
  serviceAccount({ "podpass.dev/federate": federate }, "production", name);

/** With as many unknown providers and unused keys as are read: nothing takes longer to resolve. */
const costly = (name: string): ServiceAccount => {
  const names = Array.from({ length: 32 }, (_, index) => `n${index}`).join(",");
  const keys = Array.from({ length: 999 }, (_, index) => [`k${index}.podpass.dev/x`, "v"] as const);
  return { ...federated(name), annotations: new Map([["podpass.dev/federate", names], ...keys]) };
};

const setUp = () => {
  const surveys: Survey[] = [];
  return { surveys, surveyor: new Surveyor((survey) => void surveys.push(survey)) };
};

describe("a survey", () => {
  it("counts the federated ones, and names those that cannot be resolved", async () => {
    const { surveys, surveyor } = setUp();
    const accounts = [federated("good"), federated("bad", "nobody"), serviceAccount({ "podpass.dev/x": "" })];
    surveyor.begin(accounts, SETTINGS);
    await eventually(() => expect(surveys).toHaveLength(1));
    expect(surveys).toMatchObject([
      {
        federated: 2,
        invalid: new Set(["production/bad"]),
        byReason: new Map([["unknown-provider", 1]]),
        newlyInvalid: [{ name: "production/bad", problems: [{ reason: "unknown-provider" }] }],
        unnamed: 0,
      },
    ]);
  });

  it("costs as much as what changed", async () => {
    const { surveys, surveyor } = setUp();
    const accounts = Array.from({ length: 300 }, (_, index) => costly(`a${index}`));
    const timed = async (): Promise<number> => {
      const startMs = threadMs();
      const before = surveys.length;
      surveyor.begin(accounts, SETTINGS);
      await eventually(() => expect(surveys.length).toBe(before + 1));
      return threadMs() - startMs;
    };
    const allMs = await timed();
    accounts[7] = costly("a7");
    expect(await timed()).toBeLessThan(Math.max(allMs / 5, 20));
    expect(surveys.at(-1)).toMatchObject({ federated: 300, newlyInvalid: [] });
  });

  it("lets others have a turn every few milliseconds, and a new one takes the place of one that is under way", async () => {
    const { surveys, surveyor } = setUp();
    const done: number[] = [];
    const accounts = Array.from({ length: 600 }, (_, index) => costly(`a${index}`));
    surveyor.begin(accounts, SETTINGS, ({ federated: count }) => void done.push(count));
    expect(surveys).toHaveLength(0);
    surveyor.begin(
      [...accounts, federated("one-more", "other")],
      OTHER,
      ({ federated: count }) => void done.push(count),
    );
    expect(await longestTurnMs(() => surveys.length > 0)).toBeLessThan(100);
    expect(surveys).toMatchObject([{ federated: 601, byReason: new Map([["unknown-provider", 600]]) }]);
    expect(done).toEqual([601, 601]);
  });

  it("judges all anew under other settings", async () => {
    const { surveys, surveyor } = setUp();
    const accounts = [federated("a"), federated("b", "other")];
    surveyor.begin(accounts, SETTINGS);
    await eventually(() => expect(surveys).toHaveLength(1));
    surveyor.begin(accounts, OTHER);
    await eventually(() => expect(surveys).toHaveLength(2));
    expect(surveys.map(({ invalid }) => [...invalid])).toEqual([["production/b"], ["production/a"]]);
  });
});

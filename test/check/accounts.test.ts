import { describe, expect, it } from "vitest";
import { AccountCounter } from "../../src/check/accounts.ts";
import { settingsOf } from "./facts.ts";

const federated = (value: string, more: Readonly<Record<string, string>> = {}): ReadonlyMap<string, string> =>
  new Map(Object.entries({ "podpass.dev/federate": value, ...more }));

describe("counting ServiceAccounts", () => {
  it("counts those of each provider and reason, and keeps none but the first", () => {
    const counter = new AccountCounter(settingsOf());
    for (let number = 0; number < 1000; number++) {
      counter.addPlain("plain");
      counter.add({ namespace: `n${number % 10}`, name: `good-${number}`, annotations: federated("enkryptify") }, true);
      counter.add(
        { namespace: "n0", name: `bad-${number}`, annotations: federated(`enkryptify,p${number}`) },
        number % 2 === 0,
      );
    }
    const { byProvider, byReason, invalidLines, samples, federatedByNamespace, unlabelledNames, ...numbers } =
      counter.finish();
    expect(numbers).toMatchObject({ total: 3000, federated: 2000, invalid: 1000, withWarnings: 0, unlabelled: 500 });
    expect(numbers.largest).toEqual({ namespace: "n0", total: 1100 });
    expect(unlabelledNames).toHaveLength(20);
    expect(unlabelledNames[0]).toEqual({ namespace: "n0", name: "bad-1" });
    expect(Object.fromEntries(byProvider)).toEqual({ enkryptify: 2000 });
    expect(Object.fromEntries(byReason)).toEqual({ "unknown-provider": 1000 });
    expect(invalidLines).toHaveLength(20);
    expect(samples).toHaveLength(10);
    expect(samples[0]).toEqual({ namespace: "n0", name: "good-0", providers: ["enkryptify"] });
    expect(federatedByNamespace.get("n0")).toBe(1100);
  });

  it("tries no ServiceAccount whose identity only some containers get", () => {
    const counter = new AccountCounter(settingsOf());
    const only = federated("enkryptify", { "enkryptify.podpass.dev/only-containers": "api" });
    counter.add({ namespace: "a", name: "some", annotations: only }, true);
    counter.add({ namespace: "a", name: "all", annotations: federated("enkryptify") }, true);
    expect(counter.finish().samples).toEqual([{ namespace: "a", name: "all", providers: ["enkryptify"] }]);
  });
});

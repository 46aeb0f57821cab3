import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { describe, expect, it } from "vitest";
import { readEvent } from "../../src/kube/metadata.ts";
import { AccountStore } from "../../src/kube/store.ts";

const metadata = (name: string, annotations: Readonly<Record<string, unknown>> = {}, namespace = "n") => ({
  namespace,
  name,
  resourceVersion: "1",
  annotations,
});

describe("the store", () => {
  it("keeps annotations under the prefix alone", () => {
    const store = new AccountStore("podpass.dev");
    store.put(
      metadata("a", {
        "podpass.dev/federate": "aws",
        "aws.podpass.dev/role-arn": "r",
        "notpodpass.dev/federate": "x",
        "podpass.dev.example.com/federate": "x",
        "podpass.dev/number": 7,
        plain: "x",
      }),
    );
    expect([...(store.get("n", "a")?.annotations ?? [])]).toStrictEqual([
      ["podpass.dev/federate", "aws"],
      ["aws.podpass.dev/role-arn", "r"],
    ]);
  });

  it("counts, and says when those of its own change", () => {
    const store = new AccountStore("p.dev");
    expect(store.put(metadata("a"))).toBe(false);
    expect(store.put(metadata("a", { "p.dev/x": "1" }))).toBe(true);
    expect(store.put(metadata("a", { "p.dev/x": "1", other: "2" }))).toBe(false);
    expect(store.put(metadata("a", { "p.dev/x": "2" }))).toBe(true);
    expect(store.put(metadata("b"))).toBe(false);
    expect([store.size, store.ownSize]).toStrictEqual([2, 1]);
    expect(store.put(metadata("a"))).toBe(true);
    expect([store.size, store.ownSize]).toStrictEqual([2, 0]);
    store.put(metadata("a", { "p.dev/x": "1" }));
    expect(store.delete("n", "b")).toBe(false);
    expect(store.delete("n", "a")).toBe(true);
    expect(store.delete("n", "a")).toBe(false);
    expect([store.size, store.ownSize, [...store.own()].length]).toStrictEqual([0, 0, 0]);
  });

  it("keeps the very object while nothing changes, in a new list too", () => {
    const before = new AccountStore("p.dev");
    before.put(metadata("a", { "p.dev/x": "1" }));
    const account = before.get("n", "a");
    before.put(metadata("a", { "p.dev/x": "1", other: "2" }));
    expect(before.get("n", "a")).toBe(account);
    const next = new AccountStore("p.dev", before);
    next.put(metadata("a", { "p.dev/x": "1" }));
    next.complete();
    expect(next.get("n", "a")).toBe(account);
  });

  it("holds 50,000, a fifth of them federated, in less than 16 MB", () => {
    setFlagsFromString("--expose-gc");
    const collect = runInNewContext("gc") as () => void;
    const store = new AccountStore("podpass.dev");
    collect();
    const before = process.memoryUsage().heapUsed;
    for (let i = 0; i < 50_000; i++) {
      const annotations =
        i % 5 === 0
          ? { "podpass.dev/federate": "aws", "aws.podpass.dev/role-arn": `arn:aws:iam::123456789012:role/service-${i}` }
          : { "meta.helm.sh/release-name": `release-${i}`, other: "x".repeat(500) };
      const object = { metadata: { ...metadata(`service-${i}`, annotations, `team-${i % 5000}`), managedFields: [] } };
      const event = readEvent(JSON.stringify({ type: "ADDED", object }));
      if (event.type === "put") store.put(event.metadata);
    }
    store.complete();
    collect();
    expect((process.memoryUsage().heapUsed - before) / 1e6).toBeLessThan(16);
    expect([store.size, store.ownSize]).toStrictEqual([50_000, 10_000]);
  });
});

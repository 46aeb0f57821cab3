import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { describe, expect, it } from "vitest";
import { accountKeys, keysUnder } from "../../../src/federation/account-keys.ts";
import { readEvent } from "../../../src/kube/metadata.ts";
import { AccountStore, NAMESPACE_SHARE } from "../../../src/serviceaccounts/cluster/store.ts";
import { settingsOf } from "../../support/pods.ts";

const metadata = (name: string, annotations: Readonly<Record<string, unknown>> = {}, namespace = "n") => ({
  namespace,
  name,
  resourceVersion: "1",
  annotations: new Map(Object.entries(annotations)),
});

describe("the store", () => {
  it("keeps annotations under the prefix alone", () => {
    const store = new AccountStore(keysUnder("podpass.dev"));
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

  it("keeps vendors' annotations where a configuration reads them", () => {
    const store = new AccountStore(
      accountKeys(settingsOf("nativeAnnotations: [aws]\nproviders: { aws: { preset: aws } }")),
    );
    store.put(metadata("a", { "eks.amazonaws.com/role-arn": "r", "eks.amazonaws.com/other": "x", plain: "x" }));
    expect([...(store.get("n", "a")?.annotations ?? [])]).toStrictEqual([["eks.amazonaws.com/role-arn", "r"]]);
  });

  it("has those without annotations as its own where the namespace has a default", () => {
    const parameters = "{ role-arn: 'arn:aws:iam::123456789012:role/team' }";
    const config = `providers: { aws: { preset: aws } }\ndefaults: [{ namespaces: [team-*], provider: aws, parameters: ${parameters} }]`;
    const store = new AccountStore(accountKeys(settingsOf(config)));
    expect(store.put(metadata("a", {}, "team-a"))).toBe(true);
    expect(store.put(metadata("a", {}, "team-a"))).toBe(false);
    expect(store.put(metadata("a", {}, "other"))).toBe(false);
    expect([...store.own()].map(({ namespace, name }) => `${namespace}/${name}`)).toStrictEqual(["team-a/a"]);
    expect(store.delete("team-a", "a")).toBe(true);
    expect(store.delete("other", "a")).toBe(false);
  });

  it("counts, and says when those of its own change", () => {
    const store = new AccountStore(keysUnder("p.dev"));
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
    const before = new AccountStore(keysUnder("p.dev"));
    before.put(metadata("a", { "p.dev/x": "1" }));
    const account = before.get("n", "a");
    before.put(metadata("a", { "p.dev/x": "1", other: "2" }));
    expect(before.get("n", "a")).toBe(account);
    const next = new AccountStore(keysUnder("p.dev"), before);
    next.put(metadata("a", { "p.dev/x": "1" }));
    next.complete();
    expect(next.get("n", "a")).toBe(account);
  });

  const large = { "p.dev/x": "<".repeat(NAMESPACE_SHARE / 4) };

  it("leaves out what finds no room in its namespace's share, and keeps all of the others", () => {
    const crowded: string[] = [];
    const store = new AccountStore(keysUnder("p.dev"), undefined, (namespace) => void crowded.push(namespace));
    for (let i = 0; i < 10; i++) store.put(metadata(`a${i}`, large, "hostile"));
    expect(store.put(metadata("b", { "p.dev/x": "1" }, "other"))).toBe(true);
    expect(crowded).toStrictEqual(["hostile"]);
    expect([store.size, store.ownSize, store.leftOutSize]).toStrictEqual([11, 11, 7]);
    expect([...store.own()].map(({ name }) => name)).toStrictEqual(["a0", "a1", "a2", "b"]);
    expect(store.get("other", "b")?.annotations.size).toBe(1);
    // Never one without annotations, which would be a pod without its identity.
    for (let i = 3; i < 10; i++) expect(store.get("hostile", `a${i}`)).toBeUndefined();
  });

  it("takes one in once it is small enough or others made room, and counts right throughout", () => {
    const store = new AccountStore(keysUnder("p.dev"));
    for (let i = 0; i < 5; i++) store.put(metadata(`a${i}`, large));
    expect(store.put(metadata("a4", large))).toBe(false);
    expect(store.put(metadata("a4", { "p.dev/x": "1" }))).toBe(true);
    expect([store.ownSize, store.leftOutSize]).toStrictEqual([5, 1]);
    expect(store.put(metadata("a3"))).toBe(false);
    expect(store.get("n", "a3")?.annotations.size).toBe(0);
    expect(store.put(metadata("a3", large))).toBe(false);
    expect(store.delete("n", "a0")).toBe(true);
    expect(store.put(metadata("a3", large))).toBe(true);
    expect(store.put(metadata("a1", large))).toBe(false);
    expect(store.put(metadata("a1", { "p.dev/x": `${large["p.dev/x"]}<` }))).toBe(true);
    for (let i = 1; i < 5; i++) store.delete("n", `a${i}`);
    expect([store.size, store.ownSize, store.leftOutSize]).toStrictEqual([0, 0, 0]);
  });

  it("says once of a namespace that it is crowded, in new lists too", () => {
    const crowded: string[] = [];
    let store = new AccountStore(keysUnder("p.dev"), undefined, (namespace) => void crowded.push(namespace));
    for (let list = 0; list < 3; list++) {
      for (let i = 0; i < 5; i++) store.put(metadata(`a${i}`, large));
      store.complete();
      store = new AccountStore(keysUnder("p.dev"), store);
    }
    expect(crowded).toStrictEqual(["n"]);
  });

  it("holds a namespace's 15,000 smallest annotations of 50 ServiceAccounts in some megabytes", () => {
    const annotations = Object.fromEntries(Array.from({ length: 15_000 }, (_, i) => [`p.dev/${i.toString(36)}`, ""]));
    const store = new AccountStore(keysUnder("p.dev"));
    for (let i = 0; i < 50; i++) store.put(metadata(`a${i}`, annotations));
    expect([...store.own()]).toHaveLength(1);
  });

  it("holds 50,000, a fifth of them federated, in less than 16 MB", () => {
    setFlagsFromString("--expose-gc");
    const collect = runInNewContext("gc") as () => void;
    const store = new AccountStore(keysUnder("podpass.dev"));
    collect();
    const before = process.memoryUsage().heapUsed;
    for (let i = 0; i < 50_000; i++) {
      const annotations =
        i % 5 === 0
          ? { "podpass.dev/federate": "aws", "aws.podpass.dev/role-arn": `arn:aws:iam::123456789012:role/service-${i}` }
          : { "meta.helm.sh/release-name": `release-${i}`, other: "x".repeat(500) };
      const object = {
        metadata: { ...metadata(`service-${i}`, {}, `team-${i % 5000}`), annotations, managedFields: [] },
      };
      const event = readEvent(JSON.stringify({ type: "ADDED", object }));
      if (event.type === "put") store.put(event.metadata);
    }
    store.complete();
    collect();
    expect((process.memoryUsage().heapUsed - before) / 1e6).toBeLessThan(16);
    expect([store.size, store.ownSize]).toStrictEqual([50_000, 10_000]);
  });
});

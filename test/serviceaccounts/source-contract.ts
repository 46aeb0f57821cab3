/** What every source of ServiceAccounts must do; called with each of them. */
import { describe, expect, it, onTestFinished } from "vitest";
import type { ServiceAccountSource } from "../../src/serviceaccounts/source.ts";
import { eventually } from "../support/eventually.ts";

/** A ServiceAccount as it is written where the source reads. */
export interface WrittenAccount {
  readonly namespace: string;
  readonly name: string;
  readonly annotations: Readonly<Record<string, string>>;
}

/** Where the source reads, in the hands of a test. */
export interface SourceWorld {
  /** Opens the source; resolves at the latest when it is synced. */
  open(): Promise<ServiceAccountSource>;
  /** Makes the ServiceAccount, or replaces it. */
  write(account: WrittenAccount): Promise<void>;
  remove(namespace: string, name: string): Promise<void>;
}

const BUDGET_MS = 2000;
const FEDERATE = "podpass.dev/federate";

const account = (name: string, federate: string, namespace = "production"): WrittenAccount => ({
  namespace,
  name,
  annotations: { [FEDERATE]: federate },
});

/** Runs the contract; `createWorld` makes an empty world for one test. */
export const describeSource = (kind: string, createWorld: () => Promise<SourceWorld>): void => {
  const openWith = async (...accounts: readonly WrittenAccount[]) => {
    const world = await createWorld();
    for (const written of accounts) await world.write(written);
    const source = await world.open();
    onTestFinished(() => source.close());
    await eventually(() => expect(source.isSynced()).toBe(true));
    const federateOf = async (name: string, namespace = "production") =>
      (await source.find(namespace, name, BUDGET_MS))?.annotations.get(FEDERATE);
    return { world, source, federateOf };
  };

  describe(`a source of ServiceAccounts: ${kind}`, () => {
    it("finds what is there, by namespace and name", async () => {
      const { source, federateOf } = await openWith(account("a", "aws"), account("a", "gcp", "other"));
      expect(await federateOf("a")).toBe("aws");
      expect(await federateOf("a", "other")).toBe("gcp");
      expect(await source.find("production", "a", BUDGET_MS)).toMatchObject({ namespace: "production", name: "a" });
    });

    it("finds nothing where nothing is, whatever the name", async () => {
      const { source } = await openWith(account("a", "aws"));
      for (const name of ["b", "A", "a/a", "__proto__", "constructor", "", "../a"])
        expect(await source.find("production", name, BUDGET_MS)).toBeUndefined();
      expect(await source.find("nowhere", "a", BUDGET_MS)).toBeUndefined();
    });

    it("gives the same object for the same ServiceAccount, so that what is known of it is kept", async () => {
      const { source } = await openWith(account("a", "aws"));
      const first = await source.find("production", "a", BUDGET_MS);
      expect(await source.find("production", "a", BUDGET_MS)).toBe(first);
    });

    it("knows one without annotations from one that is not there", async () => {
      const { source } = await openWith({ namespace: "production", name: "plain", annotations: {} });
      expect(await source.find("production", "plain", BUDGET_MS)).toMatchObject({ name: "plain" });
    });

    it("keeps annotation keys that are special in JavaScript", async () => {
      const annotations = JSON.parse('{"__proto__":"x","constructor":"y","podpass.dev/federate":"aws"}');
      const { source } = await openWith({ namespace: "production", name: "a", annotations });
      const found = await source.find("production", "a", BUDGET_MS);
      expect(found?.annotations.get(FEDERATE)).toBe("aws");
      expect(found?.annotations.get("podpass.dev/inject")).toBeUndefined();
    });

    it("lists the federated ones", async () => {
      const { source } = await openWith(account("a", "aws"), account("b", "gcp", "other"));
      const names = [...source.all()].filter(({ annotations }) => annotations.has(FEDERATE)).map(({ name }) => name);
      expect(names.sort()).toStrictEqual(["a", "b"]);
    });

    it("follows changes", async () => {
      const { world, source, federateOf } = await openWith(account("a", "aws"));
      await world.write(account("a", "gcp"));
      await eventually(async () => expect(await federateOf("a")).toBe("gcp"));
      await world.write(account("b", "openai"));
      await eventually(async () => expect(await federateOf("b")).toBe("openai"));
      await world.remove("production", "a");
      await eventually(async () => expect(await source.find("production", "a", BUDGET_MS)).toBeUndefined());
      expect(await federateOf("b")).toBe("openai");
    });

    it("is synced with nothing there, too", async () => {
      const { source } = await openWith();
      expect([...source.all()]).toStrictEqual([]);
    });
  });
};

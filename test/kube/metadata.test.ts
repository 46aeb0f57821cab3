import { describe, expect, it } from "vitest";
import { keysUnder } from "../../src/federation/account-keys.ts";
import { readEvent, readObject, readPage } from "../../src/kube/metadata.ts";
import { Malformed } from "../../src/kube/object-parts.ts";

const objectOf = (annotations: Readonly<Record<string, unknown>>) => ({
  metadata: {
    name: "a",
    namespace: "n",
    resourceVersion: "7",
    labels: { "podpass.dev/federate": "a label" },
    annotations,
    managedFields: [{ annotations: { "podpass.dev/federate": "a field" } }],
  },
});

const read = (annotations: Readonly<Record<string, unknown>>, prefix?: string) =>
  readObject(JSON.stringify(objectOf(annotations)), prefix === undefined ? undefined : keysUnder(prefix));

describe("what is read of an object", () => {
  const annotations = { "podpass.dev/x": "1", "aws.podpass.dev/y": "2", "example.com/z": "3", plain: "4" };

  it("is its metadata, with the annotations under the prefix alone", () => {
    expect(read(annotations, "podpass.dev")).toStrictEqual({
      name: "a",
      namespace: "n",
      resourceVersion: "7",
      annotations: new Map([
        ["podpass.dev/x", "1"],
        ["aws.podpass.dev/y", "2"],
      ]),
    });
  });

  it("is every annotation where no prefix is named", () => {
    expect([...read(annotations).annotations]).toStrictEqual(Object.entries(annotations));
  });

  it("ends with the first annotation beyond the bound, but for the one that federates it", () => {
    const many = Object.fromEntries(Array.from({ length: 15_000 }, (_, i) => [`podpass.dev/${i.toString(36)}x`, ""]));
    const found = read({ ...many, "podpass.dev/federate": "aws" }, "podpass.dev");
    expect(found.annotations.size).toBe(1002);
    expect(found.annotations.get("podpass.dev/federate")).toBe("aws");
  });

  it.each([null, [], "x", 7])("is no annotation where they are %j", (value) => {
    const object = { metadata: { ...objectOf({}).metadata, annotations: value } };
    expect(readObject(JSON.stringify(object), keysUnder("podpass.dev")).annotations.size).toBe(0);
  });
});

describe("a page", () => {
  const page = (rest: object): string =>
    JSON.stringify({ kind: "List", metadata: { resourceVersion: "9", continue: "t" }, ...rest });

  it("gives its items one by one", () => {
    const { items, ...rest } = readPage(page({ items: [objectOf({}), objectOf({ plain: "1" })] }));
    expect(rest).toStrictEqual({ resourceVersion: "9", continueToken: "t" });
    expect(Array.from(items, ({ annotations }) => annotations.size)).toStrictEqual([0, 1]);
  });

  it("may be empty, and its metadata may come last", () => {
    const { items, continueToken } = readPage('{"items":[ ],"metadata":{"resourceVersion":"9","continue":""}}');
    expect([[...items], continueToken]).toStrictEqual([[], undefined]);
  });

  it("has no items where an API server has nothing to list", () => {
    const { items } = readPage('{"metadata":{"resourceVersion":"9"},"items":null}');
    expect([...items]).toStrictEqual([]);
  });

  it.each(["", "{}", page({}), page({ items: {} }), page({ items: [] }).slice(0, -1), '{"items":[]}'])(
    "is malformed: %j",
    (text) => {
      expect(() => readPage(text)).toThrow(Malformed);
    },
  );

  it("is malformed where one of its items is no object", () => {
    expect(() => [...readPage(page({ items: [objectOf({}), 7] })).items]).toThrow(Malformed);
  });
});

describe("an event", () => {
  it("may have its members in any order", () => {
    const text = `{"object":${JSON.stringify(objectOf({}))},"type":"DELETED"}`;
    expect(readEvent(text)).toMatchObject({ type: "delete", metadata: { name: "a" } });
  });

  it.each(["", "7", "null", '{"type":"ADDED"}', '{"type":"ADDED","object":7}', '{"type":"ERROR","object":{}'])(
    "is malformed: %j",
    (text) => {
      expect(() => readEvent(text)).toThrow(Malformed);
    },
  );

  it("that is an error carries a Status", () => {
    const status = { kind: "Status", code: 410, reason: "Expired", message: "x".repeat(300), metadata: {} };
    expect(readEvent(JSON.stringify({ type: "ERROR", object: status }))).toStrictEqual({
      type: "error",
      status: { code: 410, reason: "Expired", message: "x".repeat(200) },
    });
  });
});

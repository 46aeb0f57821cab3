import { describe, expect, it } from "vitest";
import { serviceAccountsIn } from "../../src/serviceaccounts/manifest-text.ts";
import { growth } from "../support/linear.ts";

const names = (text: string): readonly string[] =>
  serviceAccountsIn(text).accounts.map(({ namespace, name, line }) => `${namespace}/${name}:${line}`);

describe("serviceAccountsIn", () => {
  it("finds ServiceAccounts among other documents, with their lines", () => {
    const text = `# a comment
apiVersion: v1
kind: ServiceAccount
metadata: { name: a, namespace: x }
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: d }
---
---
kind: ServiceAccount
apiVersion: v1
metadata:
  name: b
`;
    expect(names(text)).toStrictEqual(["x/a:2", "default/b:11"]);
  });

  it("finds them in lists, and lists in lists", () => {
    const text = `apiVersion: v1
kind: List
items:
  - { apiVersion: v1, kind: Secret, metadata: { name: s } }
  - { apiVersion: v1, kind: ServiceAccount, metadata: { name: a } }
  - apiVersion: v1
    kind: List
    items:
      - { apiVersion: v1, kind: ServiceAccount, metadata: { name: b } }
---
apiVersion: v1
kind: ServiceAccountList
items:
  - metadata: { name: c }
`;
    expect(names(text)).toStrictEqual(["default/a:5", "default/b:9", "default/c:14"]);
  });

  it("reads JSON, with tabs too", () => {
    const text = JSON.stringify({ apiVersion: "v1", kind: "ServiceAccount", metadata: { name: "a" } }, null, "\t");
    expect(names(text)).toStrictEqual(["default/a:1"]);
  });

  it("puts those without a namespace where it is told", () => {
    const { accounts } = serviceAccountsIn("{apiVersion: v1, kind: ServiceAccount, metadata: {name: a}}", "team-a");
    expect(accounts[0]?.namespace).toBe("team-a");
  });

  it("passes over what only looks like one", () => {
    expect(
      serviceAccountsIn("{apiVersion: iam.example.com/v1, kind: ServiceAccount, metadata: {name: a}}"),
    ).toStrictEqual({
      accounts: [],
      problems: [],
    });
    expect(serviceAccountsIn("")).toStrictEqual({ accounts: [], problems: [] });
    expect(serviceAccountsIn("just text")).toStrictEqual({ accounts: [], problems: [] });
  });

  it("keeps keys that are special in JavaScript, and merges as kubectl does", () => {
    const { accounts } = serviceAccountsIn(`apiVersion: v1
kind: ServiceAccount
metadata:
  name: a
  annotations:
    <<: { merged: "yes" }
    __proto__: "1"
    constructor: "2"
    podpass.dev/federate: "aws"
`);
    expect([...(accounts[0]?.annotations ?? [])].sort()).toStrictEqual([
      ["__proto__", "1"],
      ["constructor", "2"],
      ["merged", "yes"],
      ["podpass.dev/federate", "aws"],
    ]);
    expect(({} as Record<string, unknown>)["podpass.dev/federate"]).toBeUndefined();
  });

  it.each([
    ["metadata: { namespace: x }", "metadata.name is no text"],
    ["metadata: []", "has no metadata"],
    ["metadata: { name: a, namespace: 7 }", "metadata.namespace is no text"],
    ["metadata: { name: a, annotations: [] }", "metadata.annotations is no mapping"],
    [
      "metadata: { name: a, annotations: { seconds: 1800 } }",
      'annotation "seconds" is no text; allowed: a value in quotes',
    ],
    ["metadata: { name: a, annotations: { flag: yes } }", 'annotation "flag" is no text'],
    ["metadata: { name: a, annotations: { x: *nowhere } }", "nowhere"],
  ])("says what is wrong with %s", (metadata, message) => {
    const { accounts, problems } = serviceAccountsIn(`---\napiVersion: v1\nkind: ServiceAccount\n${metadata}\n`);
    expect(accounts).toStrictEqual([]);
    expect(problems).toMatchObject([{ message: expect.stringContaining(message) }]);
    expect(problems[0]?.line).toBeGreaterThanOrEqual(2);
  });

  it("says where the syntax breaks, and still reads the other documents", () => {
    const { accounts, problems } = serviceAccountsIn(`apiVersion: v1
kind: ServiceAccount
metadata: { name: a }
---
kind: [
---
apiVersion: v1
kind: ServiceAccount
metadata: { name: b }
`);
    expect(accounts.map(({ name }) => name)).toContain("a");
    expect(problems.length).toBeGreaterThan(0);
    expect(problems[0]?.line).toBeGreaterThanOrEqual(5);
  });

  it.each([
    ["an alias inside its own anchor", "metadata: &m { name: a, annotations: *m }", "3:38: this alias stands inside"],
    ["nesting without end", `metadata: ${"[".repeat(100_000)}`, "3:211: nested deeper than 200"],
    ["a key twice", "kind: ServiceAccount", "3:1: Map keys must be unique"],
  ])("says where there is %s", (_, rest, message) => {
    const { accounts, problems } = serviceAccountsIn(`apiVersion: v1\nkind: ServiceAccount\n${rest}\n`);
    expect(accounts).toStrictEqual([]);
    expect(problems.map((one) => `${one.line}:${one.column}: ${one.message}`)).toStrictEqual([
      expect.stringContaining(message),
    ]);
  });

  it("takes time that is linear in what is there", async () => {
    const one = "---\napiVersion: v1\nkind: ServiceAccount\nmetadata: { name: a, annotations: { b: &b c, d: *b } }\n";
    expect(await growth(300, (count) => async () => serviceAccountsIn(one.repeat(count)))).toBeLessThan(10);
    const list = (count: number) =>
      `apiVersion: v1\nkind: List\nitems:\n${"- &a {apiVersion: v1, kind: ServiceAccount}\n- *a\n".repeat(count)}`;
    expect(await growth(300, (count) => async () => serviceAccountsIn(list(count)))).toBeLessThan(10);
  });

  it("is not blown up by aliases of aliases", () => {
    const levels = Array.from(
      { length: 12 },
      (_, i) => `  k${i + 1}: &a${i + 1} [${Array(9).fill(`*a${i}`).join(",")}]`,
    );
    const text = `apiVersion: v1\nkind: ServiceAccount\nmetadata:\n  name: a\n  k0: &a0 [x]\n${levels.join("\n")}\n`;
    expect(serviceAccountsIn(text).problems).toHaveLength(1);
  });
});

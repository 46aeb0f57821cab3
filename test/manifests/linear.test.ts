import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { ACCOUNT, POD } from "../cli/manifests.ts";
import { podpassInside } from "../cli/podpass.ts";
import { temporaryFolder } from "../support/folder.ts";
import { growth, repeat } from "../support/linear.ts";

const CONFIG_MAP = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\n";
const SPEC = `${ACCOUNT}---\n${POD}`;

const indented = (text: string): string => text.replace(/^/gm, "  ").replace(/^ {2}/, "- ").trimEnd();
const LIST_ITEM = `${indented(POD)}\n`;
const JSON_POD = JSON.stringify({
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name: "p" },
  spec: { serviceAccountName: "my-api", containers: [{ name: "a" }] },
});

/** A dimension: a text in which `count` of something are, and how many there are in the smaller of two. */
type Dimension = readonly [name: string, count: number, text: (count: number) => string];

const DIMENSIONS: readonly Dimension[] = [
  ["documents", 1200, (count) => "---\n".repeat(count)],
  ["pods in documents", 60, (count) => `${ACCOUNT}${repeat(count, () => `---\n${POD}`)}`],
  ["pods in a list", 60, (count) => `${ACCOUNT}---\napiVersion: v1\nkind: List\nitems:\n${LIST_ITEM.repeat(count)}`],
  [
    "pods in a list in a line",
    60,
    (count) => `${ACCOUNT}---\n{"apiVersion":"v1","kind":"List","items":[${Array(count).fill(JSON_POD).join(",")}]}\n`,
  ],
  ["lists in a list", 200, (count) => `kind: List\nitems:\n${"- {kind: List, items: [{kind: A}]}\n".repeat(count)}`],
  ["keys of a mapping", 1600, (count) => `${CONFIG_MAP}data:\n${repeat(count, (i) => `  k${i}: v\n`)}`],
  ["keys of a mapping in a line", 1600, (count) => `${CONFIG_MAP}data: {${repeat(count, (i) => `k${i}: v, `)}}\n`],
  ["repeated keys", 1600, (count) => `${CONFIG_MAP}data:\n${"  a: b\n".repeat(count)}`],
  ["items of a list", 2000, (count) => `${CONFIG_MAP}data:\n${"- a\n".repeat(count)}`],
  ["anchors and aliases", 800, (count) => `${CONFIG_MAP}data:\n${repeat(count, (i) => `- &a${i} x\n- *a${i}\n`)}`],
  ["aliases of one anchor", 1600, (count) => `${CONFIG_MAP}a: &a x\ndata:\n${"- *a\n".repeat(count)}`],
  ["aliases without anchor", 1200, (count) => `${CONFIG_MAP}data:\n${repeat(count, (i) => `- *a${i}\n`)}`],
  ["aliases inside their anchor", 1200, (count) => `${CONFIG_MAP}data: &a\n${"- *a\n".repeat(count)}`],
  ["aliases in a pod", 800, (count) => `${SPEC}  extra:\n${repeat(count, (i) => `  - &a${i} x\n  - *a${i}\n`)}`],
  ["merges", 800, (count) => `${CONFIG_MAP}a: &a {k: v}\ndata:\n${"- {<<: *a, x: y}\n".repeat(count)}`],
  ["merges of one mapping", 800, (count) => `a: &a {k: v}\nb:\n${"  <<: *a\n".repeat(count)}`],
  [
    "merges of merges",
    400,
    (count) => `a0: &a0 {k: v}\n${repeat(count, (i) => `a${i + 1}: &a${i + 1} {<<: *a${i}, k${i}: v}\n`)}`,
  ],
  ["comments", 3200, (count) => `${CONFIG_MAP}data:\n${"  # c\n\n".repeat(count)}  a: b\n`],
  [
    "comments above a list's first item",
    3200,
    (count) => `${SPEC}    env:\n${"    # c\n".repeat(count)}    - name: A\n`,
  ],
  ["lines of a text", 3200, (count) => `${CONFIG_MAP}data:\n  a: |\n${"    x\n".repeat(count)}`],
  ["quoted texts", 1600, (count) => `${CONFIG_MAP}data: [${`"a\\n'", 'b"', `.repeat(count)}]\n`],
  ["characters of a text", 160_000, (count) => `${CONFIG_MAP}data: {a: "${"x".repeat(count)}"}\n`],
  ["digits of a number", 16_000, (count) => `${CONFIG_MAP}data: {a: ${"9".repeat(count)}}\n`],
  ["syntax errors", 1200, (count) => "a: ]\n".repeat(count)],
  ["brackets that stay open", 8000, (count) => "[".repeat(count)],
  ["dashes", 8000, (count) => `${"- ".repeat(count)}x\n`],
  ["unknown tags", 1600, (count) => `${CONFIG_MAP}data: !!omap\n${repeat(count, (i) => `- !x k${i}: !!set v\n`)}`],
  ["numbers as keys", 1600, (count) => `${CONFIG_MAP}data:\n${repeat(count, (i) => `  ${i}: v\n`)}`],
  ["lists as keys", 800, (count) => `${CONFIG_MAP}data:\n${repeat(count, (i) => `  ? [a${i}]\n  : v\n`)}`],
  ["annotations that are no text", 800, (count) => `${ACCOUNT}${repeat(count, (i) => `    k${i}: 1\n`)}`],
  [
    "annotations of a pod",
    800,
    (count) => SPEC.replace(/api\nspec/, `api\n  annotations:\n${repeat(count, (i) => `    k${i}: v\n`)}spec`),
  ],
  ["keys beside a pod's", 1600, (count) => `${SPEC}${repeat(count, (i) => `  k${i}: v\n`)}`],
  ["variables that are no text", 400, (count) => `${SPEC}    env:\n${"    - {name: A, value: 1}\n".repeat(count)}`],
  ["containers before one that is wrong", 400, (count) => `${SPEC}${"  - {name: a}\n".repeat(count)}  - {env: {}}\n`],
  ["ServiceAccounts", 120, (count) => repeat(count, (i) => `${ACCOUNT.replace("my-api", `my-api-${i}`)}---\n`)],
  ["ServiceAccounts of one name", 120, (count) => repeat(count, () => `${ACCOUNT}---\n`)],
  [
    "pods whose ServiceAccount is not there",
    80,
    (count) => repeat(count, (i) => `${POD.replace("my-api", `a-${i}`)}---\n`),
  ],
];

const COMMANDS = [["inject", "-o", "diff", "--explain"], ["inject", "-o", "json"], ["lint"]] as const;

describe("inject and lint take time", () => {
  it.each(DIMENSIONS)("that is linear in the %s", { timeout: 60_000 }, async (_, count, text) => {
    const grown = await growth(count, (size) => {
      const stdin = text(size);
      return async () => {
        for (const command of COMMANDS) await podpassInside([...command, "-f", "-"], { stdin });
      };
    });
    expect(grown).toBeLessThan(10);
  });
});

it("writing files one after the other takes time that is linear in the comments above a directive", async () => {
  const folder = temporaryFolder();
  const grown = await growth(8000, (size) => {
    const file = join(folder, `${size}.yaml`);
    writeFileSync(file, `${"# c\n \n".repeat(size)}%YAML 1.2\n---\n${POD}`);
    return () => podpassInside(["inject", "-f", "-", "-f", file], { stdin: ACCOUNT });
  });
  expect(grown).toBeLessThan(10);
});

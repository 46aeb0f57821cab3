import { execFileSync } from "node:child_process";
import { chmodSync, rmSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import type { ManifestProblem } from "../../src/manifests/document.ts";
import { openManifests } from "../../src/serviceaccounts/manifests.ts";
import { MAX_FILE_MIB } from "../../src/yaml/limits.ts";
import { eventually } from "../support/eventually.ts";
import { asNobody, MountedVolume, temporaryFolder, writeFiles } from "../support/folder.ts";
import { describeSource, type WrittenAccount } from "./source-contract.ts";

const TIMING = { pollMs: 50, quietMs: 10 };

const toManifest = ({ namespace, name, annotations }: WrittenAccount): string =>
  JSON.stringify({ apiVersion: "v1", kind: "ServiceAccount", metadata: { namespace, name, annotations } });

describeSource("manifests in a folder", async () => {
  const folder = temporaryFolder();
  const file = (namespace: string, name: string) => `${namespace}/${name}.yaml`;
  return {
    open: () => openManifests({ path: folder, timing: TIMING }),
    write: (account) => writeFiles(folder, { [file(account.namespace, account.name)]: toManifest(account) }),
    remove: async (namespace, name) => rmSync(join(folder, file(namespace, name))),
  };
});

const manifest = (name: string, federate: string) =>
  toManifest({ namespace: "production", name, annotations: { "podpass.dev/federate": federate } });

const ACCOUNT_HEAD = "apiVersion: v1\nkind: ServiceAccount\nmetadata:\n";

const open = async (path: string) => {
  const readings: (readonly ManifestProblem[])[] = [];
  const source = await openManifests({ path, timing: TIMING, onRead: (problems) => void readings.push(problems) });
  onTestFinished(() => source.close());
  const federate = (name: string) => {
    const found = source.find("production", name, 0);
    return found instanceof Promise ? undefined : found?.annotations.get("podpass.dev/federate");
  };
  return { source, readings, federate };
};

describe("openManifests", () => {
  it("reads .yaml, .yml and .json, recursively, and nothing else", async () => {
    const folder = temporaryFolder();
    await writeFiles(folder, {
      "a.yaml": manifest("a", "aws"),
      "deep/er/b.yml": manifest("b", "aws"),
      "c.json": manifest("c", "aws"),
      "d.txt": manifest("d", "aws"),
      ".git/e.yaml": manifest("e", "aws"),
    });
    const { source } = await open(folder);
    expect([...source.all()].map(({ name }) => name).sort()).toStrictEqual(["a", "b", "c"]);
  });

  it("reads one file, whatever it is called", async () => {
    const folder = temporaryFolder();
    await writeFiles(folder, { accounts: manifest("a", "aws") });
    expect((await open(join(folder, "accounts"))).federate("a")).toBe("aws");
  });

  it("reads a mounted ConfigMap once, and again when it is swapped", async () => {
    const volume = new MountedVolume(temporaryFolder());
    await volume.swap({ "a.yaml": manifest("a", "aws") });
    const { federate, readings } = await open(volume.folder);
    expect(readings).toStrictEqual([[]]);
    await volume.swap({ "a.yaml": manifest("a", "gcp") });
    await eventually(() => expect(federate("a")).toBe("gcp"));
  });

  it("keeps what a file held when it breaks, and says where", async () => {
    const folder = temporaryFolder();
    await writeFiles(folder, { "a.yaml": manifest("a", "aws"), "b.yaml": manifest("b", "aws") });
    const { federate, readings } = await open(folder);
    await writeFiles(folder, { "a.yaml": "apiVersion: v1\nkind: ServiceAccount\nmetadata: { name: a\n" });
    await eventually(() => expect(readings.at(-1)).toHaveLength(1));
    expect(readings.at(-1)?.[0]).toMatchObject({ file: join(folder, "a.yaml"), line: expect.any(Number) });
    expect(federate("a")).toBe("aws");
    await writeFiles(folder, { "b.yaml": manifest("b", "gcp") });
    await eventually(() => expect(federate("b")).toBe("gcp"));
    expect(federate("a")).toBe("aws");
    await writeFiles(folder, { "a.yaml": manifest("a", "openai") });
    await eventually(() => expect(federate("a")).toBe("openai"));
    expect(readings.at(-1)).toStrictEqual([]);
  });

  it("serves the others when one is broken from the start", async () => {
    const folder = temporaryFolder();
    await writeFiles(folder, { "a.yaml": "{{ template }}: [", "b.yaml": manifest("b", "aws") });
    const { federate, readings } = await open(folder);
    expect(federate("b")).toBe("aws");
    expect(readings[0]).not.toHaveLength(0);
  });

  it("says when a ServiceAccount is there twice", async () => {
    const folder = temporaryFolder();
    await writeFiles(folder, { "a.yaml": manifest("a", "aws"), "b.yaml": manifest("a", "gcp") });
    const { federate, readings } = await open(folder);
    expect(federate("a")).toBe("gcp");
    expect(readings[0]).toMatchObject([
      { message: `ServiceAccount production/a is also in ${folder}/a.yaml:1; this one counts` },
    ]);
  });

  it("keeps the object of a ServiceAccount that a change of its file does not touch", async () => {
    const folder = temporaryFolder();
    await writeFiles(folder, { "a.yaml": manifest("a", "aws") });
    const { source, federate } = await open(folder);
    const before = source.find("production", "a", 0);
    await writeFiles(folder, { "a.yaml": `${manifest("a", "aws")}\n---\n${manifest("b", "aws")}` });
    await eventually(() => expect(federate("b")).toBe("aws"));
    expect(source.find("production", "a", 0)).toBe(before);
  });

  it("does not leave the folder through links, and says so", async () => {
    const outside = temporaryFolder();
    await writeFiles(outside, { "a.yaml": manifest("a", "aws") });
    const folder = temporaryFolder();
    await writeFiles(folder, { "b.yaml": manifest("b", "aws") });
    symlinkSync(join(outside, "a.yaml"), join(folder, "a.yaml"));
    const { federate, readings } = await open(folder);
    expect([federate("a"), federate("b")]).toStrictEqual([undefined, "aws"]);
    expect(readings[0]).toStrictEqual([
      {
        file: join(folder, "a.yaml"),
        line: 1,
        column: 1,
        message: `a symbolic link that leads out of ${folder}; it is not read, unless it is named itself`,
      },
    ]);
  });

  it("says what cannot be read, serves the others, and keeps what it held of it", async () => {
    const folder = temporaryFolder();
    await writeFiles(folder, {
      "a.yaml": manifest("a", "aws"),
      "deep/er/b.yaml": manifest("b", "aws"),
      "c.yaml": manifest("c", "aws"),
    });
    const { federate, readings } = await open(folder);
    expect(readings).toStrictEqual([[]]);
    const unreadable = [join(folder, "a.yaml"), join(folder, "deep")];
    rmSync(join(folder, "a.yaml"));
    symlinkSync("a.yaml", join(folder, "a.yaml"));
    chmodSync(folder, 0o755);
    chmodSync(join(folder, "deep"), 0o000);
    await asNobody(() => eventually(() => expect(readings.at(-1)?.map(({ file }) => file)).toStrictEqual(unreadable)));
    expect(readings.at(-1)?.map(({ message }) => message)).toStrictEqual([
      expect.stringMatching(/^it cannot be read: ELOOP/),
      expect.stringMatching(/^it cannot be read: EACCES/),
    ]);
    expect([federate("a"), federate("b"), federate("c")]).toStrictEqual(["aws", "aws", "aws"]);
    chmodSync(join(folder, "deep"), 0o755);
    rmSync(join(folder, "a.yaml"));
    await eventually(() => expect(readings.at(-1)).toStrictEqual([]));
    expect([federate("a"), federate("b"), federate("c")]).toStrictEqual([undefined, "aws", "aws"]);
  });

  it("reads no pipe, and nothing that is too large or no text", async () => {
    const folder = temporaryFolder();
    await writeFiles(folder, { "a.yaml": manifest("a", "aws"), "b.yaml": "", "c.yaml": "" });
    execFileSync("mkfifo", [join(folder, "pipe.yaml")]);
    truncateSync(join(folder, "b.yaml"), MAX_FILE_MIB * 1024 * 1024 + 1);
    writeFileSync(join(folder, "c.yaml"), Buffer.of(0xff));
    const { federate, readings } = await open(folder);
    expect(federate("a")).toBe("aws");
    expect(readings[0]?.map(({ message }) => message)).toStrictEqual([
      "the file cannot be read: it is larger than 64 MiB; allowed: 64 MiB",
      "the file cannot be read: the byte 0xff is not UTF-8 text; allowed: UTF-8, or UTF-16 with a byte order mark",
    ]);
  });

  it("waits for a folder that is not there yet", async () => {
    const folder = join(temporaryFolder(), "later");
    const { federate, source, readings } = await open(folder);
    expect(source.isSynced()).toBe(true);
    expect(readings[0]).toMatchObject([{ file: folder, message: expect.stringContaining("no manifest here") }]);
    await writeFiles(folder, { "a.yaml": manifest("a", "aws") });
    await eventually(() => expect(federate("a")).toBe("aws"));
  });

  it("reads YAML as lint does: numbers and dates of other versions are texts", async () => {
    const folder = temporaryFolder();
    const annotations = ["2024-01-01", "12:30:45", "'1800'"]
      .map((value, index) => `    k${index}: ${value}\n`)
      .join("");
    const text = `${ACCOUNT_HEAD}  name: a\n  annotations:\n    podpass.dev/federate: aws\n${annotations}`;
    await writeFiles(folder, { "a.yaml": text });
    const { readings, source } = await open(folder);
    expect(readings).toStrictEqual([[]]);
    const [account] = [...source.all()];
    expect([...(account?.annotations ?? [])].slice(1)).toStrictEqual([
      ["k0", "2024-01-01"],
      ["k1", "12:30:45"],
      ["k2", "1800"],
    ]);
  });

  it("reads lists, lists in lists, JSON objects that follow each other, and UTF-16", async () => {
    const folder = temporaryFolder();
    const account = (name: string) => ({ apiVersion: "v1", kind: "ServiceAccount", metadata: { name } });
    const list = (...items: readonly object[]) => ({ apiVersion: "v1", kind: "List", items });
    const text = [
      list(account("a"), list(account("b"))),
      { apiVersion: "v1", kind: "ServiceAccountList", items: [{ metadata: { name: "c" } }] },
      { ...account("d"), apiVersion: "iam.example.com/v1" },
    ];
    await writeFiles(folder, { "a.json": text.map((one) => JSON.stringify(one, null, "\t")).join("\n") });
    writeFileSync(join(folder, "b.yaml"), Buffer.from(`\uFEFF${JSON.stringify(account("e"))}`, "utf16le"));
    const { source, readings } = await open(folder);
    expect(readings).toStrictEqual([[]]);
    expect([...source.all()].map(({ namespace, name }) => `${namespace}/${name}`)).toStrictEqual(
      ["a", "b", "c", "e"].map((name) => `default/${name}`),
    );
  });

  it.each([
    ["metadata: { namespace: x }", "ServiceAccount (unnamed): metadata.name is missing"],
    ["metadata: []", "ServiceAccount (unnamed): metadata is not a mapping"],
    ["metadata: { name: 7 }", "ServiceAccount (unnamed): metadata.name must be a string; put its value in quotes"],
    [
      "metadata: { name: a, namespace: 7 }",
      "ServiceAccount a: metadata.namespace must be a string; put its value in quotes",
    ],
    ["metadata: { name: a, annotations: [] }", "ServiceAccount a: metadata.annotations is not a mapping"],
    [
      "metadata: { name: a, annotations: { s: 1800 } }",
      'ServiceAccount a: annotation "s" must be a string; put its value in quotes',
    ],
    [
      "metadata: { name: a, annotations: { s: yes } }",
      'ServiceAccount a: annotation "s" must be a string, and YAML without quotes means true; put its value in quotes',
    ],
    [
      "metadata: { name: a, namespace: n }",
      "ServiceAccount a: metadata.namespace must be a string, and YAML without quotes means false; put its value in quotes",
    ],
    [
      "metadata: { name: a, annotations: { s: [x] } }",
      'ServiceAccount a: annotation "s" must be a string, not a mapping or a list',
    ],
    [
      "metadata: { name: a, annotations: { s: 1_2.3 } }",
      'ServiceAccount a: annotation "s" must be a string; put its value in quotes',
    ],
  ])("leaves out what the API server would not take, with a reason: %s", async (metadata, message) => {
    const folder = temporaryFolder();
    const good = `${ACCOUNT_HEAD}  name: good\n`;
    await writeFiles(folder, { "a.yaml": `${good}---\napiVersion: v1\nkind: ServiceAccount\n${metadata}\n` });
    const { source, readings } = await open(folder);
    expect([...source.all()].map(({ name }) => name)).toStrictEqual(["good"]);
    expect(readings[0]).toMatchObject([{ file: join(folder, "a.yaml"), message }]);
    expect(readings[0]?.[0]?.line).toBeGreaterThan(5);
  });

  it("takes null for an empty text, as Kubernetes does", async () => {
    const folder = temporaryFolder();
    await writeFiles(folder, { "a.yaml": `${ACCOUNT_HEAD}  name: a\n  annotations: { s: , t: ~ }\n` });
    const { source, readings } = await open(folder);
    expect(readings).toStrictEqual([[]]);
    expect([...source.all()].map(({ annotations }) => [...annotations])).toStrictEqual([
      [
        ["s", ""],
        ["t", ""],
      ],
    ]);
  });

  it("serves what is good in a file that is broken from the start", async () => {
    const folder = temporaryFolder();
    await writeFiles(folder, { "a.yaml": `${manifest("a", "aws")}\n---\nkind: [\n---\n${manifest("b", "aws")}` });
    const { federate, readings } = await open(folder);
    expect(federate("a")).toBe("aws");
    expect(readings[0]?.[0]?.line).toBeGreaterThanOrEqual(3);
  });
});

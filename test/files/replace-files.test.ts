import { chmodSync, chownSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it, vi } from "vitest";
import { replaceFiles } from "../../src/files/replace-files.ts";
import { temporaryFolder } from "../support/folder.ts";

const withFile = (content: string | Buffer): { readonly folder: string; readonly path: string } => {
  const folder = temporaryFolder();
  const path = join(folder, "a.yaml");
  writeFileSync(path, content);
  return { folder, path };
};

describe("files that get other texts", () => {
  it.each([
    ["UTF-8", Buffer.from("a: ü\r\n"), "a: ü\r\n"],
    ["UTF-8 with a mark, which stays in the text", Buffer.from("\uFEFFa: 1\n"), "\uFEFFa: 1\n"],
  ])("are compared as they were read: %s", async (_, content, before) => {
    const { path } = withFile(content);
    await replaceFiles([{ path, before, after: "a: 2\n" }]);
    expect(readFileSync(path, "utf8")).toBe("a: 2\n");
  });

  it("stay as they are in another encoding, which would be lost: UTF-16, as Windows PowerShell writes it", async () => {
    const { path } = withFile(Buffer.from("\uFEFFa: ü\n", "utf16le"));
    await expect(replaceFiles([{ path, before: "a: ü\n", after: "b" }])).rejects.toThrow("or is not UTF-8");
    expect(readFileSync(path, "utf16le")).toBe("\uFEFFa: ü\n");
  });

  it("keep their mode, and are written where a link leads", async () => {
    const { folder, path } = withFile("a");
    chmodSync(path, 0o640);
    const link = join(folder, "link.yaml");
    symlinkSync("a.yaml", link);
    await replaceFiles([{ path: link, before: "a", after: "b" }]);
    expect(readFileSync(path, "utf8")).toBe("b");
    expect(statSync(path).mode & 0o777).toBe(0o640);
    expect(readdirSync(folder)).toEqual(["a.yaml", "link.yaml"]);
  });

  it("stay as they are where one was changed meanwhile", async () => {
    const { folder, path } = withFile("a");
    const other = join(folder, "b.yaml");
    writeFileSync(other, "somebody's");
    const files = [
      { path, before: "a", after: "c" },
      { path: other, before: "b", after: "c" },
    ];
    await expect(replaceFiles(files)).rejects.toThrow("was changed meanwhile");
    expect([path, other].map((one) => readFileSync(one, "utf8"))).toEqual(["a", "somebody's"]);
    expect(readdirSync(folder)).toEqual(["a.yaml", "b.yaml"]);
  });

  it("stay as they are where one may not be written, whoever asks", async () => {
    const { folder, path } = withFile("a");
    const other = join(folder, "b.yaml");
    writeFileSync(other, "b", { mode: 0o444 });
    const files = [
      { path, before: "a", after: "c" },
      { path: other, before: "b", after: "c" },
    ];
    await expect(replaceFiles(files)).rejects.toThrow(`${other} is read-only`);
    expect([path, other].map((one) => readFileSync(one, "utf8"))).toEqual(["a", "b"]);
    expect(readdirSync(folder)).toEqual(["a.yaml", "b.yaml"]);
  });

  it("stay as they are where one is changed while the others are written", async () => {
    const { folder, path } = withFile("a".repeat(1000));
    const other = join(folder, "b.yaml");
    writeFileSync(other, "b");
    const after = "c".repeat(50_000_000);
    const replaced = replaceFiles([
      { path, before: "a".repeat(1000), after: "c" },
      { path: other, before: "b", after },
    ]);
    await vi.waitFor(() => expect(readdirSync(folder)).toContain(`b.yaml.podpass-${process.pid}`), { interval: 1 });
    writeFileSync(path, "somebody's");
    await expect(replaced).rejects.toThrow(`${path} was changed meanwhile`);
    expect([path, other].map((one) => readFileSync(one, "utf8"))).toEqual(["somebody's", "b"]);
    expect(readdirSync(folder)).toEqual(["a.yaml", "b.yaml"]);
  });

  it("leave nothing behind where one cannot be written beside its place", async () => {
    const { folder, path } = withFile("a");
    const long = join(folder, "b".repeat(250));
    writeFileSync(long, "b");
    const files = [
      { path, before: "a", after: "c" },
      { path: long, before: "b", after: "c" },
    ];
    await expect(replaceFiles(files)).rejects.toThrow("ENAMETOOLONG");
    expect(readFileSync(path, "utf8")).toBe("a");
    expect(readdirSync(folder)).toEqual(["a.yaml", "b".repeat(250)]);
  });

  it.runIf(process.getuid?.() === 0)("keep their owner", async () => {
    const { path } = withFile("a");
    chownSync(path, 1234, 1235);
    await replaceFiles([{ path, before: "a", after: "b" }]);
    const { uid, gid } = statSync(path);
    expect([uid, gid]).toEqual([1234, 1235]);
  });

  it("stay as they are where two names are one file", async () => {
    const { folder, path } = withFile("a");
    const link = join(folder, "link.yaml");
    symlinkSync("a.yaml", link);
    const files = [path, link].map((one) => ({ path: one, before: "a", after: "c" }));
    await expect(replaceFiles(files)).rejects.toThrow(`${path} and ${link} are the same file`);
    expect(readFileSync(path, "utf8")).toBe("a");
  });
});

import { chmodSync, mkdirSync, rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { filesUnder, fingerprint, isInside } from "../../src/files/tree.ts";
import { asNobody, temporaryFolder, writeFiles } from "../support/folder.ts";

const ENDINGS = [".yaml"];

it("says what is there and cannot be read, and finds the rest", async () => {
  const folder = temporaryFolder();
  await writeFiles(folder, { "a/b.yaml": "", "locked/c.yaml": "", "d.yaml": "" });
  for (const name of ["circle.yaml", "circle.txt", "nothing.yaml"])
    symlinkSync(name === "nothing.yaml" ? "missing" : name, join(folder, name));
  chmodSync(folder, 0o755);
  chmodSync(join(folder, "locked"), 0o000);
  const { files, unread } = await asNobody(() => filesUnder(folder, ENDINGS));
  expect(files).toStrictEqual([join(folder, "a/b.yaml"), join(folder, "d.yaml")]);
  expect(unread).toMatchObject([
    { path: join(folder, "circle.yaml"), problem: expect.stringMatching(/^ELOOP: /) },
    { path: join(folder, "locked"), problem: expect.stringMatching(/^EACCES: /) },
  ]);
});

it("says that the folder itself cannot be read", async () => {
  const folder = temporaryFolder();
  chmodSync(folder, 0o000);
  expect(await asNobody(() => filesUnder(folder, ENDINGS))).toMatchObject({ files: [], unread: [{ path: folder }] });
  symlinkSync("circle", join(folder, "circle"));
  expect((await filesUnder(join(folder, "circle"), ENDINGS)).unread).toHaveLength(1);
  expect(await filesUnder(join(folder, "missing"), ENDINGS)).toMatchObject({ files: [], unread: [] });
});

it("says nothing of what goes while it is read", async () => {
  const folder = temporaryFolder();
  let isOver = false;
  const change = async (): Promise<void> => {
    while (!isOver) {
      await writeFiles(folder, { "a/b/c.yaml": "", "a/d.yaml": "" });
      rmSync(join(folder, "a"), { recursive: true });
      await writeFiles(folder, { a: "" });
      rmSync(join(folder, "a"));
    }
  };
  const changing = change();
  for (let count = 0; count < 300; count++) expect((await filesUnder(folder, ENDINGS)).unread).toStrictEqual([]);
  isOver = true;
  await changing;
});

it("changes its fingerprint where something can be read no more", async () => {
  const folder = temporaryFolder();
  mkdirSync(join(folder, "empty"));
  chmodSync(folder, 0o755);
  const before = await asNobody(() => fingerprint([folder]));
  chmodSync(join(folder, "empty"), 0o000);
  expect((await asNobody(() => fingerprint([folder]))).text).not.toBe(before.text);
});

it("knows which file is in one of many folders", () => {
  const folders = new Map([["/a/b", undefined]]);
  expect(["/a/b/c", "/a/b/c/d", "/a/bc", "/a/b", "a/b/c"].map((file) => isInside(file, folders))).toStrictEqual([
    true,
    true,
    false,
    false,
    false,
  ]);
});

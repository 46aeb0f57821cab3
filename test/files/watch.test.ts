import { mkdirSync, renameSync, rmSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { watchPaths } from "../../src/files/watch.ts";
import { eventually } from "../support/eventually.ts";
import { MountedVolume, temporaryFolder, writeFiles } from "../support/folder.ts";

/** Quick where events are tested, and only where they are. */
const BY_EVENTS = { pollMs: 60_000, quietMs: 10 };
const BY_POLLING = { pollMs: 20, quietMs: 60_000 };

const count = async (paths: readonly string[], timing: { pollMs: number; quietMs: number }) => {
  let calls = 0;
  const watcher = await watchPaths(paths, () => void calls++, timing);
  onTestFinished(() => watcher.close());
  return { calls: () => calls, watcher };
};

const settled = () => new Promise((resolve) => setTimeout(resolve, 120));

describe.each([
  ["by events", BY_EVENTS],
  ["by polling", BY_POLLING],
])("watchPaths, %s", (_name, timing) => {
  it("calls once at the start, and not again where nothing changes", async () => {
    const folder = temporaryFolder();
    await writeFiles(folder, { "a.yaml": "1" });
    const { calls } = await count([join(folder, "a.yaml")], timing);
    await settled();
    expect(calls()).toBe(1);
  });

  it("notices a file that is written, replaced, deleted and made again", async () => {
    const folder = temporaryFolder();
    const path = join(folder, "a.yaml");
    const { calls } = await count([path], timing);
    const steps = [
      () => writeFileSync(path, "1"),
      () => writeFileSync(path, "22"),
      () => {
        writeFileSync(join(folder, "b"), "333");
        renameSync(join(folder, "b"), path);
      },
      () => rmSync(path),
      () => writeFileSync(path, "4444"),
    ];
    for (const [index, step] of steps.entries()) {
      step();
      await eventually(() => expect(calls()).toBe(index + 2));
    }
  });

  it("notices the swap of a mounted volume, again and again", async () => {
    const volume = new MountedVolume(temporaryFolder());
    await volume.swap({ "config.yaml": "1" });
    const { calls } = await count([volume.path("config.yaml")], timing);
    for (let swap = 1; swap <= 3; swap++) {
      await volume.swap({ "config.yaml": "1" });
      await eventually(() => expect(calls()).toBe(swap + 1));
    }
  });

  it("notices what happens in a folder's folders, new ones too", async () => {
    const folder = temporaryFolder();
    await writeFiles(folder, { "a/b/c.yaml": "1" });
    const { calls } = await count([folder], timing);
    writeFileSync(join(folder, "a/b/c.yaml"), "22");
    await eventually(() => expect(calls()).toBe(2));
    mkdirSync(join(folder, "new"));
    await eventually(() => expect(calls()).toBe(3));
    writeFileSync(join(folder, "new/d.yaml"), "1");
    await eventually(() => expect(calls()).toBe(4));
  });

  it("takes several changes in a row for one where it can, and never runs twice at a time", async () => {
    const folder = temporaryFolder();
    let running = 0;
    let most = 0;
    const watcher = await watchPaths(
      [folder],
      async () => {
        most = Math.max(most, ++running);
        await settled();
        running--;
      },
      timing,
    );
    onTestFinished(() => watcher.close());
    for (let i = 0; i < 10; i++) writeFileSync(join(folder, `${i}.yaml`), "");
    await settled();
    writeFileSync(join(folder, "last.yaml"), "");
    await settled();
    expect(most).toBe(1);
  });

  it("is quiet after close", async () => {
    const folder = temporaryFolder();
    const { calls, watcher } = await count([folder], timing);
    watcher.close();
    writeFileSync(join(folder, "a"), "");
    await settled();
    expect(calls()).toBe(1);
  });
});

describe("watchPaths, by events only", () => {
  it("listens to the new folder where one takes another's place", async () => {
    const parent = temporaryFolder();
    await writeFiles(parent, { "mount/a.yaml": "1", "next/a.yaml": "1" });
    const { calls } = await count([join(parent, "mount")], BY_EVENTS);
    rmSync(join(parent, "mount"), { recursive: true });
    renameSync(join(parent, "next"), join(parent, "mount"));
    await eventually(() => expect(calls()).toBe(2));
    await settled();
    writeFileSync(join(parent, "mount/a.yaml"), "22");
    await eventually(() => expect(calls()).toBe(3));
  });
});

describe("watchPaths, where events do not reach", () => {
  it("notices the whole folder being replaced", async () => {
    const parent = temporaryFolder();
    const folder = join(parent, "mount");
    await writeFiles(folder, { "a.yaml": "1" });
    const { calls } = await count([join(folder, "a.yaml")], { pollMs: 20, quietMs: 10 });
    rmSync(folder, { recursive: true });
    await eventually(() => expect(calls()).toBe(2));
    await writeFiles(folder, { "a.yaml": "1" });
    await eventually(() => expect(calls()).toBe(3));
    writeFileSync(join(folder, "a.yaml"), "22");
    await eventually(() => expect(calls()).toBe(4));
  });

  it("notices a change of the same length and time", async () => {
    const folder = temporaryFolder();
    const path = join(folder, "a.yaml");
    const time = new Date(2026, 0, 1);
    writeFileSync(path, "1");
    utimesSync(path, time, time);
    const { calls } = await count([path], BY_POLLING);
    writeFileSync(path, "2");
    utimesSync(path, time, time);
    await eventually(() => expect(calls()).toBeGreaterThan(1));
  });

  it("walks no circle of links", async () => {
    const folder = temporaryFolder();
    symlinkSync(folder, join(folder, "again"));
    const { calls } = await count([folder], BY_POLLING);
    expect(calls()).toBe(1);
  });
});

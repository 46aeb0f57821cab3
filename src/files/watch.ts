/**
 * Telling when files change. What decides is a fingerprint that is taken now and then; the file system's events,
 * which get lost on some volumes and with every folder that is replaced, only make it sooner.
 */
import { type FSWatcher, watch } from "node:fs";
import { dirname, resolve } from "node:path";
import { type Fingerprint, fingerprint } from "./tree.ts";

/** How quick a watcher is, in milliseconds. */
export interface WatchTiming {
  readonly pollMs: number;
  /** How long it must be quiet after an event, since a pair of files is rarely written at once. */
  readonly quietMs: number;
}

/** Where events are lost, a kubelet, which takes a minute to write a changed ConfigMap, is still the slower one. */
const TIMING: WatchTiming = { pollMs: 10_000, quietMs: 100 };

/** A watcher at work; it never keeps the process alive. */
export interface Watcher {
  close(): void;
}

class PathWatcher implements Watcher {
  private readonly paths: readonly string[];
  private readonly onChange: () => void | Promise<void>;
  private readonly timing: WatchTiming;
  private readonly listeners = new Map<string, FSWatcher>();
  private readonly poll: NodeJS.Timeout;
  private quiet: NodeJS.Timeout | undefined;
  private last: string | undefined;
  private isChecking = false;
  private isDirty = false;
  private isClosed = false;

  constructor(paths: readonly string[], onChange: () => void | Promise<void>, timing: WatchTiming) {
    this.paths = paths.map((path) => resolve(path));
    this.onChange = onChange;
    this.timing = timing;
    this.poll = setInterval(() => void this.check(), timing.pollMs).unref();
  }

  /** Takes the fingerprint that later ones are compared with, and has everything read for the first time. */
  async start(): Promise<void> {
    this.isChecking = true;
    const now = await fingerprint(this.paths);
    this.last = now.text;
    this.listen(now);
    await this.onChange();
    this.isChecking = false;
    if (this.isDirty) await this.check();
  }

  close(): void {
    this.isClosed = true;
    clearInterval(this.poll);
    clearTimeout(this.quiet);
    for (const listener of this.listeners.values()) listener.close();
    this.listeners.clear();
  }

  private async check(): Promise<void> {
    if (this.isChecking) {
      this.isDirty = true;
      return;
    }
    this.isChecking = true;
    do {
      this.isDirty = false;
      const now = await fingerprint(this.paths);
      if (this.isClosed) return;
      this.listen(now);
      if (now.text !== this.last) {
        this.last = now.text;
        await this.onChange();
      }
    } while (this.isDirty && !this.isClosed);
    this.isChecking = false;
  }

  /** Listens to each folder of `now` and to the one around each path, in which a mounted volume's `..data` is swapped. */
  private listen(now: Fingerprint): void {
    if (this.isClosed) return;
    const wanted = new Set([...now.folders, ...this.paths.map((path) => dirname(path))]);
    for (const [folder, listener] of this.listeners) {
      if (wanted.has(folder) && now.text === this.last) continue;
      listener.close();
      this.listeners.delete(folder);
    }
    for (const folder of wanted) if (!this.listeners.has(folder)) this.listenTo(folder);
  }

  private listenTo(folder: string): void {
    const drop = () => {
      this.listeners.get(folder)?.close();
      this.listeners.delete(folder);
    };
    try {
      const listener = watch(folder, { persistent: false }, () => this.checkSoon());
      listener.on("error", drop);
      this.listeners.set(folder, listener);
    } catch {
      // Not there, or no watches left: the polling has it.
    }
  }

  private checkSoon(): void {
    clearTimeout(this.quiet);
    this.quiet = setTimeout(() => void this.check(), this.timing.quietMs).unref();
  }
}

/**
 * Calls `onChange` once at the start, and after each change of what lies at or under `paths`, files or folders, there or
 * not; never twice at a time. Resolves after the first call.
 */
export const watchPaths = async (
  paths: readonly string[],
  onChange: () => void | Promise<void>,
  timing: WatchTiming = TIMING,
): Promise<Watcher> => {
  const watcher = new PathWatcher(paths, onChange, timing);
  await watcher.start();
  return watcher;
};

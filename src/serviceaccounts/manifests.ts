/** ServiceAccounts from a folder of manifests, so that everything also runs without a cluster. */
import type { ServiceAccount } from "../federation/service-account.ts";
import { type BoundedText, textOfFile } from "../files/bounded-text.ts";
import { filesUnder, isInside, showOutside, type Unread } from "../files/tree.ts";
import { type Watcher, type WatchTiming, watchPaths } from "../files/watch.ts";
import { type ManifestProblem, readManifest } from "../manifests/document.ts";
import { objectsIn, showObject } from "../manifests/objects.ts";
import { collectServiceAccounts } from "../manifests/service-accounts.ts";
import { messageOf } from "../reasons/text.ts";
import type { TextPlace } from "../yaml/lines.ts";
import type { ServiceAccountSource } from "./source.ts";

/** Where the manifests are, and who is told of them. */
export interface ManifestFolder {
  /** A folder, read recursively, or one file. */
  readonly path: string;
  /** Called after each reading, the first too. A file with problems keeps the ServiceAccounts that it had before. */
  readonly onRead?: (problems: readonly ManifestProblem[]) => void;
  readonly timing?: WatchTiming;
}

const ENDINGS = [".yaml", ".yml", ".json"];
const NO_FILES = "there is no manifest here; allowed: a folder with .yaml, .yml or .json files in it, or a file";

/** Of objects that name none, as for kubectl. */
const NAMESPACE = "default";

/** A ServiceAccount and where it starts. The document that it was read from is not kept. */
interface ManifestAccount extends ServiceAccount, TextPlace {}

interface ReadFile {
  readonly text: string | undefined;
  readonly accounts: readonly ManifestAccount[];
  readonly problems: readonly ManifestProblem[];
}

const wholeFile = (file: string, { problem, place }: Extract<BoundedText, { problem: string }>): ManifestProblem => ({
  file,
  line: 1,
  column: 1,
  ...place,
  message: problem,
});

const nothing: ReadFile = { text: undefined, accounts: [], problems: [] };

const isTheSame = (a: ManifestAccount, b: ManifestAccount): boolean =>
  a.annotations.size === b.annotations.size &&
  [...a.annotations].every(([key, value]) => b.annotations.get(key) === value);

/** `next`, but the very objects of `before` where nothing changed: what was resolved with them stays known. */
const keepUnchanged = (
  next: readonly ManifestAccount[],
  before: readonly ManifestAccount[],
): readonly ManifestAccount[] => {
  const known = new Map(before.map((account) => [`${account.namespace}/${account.name}`, account]));
  return next.map((account) => {
    const old = known.get(`${account.namespace}/${account.name}`);
    return old !== undefined && isTheSame(old, account) ? old : account;
  });
};

const textOf = async (file: string): Promise<BoundedText> => {
  try {
    return await textOfFile(file);
  } catch (error) {
    return { problem: messageOf(error) };
  }
};

/** The ServiceAccounts in `text` that the API server would take, and what is wrong with the others. */
const accountsIn = (name: string, text: string): Omit<ReadFile, "text"> => {
  const read = readManifest(name, text);
  const { written, bad } = collectServiceAccounts(read.file.documents.flatMap(objectsIn), NAMESPACE);
  const refused = new Set(bad.map(({ object }) => object));
  return {
    accounts: written
      .filter(({ object }) => !refused.has(object))
      .map(({ object: { place }, account }) => ({ ...account, line: place.line, column: place.column })),
    problems: [
      ...(read.ok ? [] : read.problems),
      ...bad.map(({ object, place, message }) => ({ ...place, message: `${showObject(object)}: ${message}` })),
    ],
  };
};

const readOne = async (file: string, before: ReadFile): Promise<ReadFile> => {
  const read = await textOf(file);
  if ("problem" in read)
    return {
      ...before,
      text: undefined,
      problems: [wholeFile(file, { ...read, problem: `the file cannot be read: ${read.problem}` })],
    };
  const { text } = read;
  if (text === before.text) return before;
  const { accounts, problems } = accountsIn(file, text);
  if (problems.length === 0) return { text, accounts: keepUnchanged(accounts, before.accounts), problems: [] };
  const kept = before.text === undefined && before.accounts.length === 0 ? accounts : before.accounts;
  return { text, accounts: kept, problems };
};

/** What cannot be read, and all that was read of it before, which is served on. */
const unreadNow = (unread: readonly Unread[], before: ReadonlyMap<string, ReadFile>): ReadonlyMap<string, ReadFile> => {
  const own = new Map<string, ReadFile>();
  for (const { path, problem } of unread) {
    const problems = [wholeFile(path, { problem: `it cannot be read: ${problem}` })];
    own.set(path, { ...(before.get(path) ?? nothing), text: undefined, problems });
  }
  return new Map([...[...before].filter(([file]) => isInside(file, own)), ...own]);
};

interface Index {
  readonly accounts: ReadonlyMap<string, ServiceAccount>;
  readonly problems: readonly ManifestProblem[];
}

const indexFiles = (files: ReadonlyMap<string, ReadFile>): Index => {
  const accounts = new Map<string, ServiceAccount>();
  const problems: ManifestProblem[] = [];
  const places = new Map<string, string>();
  for (const [file, read] of files) {
    for (const problem of read.problems) problems.push(problem);
    for (const account of read.accounts) {
      const key = `${account.namespace}/${account.name}`;
      const other = places.get(key);
      if (other !== undefined)
        problems.push({
          file,
          line: account.line,
          column: account.column,
          message: `ServiceAccount ${key} is also in ${other}; this one counts`,
        });
      accounts.set(key, account);
      places.set(key, `${file}:${account.line}`);
    }
  }
  return { accounts, problems };
};

class Manifests implements ServiceAccountSource {
  private readonly folder: ManifestFolder;
  private files: ReadonlyMap<string, ReadFile> = new Map();
  private index: Index = { accounts: new Map(), problems: [] };
  private watcher: Watcher | undefined;
  private isComplete = false;

  constructor(folder: ManifestFolder) {
    this.folder = folder;
  }

  async open(): Promise<void> {
    const { path, timing } = this.folder;
    this.watcher = await watchPaths([path], () => this.read(), timing);
  }

  find(namespace: string, name: string): ServiceAccount | undefined {
    return this.index.accounts.get(`${namespace}/${name}`);
  }

  all(): Iterable<ServiceAccount> {
    return this.index.accounts.values();
  }

  isSynced(): boolean {
    return this.isComplete;
  }

  close(): void {
    this.watcher?.close();
  }

  private async read(): Promise<void> {
    const { path } = this.folder;
    const { files, outside, unread } = await filesUnder(path, ENDINGS);
    const next = new Map(unreadNow(unread, this.files));
    if (files.length + unread.length === 0)
      next.set(path, { ...nothing, problems: [wholeFile(path, { problem: NO_FILES })] });
    for (const link of outside)
      next.set(link, { ...nothing, problems: [wholeFile(link, { problem: showOutside(path) })] });
    for (const file of files) next.set(file, await readOne(file, this.files.get(file) ?? nothing));
    this.files = next;
    this.index = indexFiles(next);
    this.isComplete = true;
    this.folder.onRead?.(this.index.problems);
  }
}

/** Reads the manifests and watches them; resolves after the first reading. */
export const openManifests = async (folder: ManifestFolder): Promise<ServiceAccountSource> => {
  const manifests = new Manifests(folder);
  await manifests.open();
  return manifests;
};

/** What an honest API server knows: ServiceAccounts, and the history of their changes. */

type Annotations = Readonly<Record<string, string>>;
type Json = Readonly<Record<string, unknown>>;

interface Entry {
  readonly version: number;
  readonly line: string;
}

const API = { kind: "PartialObjectMetadata", apiVersion: "meta.k8s.io/v1" };

const line = (type: string, object: Json): string => `${JSON.stringify({ type, object })}\n`;

/** A Status object. */
export const statusObject = (code: number, reason: string, message = reason): Json => ({
  kind: "Status",
  apiVersion: "v1",
  status: "Failure",
  code,
  reason,
  message,
});

/** An ERROR event. */
export const errorLine = (code: number, reason: string): string => line("ERROR", statusObject(code, reason));

/** A model of the accounts in etcd. */
export class AccountLog {
  private readonly accounts = new Map<string, Json>();
  private readonly history: Entry[] = [];
  private version = 1000;
  private compacted = 0;
  /** Called with each new event. */
  onEvent: (line: string) => void = () => {};

  get currentVersion(): number {
    return this.version;
  }

  put(namespace: string, name: string, annotations: Annotations): void {
    const key = `${namespace}/${name}`;
    const type = this.accounts.has(key) ? "MODIFIED" : "ADDED";
    const version = ++this.version;
    // `__proto__` as a key: a spread keeps it, an assignment would not.
    const object = {
      ...API,
      metadata: {
        name,
        namespace,
        uid: `uid-${version}`,
        resourceVersion: String(version),
        managedFields: [{ manager: "test", fieldsV1: { "f:metadata": {} } }],
        annotations: { ...annotations },
      },
    };
    this.accounts.set(key, object);
    this.record(line(type, object));
  }

  remove(namespace: string, name: string): void {
    const object = this.accounts.get(`${namespace}/${name}`);
    this.accounts.delete(`${namespace}/${name}`);
    this.version++;
    this.record(line("DELETED", { ...object }));
  }

  /** Changes what is there without an event, as a watch that is lost sees it. */
  forget(): void {
    this.compacted = this.version;
    this.history.length = 0;
  }

  get(key: string): Json | undefined {
    return this.accounts.get(key);
  }

  page(limit: number, start: number): Json {
    const all = [...this.accounts.values()];
    const end = start + limit;
    const metadata = { resourceVersion: String(this.version), ...(end < all.length ? { continue: String(end) } : {}) };
    return { ...API, kind: "PartialObjectMetadataList", metadata, items: all.slice(start, end) };
  }

  /** The events since `version`; undefined where history does not go back so far. */
  since(version: number): readonly string[] | undefined {
    if (version < this.compacted) return undefined;
    return this.history.filter((entry) => entry.version > version).map((entry) => entry.line);
  }

  /** A streaming list without its end. */
  initialLines(): readonly string[] {
    return [...this.accounts.values()].map((object) => line("ADDED", object));
  }

  bookmark(endsInitialEvents = false): string {
    const annotations = endsInitialEvents ? { annotations: { "k8s.io/initial-events-end": "true" } } : {};
    return line("BOOKMARK", { ...API, metadata: { resourceVersion: String(this.version), ...annotations } });
  }

  private record(text: string): void {
    this.history.push({ version: this.version, line: text });
    this.onEvent(text);
  }
}

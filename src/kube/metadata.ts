/** What is read out of the API server's JSON, which is believed as little as any other input. */
import { JsonCursor, NoJson } from "./json-cursor.ts";

/** Metadata-only forms of the API, so that no more than metadata is sent. */
const as = (kind: string): string => `application/json;as=${kind};g=meta.k8s.io;v=v1`;

/**
 * Accept headers.
 * @see https://kubernetes.io/docs/reference/using-api/api-concepts/#metadata-only-fetches
 */
export const accept = { list: as("PartialObjectMetadataList"), object: as("PartialObjectMetadata") } as const;

/** An answer that is not what the API promises. */
export class Malformed extends Error {
  override readonly name = "Malformed";
}

/** One object's metadata, as much as is read. */
export interface Metadata {
  readonly namespace: string;
  readonly name: string;
  readonly resourceVersion: string;
  readonly annotations: Readonly<Record<string, unknown>>;
}

/** A Status object. */
export interface Status {
  readonly code: number;
  readonly reason: string;
  readonly message: string;
}

/** One line of a watch. */
export type WatchEvent =
  | { readonly type: "put" | "delete"; readonly metadata: Metadata }
  | { readonly type: "bookmark"; readonly resourceVersion: string; readonly endsInitialEvents: boolean }
  | { readonly type: "error"; readonly status: Status };

/** One page of a list. */
export interface ListPage {
  /** Read as they are asked for, once; throws {@link Malformed}. */
  readonly items: Iterable<Metadata>;
  readonly resourceVersion: string;
  /** Undefined on the last page. */
  readonly continueToken: string | undefined;
}

type Json = Readonly<Record<string, unknown>>;

const isObject = (value: unknown): value is Json => typeof value === "object" && value !== null;
const object = (value: unknown): Json => (isObject(value) ? value : {});
const string = (value: unknown): string => (typeof value === "string" ? value : "");

const parse = (text: string): Json => {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new Malformed(`no JSON: ${text.slice(0, 80)}`);
  }
  if (!isObject(value)) throw new Malformed(`no JSON object: ${text.slice(0, 80)}`);
  return value;
};

/** Runs `read`; what is no JSON for it is {@link Malformed}. */
const reading = <Result>(text: string, read: () => Result): Result => {
  try {
    return read();
  } catch (error) {
    throw error instanceof NoJson ? new Malformed(`no JSON: ${text.slice(0, 80)}`) : error;
  }
};

type Members = ReadonlyMap<string, unknown>;

/** The values of the object's members that are in `wanted`. */
const membersAt = (cursor: JsonCursor, wanted: ReadonlySet<string>): Members => {
  const members = new Map<string, unknown>();
  cursor.object((key) => {
    if (wanted.has(key)) members.set(key, cursor.value());
  });
  return members;
};

const OF_METADATA: ReadonlySet<string> = new Set(["namespace", "name", "resourceVersion", "annotations"]);
const OF_STATUS: ReadonlySet<string> = new Set(["code", "reason", "message"]);
const OF_LIST_METADATA: ReadonlySet<string> = new Set(["resourceVersion", "continue"]);

/** One object, as much of it as is read: its metadata's members, and its own where it is a Status. */
interface ObjectParts {
  metadata: Members;
  readonly status: Map<string, unknown>;
}

const objectAt = (cursor: JsonCursor): ObjectParts => {
  const parts: ObjectParts = { metadata: new Map(), status: new Map() };
  cursor.object((key) => {
    if (key === "metadata") parts.metadata = membersAt(cursor, OF_METADATA);
    else if (OF_STATUS.has(key)) parts.status.set(key, cursor.value());
  });
  return parts;
};

const readMetadata = ({ metadata }: ObjectParts): Metadata => {
  const namespace = string(metadata.get("namespace"));
  const name = string(metadata.get("name"));
  if (namespace === "" || name === "") throw new Malformed("an object without namespace or name");
  const resourceVersion = string(metadata.get("resourceVersion"));
  return { namespace, name, resourceVersion, annotations: object(metadata.get("annotations")) };
};

const statusOf = (value: Json): Status => ({
  code: typeof value["code"] === "number" ? value["code"] : 0,
  reason: string(value["reason"]),
  message: string(value["message"]).slice(0, 200),
});

/** The Status that an error's body is, or undefined: a proxy's own error page, for example. */
export const readStatus = (text: string): Status | undefined => {
  try {
    const value = parse(text);
    return value["kind"] === "Status" ? statusOf(value) : undefined;
  } catch {
    return undefined;
  }
};

const eventOf = (type: unknown, parts: ObjectParts, line: string): WatchEvent => {
  switch (type) {
    case "ADDED":
    case "MODIFIED":
      return { type: "put", metadata: readMetadata(parts) };
    case "DELETED":
      return { type: "delete", metadata: readMetadata(parts) };
    case "BOOKMARK": {
      const resourceVersion = string(parts.metadata.get("resourceVersion"));
      if (resourceVersion === "") throw new Malformed("a bookmark without resourceVersion");
      const endsInitialEvents = object(parts.metadata.get("annotations"))["k8s.io/initial-events-end"] === "true";
      return { type: "bookmark", resourceVersion, endsInitialEvents };
    }
    case "ERROR":
      return { type: "error", status: statusOf(Object.fromEntries(parts.status)) };
    default:
      throw new Malformed(`no watch event: ${line.slice(0, 80)}`);
  }
};

/** Reads one line of a watch; throws {@link Malformed}. */
export const readEvent = (line: string): WatchEvent =>
  reading(line, () => {
    const cursor = new JsonCursor(line);
    let type: unknown;
    let parts: ObjectParts = { metadata: new Map(), status: new Map() };
    cursor.object((key) => {
      if (key === "type") type = cursor.value();
      else if (key === "object") parts = objectAt(cursor);
    });
    cursor.end();
    return eventOf(type, parts, line);
  });

function* itemsAt(cursor: JsonCursor, text: string): Generator<Metadata> {
  const elements = cursor.elements();
  while (!reading(text, () => elements.next().done)) yield reading(text, () => readMetadata(objectAt(cursor)));
}

/** Reads a page of a list, its items only as they are asked for; throws {@link Malformed}. */
export const readPage = (text: string): ListPage =>
  reading(text, () => {
    const cursor = new JsonCursor(text);
    let items: JsonCursor | undefined;
    let metadata: Members = new Map();
    cursor.object((key) => {
      if (key === "metadata") metadata = membersAt(cursor, OF_LIST_METADATA);
      else if (key === "items" && cursor.isAtArray()) items = cursor.copy();
    });
    cursor.end();
    const resourceVersion = string(metadata.get("resourceVersion"));
    if (items === undefined || resourceVersion === "") throw new Malformed("no list");
    return {
      items: itemsAt(items, text),
      resourceVersion,
      continueToken: string(metadata.get("continue")) || undefined,
    };
  });

/** Reads one object; throws {@link Malformed}. */
export const readObject = (text: string): Metadata =>
  reading(text, () => {
    const cursor = new JsonCursor(text);
    const parts = objectAt(cursor);
    cursor.end();
    return readMetadata(parts);
  });

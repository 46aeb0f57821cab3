/** What is read out of the API server's JSON, which is believed as little as any other input. */
import type { AccountKeys } from "../federation/account-keys.ts";
import { JsonCursor } from "./json-cursor.ts";
import {
  INITIAL_EVENTS_END,
  Malformed,
  type Members,
  type Metadata,
  membersAt,
  noParts,
  type ObjectParts,
  objectAt,
  reading,
  readMetadata,
  string,
} from "./object-parts.ts";
import { type Status, statusOf } from "./status.ts";

/** Metadata-only forms of the API, so that no more than metadata is sent. */
const as = (kind: string): string => `application/json;as=${kind};g=meta.k8s.io;v=v1`;

/**
 * Accept headers.
 * @see https://kubernetes.io/docs/reference/using-api/api-concepts/#metadata-only-fetches
 */
export const accept = { list: as("PartialObjectMetadataList"), object: as("PartialObjectMetadata") } as const;

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

const OF_LIST_METADATA: ReadonlySet<string> = new Set(["resourceVersion", "continue"]);

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
      const endsInitialEvents = parts.annotations.get(INITIAL_EVENTS_END) === "true";
      return { type: "bookmark", resourceVersion, endsInitialEvents };
    }
    case "ERROR":
      return { type: "error", status: statusOf(Object.fromEntries(parts.status)) };
    default:
      throw new Malformed(`not a watch event: ${line.slice(0, 80)}`);
  }
};

/** Reads one line of a watch, with the annotations that are `keys`, or all of them; throws {@link Malformed}. */
export const readEvent = (line: string, keys?: AccountKeys): WatchEvent =>
  reading(line, () => {
    const cursor = new JsonCursor(line);
    let type: unknown;
    let parts = noParts();
    cursor.object((key) => {
      if (key === "type") type = cursor.value();
      else if (key === "object") parts = objectAt(cursor, keys);
    });
    cursor.end();
    return eventOf(type, parts, line);
  });

function* itemsAt(cursor: JsonCursor, text: string, keys: AccountKeys | undefined): Generator<Metadata> {
  const elements = cursor.elements();
  while (!reading(text, () => elements.next().done)) yield reading(text, () => readMetadata(objectAt(cursor, keys)));
}

/** The same for a page of a list, its items read only as they are asked for; throws {@link Malformed}. */
export const readPage = (text: string, keys?: AccountKeys): ListPage =>
  reading(text, () => {
    const cursor = new JsonCursor(text);
    let items: Iterable<Metadata> | undefined;
    let metadata: Members = new Map();
    cursor.object((key) => {
      if (key === "metadata") metadata = membersAt(cursor, OF_LIST_METADATA);
      else if (key === "items" && cursor.isAtArray()) items = itemsAt(cursor.copy(), text, keys);
      // As API servers write a list of metadata that has none.
      else if (key === "items" && cursor.value() === null) items = [];
    });
    cursor.end();
    const resourceVersion = string(metadata.get("resourceVersion"));
    if (items === undefined || resourceVersion === "") throw new Malformed("not a list");
    return {
      items,
      resourceVersion,
      continueToken: string(metadata.get("continue")) || undefined,
    };
  });

/** The same for one object; throws {@link Malformed}. */
export const readObject = (text: string, keys?: AccountKeys): Metadata =>
  reading(text, () => {
    const cursor = new JsonCursor(text);
    const parts = objectAt(cursor, keys);
    cursor.end();
    return readMetadata(parts);
  });

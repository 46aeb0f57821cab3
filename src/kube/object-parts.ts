/** An object of the API server's JSON, as much of it as is read. */
import { type AccountKeys, isAccountKey } from "../federation/account-keys.ts";
import { ACCOUNT_LIMITS } from "../reasons/limits.ts";
import { type JsonCursor, JsonSyntaxError } from "./json-cursor.ts";

/** An answer that is not what the API promises. */
export class Malformed extends Error {
  override readonly name = "Malformed";
}

/** One object's metadata, as much as is read. */
export interface Metadata {
  readonly namespace: string;
  readonly name: string;
  readonly resourceVersion: string;
  /** As many as were asked for. */
  readonly annotations: ReadonlyMap<string, unknown>;
}

/** `value` where it is a string, else an empty one. */
export const string = (value: unknown): string => (typeof value === "string" ? value : "");

/** The own member `name` of `value`, where that is an object. */
export const member = (value: unknown, name: string): unknown =>
  typeof value === "object" && value !== null && Object.hasOwn(value, name)
    ? (value as Readonly<Record<string, unknown>>)[name]
    : undefined;

/** Runs `read`; what is not JSON for it is {@link Malformed}. */
export const reading = <Result>(text: string, read: () => Result): Result => {
  try {
    return read();
  } catch (error) {
    throw error instanceof JsonSyntaxError ? new Malformed(`not JSON: ${text.slice(0, 80)}`) : error;
  }
};

/** The values of an object's members. */
export type Members = ReadonlyMap<string, unknown>;

/** The values of the object's members that are in `wanted`. */
export const membersAt = (cursor: JsonCursor, wanted: ReadonlySet<string>): Members => {
  const members = new Map<string, unknown>();
  cursor.object((key) => {
    if (wanted.has(key)) members.set(key, cursor.value());
  });
  return members;
};

/** The annotation of the bookmark that ends a list in a stream. */
export const INITIAL_EVENTS_END = "k8s.io/initial-events-end";

/** A ServiceAccount with more is refused for their number, so that what else there is makes no difference. */
const { max: MAX_KEYS } = ACCOUNT_LIMITS["too-many-keys"];

/** The annotations that are `keys`, or all of them without any; those that nobody asked for are stepped over. */
const annotationsAt = (cursor: JsonCursor, keys: AccountKeys | undefined): ReadonlyMap<string, unknown> => {
  const annotations = new Map<string, unknown>();
  const federateKey = `${keys?.prefix}/federate`;
  const isWanted = (key: string): boolean => {
    if (keys === undefined || key === federateKey || keys.native.has(key)) return true;
    return isAccountKey(key, keys) ? annotations.size <= MAX_KEYS + keys.native.size : key === INITIAL_EVENTS_END;
  };
  cursor.object((key) => {
    if (isWanted(key)) annotations.set(key, cursor.value());
  });
  return annotations;
};

const OF_METADATA: ReadonlySet<string> = new Set(["namespace", "name", "resourceVersion"]);
const OF_STATUS: ReadonlySet<string> = new Set(["code", "reason", "message"]);

/** Its metadata's members, and its own where it is a Status. */
export interface ObjectParts {
  readonly metadata: Map<string, unknown>;
  annotations: ReadonlyMap<string, unknown>;
  readonly status: Map<string, unknown>;
}

/** Nothing was read. */
export const noParts = (): ObjectParts => ({ metadata: new Map(), annotations: new Map(), status: new Map() });

/** Reads the object at `cursor`, with the annotations that are `keys`, or all of them. */
export const objectAt = (cursor: JsonCursor, keys: AccountKeys | undefined): ObjectParts => {
  const parts = noParts();
  const visitMetadata = (key: string): void => {
    if (key === "annotations") parts.annotations = annotationsAt(cursor, keys);
    else if (OF_METADATA.has(key)) parts.metadata.set(key, cursor.value());
  };
  cursor.object((key) => {
    if (key === "metadata") cursor.object(visitMetadata);
    else if (OF_STATUS.has(key)) parts.status.set(key, cursor.value());
  });
  return parts;
};

/** The metadata among `parts`; throws {@link Malformed} where that is not an object's. */
export const readMetadata = ({ metadata, annotations }: ObjectParts): Metadata => {
  const namespace = string(metadata.get("namespace"));
  const name = string(metadata.get("name"));
  if (namespace === "" || name === "") throw new Malformed("an object without namespace or name");
  const resourceVersion = string(metadata.get("resourceVersion"));
  return { namespace, name, resourceVersion, annotations };
};

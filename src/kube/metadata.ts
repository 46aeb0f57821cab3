/** What is read out of the API server's JSON, which is believed as little as any other input. */
import { readKey } from "../federation/annotation-keys.ts";
import type { ServiceAccount } from "../federation/service-account.ts";

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
  readonly items: readonly Metadata[];
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

const readMetadata = (value: unknown): Metadata => {
  const metadata = object(object(value)["metadata"]);
  const namespace = string(metadata["namespace"]);
  const name = string(metadata["name"]);
  if (namespace === "" || name === "") throw new Malformed("an object without namespace or name");
  const resourceVersion = string(metadata["resourceVersion"]);
  return { namespace, name, resourceVersion, annotations: object(metadata["annotations"]) };
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

/** Reads one line of a watch; throws {@link Malformed}. */
export const readEvent = (line: string): WatchEvent => {
  const event = parse(line);
  const value = object(event["object"]);
  switch (event["type"]) {
    case "ADDED":
    case "MODIFIED":
      return { type: "put", metadata: readMetadata(value) };
    case "DELETED":
      return { type: "delete", metadata: readMetadata(value) };
    case "BOOKMARK": {
      const metadata = object(value["metadata"]);
      const resourceVersion = string(metadata["resourceVersion"]);
      if (resourceVersion === "") throw new Malformed("a bookmark without resourceVersion");
      const endsInitialEvents = object(metadata["annotations"])["k8s.io/initial-events-end"] === "true";
      return { type: "bookmark", resourceVersion, endsInitialEvents };
    }
    case "ERROR":
      return { type: "error", status: statusOf(value) };
    default:
      throw new Malformed(`no watch event: ${line.slice(0, 80)}`);
  }
};

/** Reads a page of a list; throws {@link Malformed}. */
export const readPage = (text: string): ListPage => {
  const page = parse(text);
  const metadata = object(page["metadata"]);
  const resourceVersion = string(metadata["resourceVersion"]);
  if (!Array.isArray(page["items"]) || resourceVersion === "") throw new Malformed("no list");
  const items = page["items"].map(readMetadata);
  return { items, resourceVersion, continueToken: string(metadata["continue"]) || undefined };
};

/** Reads one object; throws {@link Malformed}. */
export const readObject = (text: string): Metadata => readMetadata(parse(text));

/** `metadata` with its annotations under `prefix`, or undefined where it has none of them. */
export const ownPart = (metadata: Metadata, prefix: string): ServiceAccount | undefined => {
  let own: Map<string, string> | undefined;
  for (const key in metadata.annotations) {
    const value = metadata.annotations[key];
    if (typeof value !== "string" || readKey(key, prefix) === undefined) continue;
    own ??= new Map();
    own.set(key, value);
  }
  return own && { namespace: metadata.namespace, name: metadata.name, annotations: own };
};

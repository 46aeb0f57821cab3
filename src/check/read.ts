/** What a question to the cluster brought: a value, or why there is none. */

/** The answer to one question. */
export type Read<Value> =
  | { readonly kind: "read"; readonly value: Value }
  /** The API server says that there is no such object. */
  | { readonly kind: "absent" }
  /** `permission` is what the caller lacks, as `get deployments.apps in NAMESPACE`. */
  | { readonly kind: "forbidden"; readonly permission: string }
  | { readonly kind: "failed"; readonly message: string };

/** The value, where there is one. */
export const valueIn = <Value>(read: Read<Value>): Value | undefined => (read.kind === "read" ? read.value : undefined);

/** `read` with its value changed. */
export const mapRead = <From, To>(read: Read<From>, change: (value: From) => To): Read<To> =>
  read.kind === "read" ? { kind: "read", value: change(read.value) } : read;

/** What is sent to an API server. */

/** A body, sent as JSON. */
export type JsonObject = Readonly<Record<string, unknown>>;

/**
 * A change, in one of the forms that the API server takes. `apply` is server-side apply: the body is all that
 * `fieldManager` wants, and `force` takes fields over from others.
 * @see https://kubernetes.io/docs/reference/using-api/api-concepts/#patch-and-apply
 */
export type Patch =
  | { readonly type: "merge"; readonly body: JsonObject }
  | { readonly type: "json"; readonly body: readonly JsonObject[] }
  | { readonly type: "apply"; readonly body: JsonObject; readonly fieldManager: string; readonly force?: boolean };

/** A request without its credentials. */
export interface KubeRequest {
  readonly method: "GET" | "POST" | "PATCH";
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

const JSON_TYPE = "application/json";

const PATCH_TYPES: Readonly<Record<Patch["type"], string>> = {
  merge: "application/merge-patch+json",
  json: "application/json-patch+json",
  // JSON is YAML, and the API server knows no other name.
  apply: "application/apply-patch+yaml",
};

/** A request with `body` as JSON, by default of the type that says so. */
export const requestWithBody = (
  method: KubeRequest["method"],
  path: string,
  body: unknown,
  type = JSON_TYPE,
): KubeRequest => ({
  method,
  path,
  headers: { accept: JSON_TYPE, "content-type": type },
  body: JSON.stringify(body),
});

/** A PATCH of the object at `path`, which has no query. */
export const patchRequest = (path: string, patch: Patch): KubeRequest => {
  const query =
    patch.type === "apply"
      ? `?${new URLSearchParams({ fieldManager: patch.fieldManager, force: String(patch.force ?? false) })}`
      : "";
  return requestWithBody("PATCH", `${path}${query}`, patch.body, PATCH_TYPES[patch.type]);
};

/** What the gathering functions share: whom they ask, about which installation. */
import type { Installation } from "../../check/facts.ts";
import type { ObjectQueries, Question } from "../../kube/object-queries.ts";

/** Whom, and about what. */
export interface Asking {
  readonly ask: ObjectQueries;
  readonly installation: Installation;
}

/** The path of the installation's namespace in an API: `/api/v1` or `/apis/GROUP/VERSION`. */
export const inNamespace = ({ namespace }: Installation, api: string): string =>
  `${api}/namespaces/${encodeURIComponent(namespace)}`;

/** A Secret of the installation's namespace. */
export const secretQuestion = (installation: Installation, name: string): Question => ({
  path: `${inNamespace(installation, "/api/v1")}/secrets/${encodeURIComponent(name)}`,
  permission: `get secrets ${name} in ${installation.namespace}`,
});

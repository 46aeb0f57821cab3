/** The policies of a release as the API server has them, each by its name: no other's objects are ever read. */

import { listAt, textAt } from "../../check/json.ts";
import type { Comparison } from "../../check/policies.ts";
import type { Read } from "../../check/read.ts";
import { mapRead } from "../../check/read.ts";
import { POLICY_KINDS, readPolicy, type StoredPolicy } from "../../check/stored-policy.ts";
import type { ObjectQueries } from "../../kube/object-queries.ts";
import { MUTATING_POLICY_NAMES, POLICY_NAMES, policyName } from "../../policies/names.ts";

const GROUP = "admissionregistration.k8s.io";
const PATH = `/apis/${GROUP}/v1`;

/** Whose policies are read. */
export interface Release {
  readonly name: string;
  readonly annotationPrefix: string;
  /** Were those left out that serve pods and keep labels? */
  readonly isValidatingOnly: boolean;
}

type Kind = (typeof POLICY_KINDS)[number];

const isMutating = ({ kind }: Kind): boolean => kind.startsWith("Mutating");

/** One after the other, over the connection that is open already; the first that is not answered ends it. */
const ofKind = async (ask: ObjectQueries, one: Kind, release: Release): Promise<Read<readonly StoredPolicy[]>> => {
  const { kind, resource } = one;
  const found: StoredPolicy[] = [];
  for (const policy of POLICY_NAMES) {
    if (MUTATING_POLICY_NAMES.has(policy) !== isMutating(one)) continue;
    const name = policyName(release.name, policy, release.annotationPrefix);
    const path = `${PATH}/${resource}/${encodeURIComponent(name)}`;
    const answer = await ask.object({ path, permission: `get ${resource}.${GROUP}` });
    if (answer.kind === "read") found.push(readPolicy(kind, answer.value));
    else if (answer.kind !== "absent") return answer;
  }
  return { kind: "read", value: found };
};

/** What is read beside the policies. */
type Stored = Pick<Comparison, "stored" | "version" | "admissionResources">;

/** Reads them; `absent` where the API server has no ValidatingAdmissionPolicy. */
export const readPolicies = async (ask: ObjectQueries, release: Release): Promise<Read<Stored>> => {
  const resources = await ask.object({ path: PATH, permission: `get ${PATH}` });
  const admissionResources = mapRead(resources, (list) => listAt(list, "resources").map((one) => textAt(one, "name")));
  if (admissionResources.kind !== "read") return admissionResources;
  const served = new Set(admissionResources.value);
  if (!served.has("validatingadmissionpolicies")) return { kind: "absent" };
  const version = await ask.object({ path: "/version", permission: "get /version" });
  const stored: StoredPolicy[] = [];
  for (const kind of POLICY_KINDS) {
    if (!served.has(kind.resource) || (release.isValidatingOnly && isMutating(kind))) continue;
    const read = await ofKind(ask, kind, release);
    if (read.kind !== "read") return read;
    stored.push(...read.value);
  }
  const gitVersion = mapRead(version, (value) => textAt(value, "gitVersion"));
  return { kind: "read", value: { stored, version: gitVersion, admissionResources } };
};

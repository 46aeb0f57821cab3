/** What Podpass' ServiceAccount may do, by the API server's own word. */
import { at, type JsonObject, textAt } from "../../check/json.ts";
import { type Permission, type Rights, showPermission } from "../../check/permissions.ts";
import type { Read } from "../../check/read.ts";
import type { ObjectQueries } from "../../kube/object-queries.ts";

const AUTHORIZATION = "authorization.k8s.io";

const attributesOf = ({ verb, group, resource, namespace, name }: Permission): JsonObject => {
  const [kind = "", subresource] = resource.split("/");
  return {
    verb,
    group,
    resource: kind,
    ...(subresource !== undefined && { subresource }),
    ...(namespace !== undefined && { namespace }),
    ...(name !== undefined && { name }),
  };
};

/** Who asks, or an empty text. */
const whoAmI = async (ask: ObjectQueries): Promise<string> => {
  const review = await ask.create(
    { path: "/apis/authentication.k8s.io/v1/selfsubjectreviews", permission: "" },
    { apiVersion: "authentication.k8s.io/v1", kind: "SelfSubjectReview" },
  );
  return review.kind === "read" ? textAt(review.value, "status", "userInfo", "username") : "";
};

const reviewOf = (namespace: string, user: string, isSelf: boolean, permission: Permission): JsonObject => {
  const spec = { resourceAttributes: attributesOf(permission) };
  const apiVersion = `${AUTHORIZATION}/v1`;
  if (isSelf) return { apiVersion, kind: "SelfSubjectAccessReview", spec };
  const groups = ["system:serviceaccounts", `system:serviceaccounts:${namespace}`, "system:authenticated"];
  return { apiVersion, kind: "SubjectAccessReview", spec: { ...spec, user, groups } };
};

/** Asks for each of `permissions` whether the ServiceAccount has it. A ServiceAccount may always ask about itself. */
export const gatherRights = async (
  ask: ObjectQueries,
  { namespace, name }: { readonly namespace: string; readonly name: string },
  permissions: readonly Permission[],
): Promise<Read<Rights>> => {
  const user = `system:serviceaccount:${namespace}:${name}`;
  const isSelf = (await whoAmI(ask)) === user;
  const resource = isSelf ? "selfsubjectaccessreviews" : "subjectaccessreviews";
  const question = {
    path: `/apis/${AUTHORIZATION}/v1/${resource}`,
    permission: `create ${resource}.${AUTHORIZATION}`,
  };
  const answers = await Promise.all(
    permissions.map((permission) => ask.create(question, reviewOf(namespace, user, isSelf, permission))),
  );
  const rights = new Map<string, boolean>();
  for (const [index, permission] of permissions.entries()) {
    const answer = answers[index];
    if (answer === undefined || answer.kind === "absent")
      return { kind: "failed", message: "the API server knows no access reviews" };
    if (answer.kind !== "read") return answer;
    rights.set(showPermission(permission), at(answer.value, "status", "allowed") === true);
  }
  return { kind: "read", value: rights };
};

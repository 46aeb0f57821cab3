/** Workloads whose pods are described in a form that nothing can be added to: never passed over in silence. */
import type { Settings } from "../configuration/settings.ts";
import { resolveFederation } from "../federation/federation.ts";
import { showField } from "../reasons/text.ts";
import type { Place } from "./document.ts";
import { type ManifestObject, namespaceAt, placeAt, showQualified } from "./objects.ts";
import type { PodPlaces, UnreachablePod } from "./pod-templates.ts";
import type { ServiceAccounts } from "./service-accounts.ts";

/** Something that is not done, at its place. */
export interface Notice {
  readonly object: ManifestObject;
  readonly place: Place;
  readonly code: "not-injectable" | "service-account-not-found" | "misplaced-key";
  readonly message: string;
}

interface Context {
  readonly settings: Settings;
  readonly serviceAccounts: ServiceAccounts;
  readonly namespace: string;
}

const noticeOf = (
  { account, hasContainers, path }: UnreachablePod,
  object: ManifestObject,
  { settings, serviceAccounts, namespace }: Context,
): Pick<Notice, "code" | "message"> | undefined => {
  const inNamespace = namespaceAt(object, path, namespace);
  const name = account ?? "default";
  const found = serviceAccounts.find(inNamespace, name);
  const shown = `ServiceAccount ${showQualified(inNamespace, name)}`;
  const at = path.length === 0 ? "" : ` at ${showField(path)}`;
  // Many things name a ServiceAccount to act as it, without a pod.
  const ifAny = hasContainers ? "" : ", if it has any,";
  if (found !== undefined)
    return resolveFederation(found, settings).isFederated
      ? { code: "not-injectable", message: `its pods of ${shown}${at}${ifAny} are in no pod template; left alone` }
      : undefined;
  if (!hasContainers || account === undefined) return undefined;
  return {
    code: "service-account-not-found",
    message: `${shown} is not among the files given with -f, nor is there a pod template${at}; left alone`,
  };
};

/** A notice for each federated ServiceAccount that `object` gives pods in a form of its own. */
export const leftAlone = (object: ManifestObject, { unreachable }: PodPlaces, context: Context): readonly Notice[] =>
  unreachable.flatMap((one) => {
    const notice = noticeOf(one, object, context);
    return notice === undefined
      ? []
      : [{ object, place: placeAt(object.document, [...object.path, ...one.path]), ...notice }];
  });

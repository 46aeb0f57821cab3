/** Programs that go by a vendor's annotation on a ServiceAccount themselves, as far as manifests show them: for them no pod is changed. */
import { member, textMember } from "../manifests/kubernetes-yaml.ts";
import { groupOf, type ManifestObject } from "../manifests/objects.ts";
import { isMapping } from "../yaml/values.ts";

/** The keys that they read. */
export const READ_BY_OTHERS: readonly string[] = ["eks.amazonaws.com/role-arn", "azure.workload.identity/client-id"];

/** A ServiceAccount as an object names it. */
export interface NamedAccount {
  readonly namespace: string | undefined;
  readonly name: string;
}

type Naming = (value: unknown) => NamedAccount | undefined;

const byReference: Naming = (value) => {
  const reference = member(value, "serviceAccountRef");
  const name = textMember(reference, "name");
  return name === undefined ? undefined : { namespace: textMember(reference, "namespace"), name };
};

const byName: Naming = (value) => {
  const name = textMember(value, "serviceAccountName");
  return name === undefined ? undefined : { namespace: undefined, name };
};

/** How the objects of such programs name an account, by their API group. */
const NAMINGS: readonly (readonly [group: RegExp, naming: Naming])[] = [
  [/^(.+\.)?external-secrets\.io$/, byReference],
  [/\.toolkit\.fluxcd\.io$/, byName],
];

/** No real object names an account deeper. */
const MAX_DEPTH = 16;

const namedIn = (value: unknown, naming: Naming, depth = 0): readonly NamedAccount[] => {
  if (depth > MAX_DEPTH || typeof value !== "object" || value === null) return [];
  const own = naming(value);
  const below = isMapping(value) ? [...value.values()] : Object.values(value);
  return [...(own === undefined ? [] : [own]), ...below.flatMap((one) => namedIn(one, naming, depth + 1))];
};

/** The accounts whose annotations the program behind `object` may go by. */
export const accountsReadFor = (object: ManifestObject): readonly NamedAccount[] => {
  const group = groupOf(object) ?? "";
  return NAMINGS.filter(([pattern]) => pattern.test(group)).flatMap(([, naming]) =>
    namedIn(member(object.value, "spec"), naming),
  );
};

/** Does a pod of `template` mount what the Secrets Store CSI driver fetches as its account? */
export const mountsSecrets = (template: unknown): boolean => {
  const volumes = member(member(template, "spec"), "volumes");
  return (
    Array.isArray(volumes) &&
    volumes.some((volume) => textMember(member(volume, "csi"), "driver") === "secrets-store.csi.k8s.io")
  );
};

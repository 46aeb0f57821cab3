/** `NAMESPACE/NAME`, as a person writes a ServiceAccount. */

/** A ServiceAccount's full name. */
export interface AccountName {
  readonly namespace: string;
  readonly name: string;
}

// RFC 1123, as Kubernetes has it for namespaces and ServiceAccounts.
const NAMESPACE = /^(?=.{1,63}$)[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;
const NAME = /^(?=.{1,253}$)[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;

/** Reads `text`, or returns undefined where Kubernetes has no such names. */
export const readAccountName = (text: string): AccountName | undefined => {
  const slash = text.indexOf("/");
  const namespace = text.slice(0, slash);
  const name = text.slice(slash + 1);
  return slash !== -1 && NAMESPACE.test(namespace) && NAME.test(name) ? { namespace, name } : undefined;
};

/** The `sub` of the ServiceAccount's tokens. */
export const subjectOf = ({ namespace, name }: AccountName): string => `system:serviceaccount:${namespace}:${name}`;

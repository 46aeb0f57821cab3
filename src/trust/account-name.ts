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

// The characters of names, and the wildcard.
const NAMESPACE_PATTERN = /^(?=.{1,63}$)[a-z0-9*]([-a-z0-9*]*[a-z0-9*])?$/;
const NAME_PATTERN = /^(?=.{1,253}$)[a-z0-9*]([-a-z0-9.*]*[a-z0-9*])?$/;

/** Reads `text` as a pattern of ServiceAccounts, in which `*` stands for any run of characters of one name; else undefined. */
export const readAccountPattern = (text: string): AccountName | undefined => {
  const slash = text.indexOf("/");
  const namespace = text.slice(0, slash);
  const name = text.slice(slash + 1);
  const isPattern = slash !== -1 && NAMESPACE_PATTERN.test(namespace) && NAME_PATTERN.test(name);
  return isPattern ? { namespace, name } : undefined;
};

/** Does it stand for more than one ServiceAccount? */
export const isPattern = ({ namespace, name }: AccountName): boolean => namespace.includes("*") || name.includes("*");

/** The subjects of a pattern as RE2. Neither name has a colon in it, so that no wildcard reaches into the other. */
export const subjectRegex = (pattern: AccountName): string =>
  `^${subjectOf(pattern).replaceAll(".", "[.]").replaceAll("*", "[^:]*")}$`;

/** The `sub` of the ServiceAccount's tokens. */
export const subjectOf = ({ namespace, name }: AccountName): string => `system:serviceaccount:${namespace}:${name}`;

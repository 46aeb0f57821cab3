/** The annotation keys under the prefix: what each means, and where it is read. Everything else about them follows. */

/** One key. */
export interface AnnotationKey {
  /** What stands after the slash. */
  readonly name: string;
  /** Read for all providers together (`podpass.dev/x`), or for one (`aws.podpass.dev/x`). */
  readonly scope: "all" | "provider";
  /** What it says on a ServiceAccount; undefined where it is not read there. */
  readonly onServiceAccount?: string;
  /** What it says on a ServiceAccount where vendors' annotations or defaults of namespaces federate; elsewhere it is not read. */
  readonly declines?: string;
  /** What it says on a pod; undefined where it is not read there. */
  readonly onPod?: string;
  /** Podpass writes it; who else does, only writes what is overwritten. */
  readonly isWritten?: boolean;
}

/** All of them but the parameters of providers and their files, which each provider names. */
export const ANNOTATION_KEYS: readonly AnnotationKey[] = [
  { name: "federate", scope: "all", onServiceAccount: "The providers, in order" },
  {
    name: "inject",
    scope: "all",
    declines: '`"false"`: no provider by vendors\' annotations or defaults, only those that `federate` names',
    onPod: '`"false"`: nothing is injected into this pod',
  },
  { name: "injected", scope: "all", onPod: "What was injected", isWritten: true },
  {
    name: "only-containers",
    scope: "all",
    onServiceAccount: "Only these containers, for all providers",
    onPod: "Narrows further",
  },
  {
    name: "skip-containers",
    scope: "all",
    onServiceAccount: "Not these containers, for all providers",
    onPod: "Narrows further",
  },
  { name: "inject", scope: "provider", declines: "As above, for one provider" },
  {
    name: "only-containers",
    scope: "provider",
    onServiceAccount: "As above, for one provider",
    onPod: "Narrows further",
  },
  {
    name: "skip-containers",
    scope: "provider",
    onServiceAccount: "As above, for one provider",
    onPod: "Narrows further",
  },
  {
    name: "expiration-seconds",
    scope: "provider",
    onServiceAccount: "The token's lifetime",
    onPod: "Only with `podOverrides: [expiration-seconds]` in the [policy](policy.md)",
  },
  {
    name: "audience",
    scope: "provider",
    onServiceAccount: "Another audience. The policy judges it like a hand-written one",
  },
];

/** The names that no parameter and no file of a provider may have. */
export const RESERVED_KEYS: readonly string[] = [...new Set(ANNOTATION_KEYS.map(({ name }) => name))];

/** The names of the keys of `scope` that are read on ServiceAccounts, or on pods. */
export const keysRead = (scope: AnnotationKey["scope"], on: "onServiceAccount" | "onPod"): ReadonlySet<string> =>
  new Set(ANNOTATION_KEYS.filter((key) => key.scope === scope && key[on] !== undefined).map(({ name }) => name));

/** A ServiceAccount's annotations, resolved with a configuration: which identities its pods get, and what is wrong. */
import type { Settings } from "../configuration/settings.ts";
import { ACCOUNT_LIMITS, beyond } from "../reasons/limits.ts";
import { annotationField, type Problem, type Warning } from "../reasons/reasons.ts";
import { list, quote } from "../reasons/text.ts";
import { type AskedOfPods, type Claims, readClaims } from "./claims.ts";
import { type ContainerFilter, NO_FILTER, readFilter } from "./container-filter.ts";
import { type Identity, resolveIdentity } from "./identity.ts";
import { warnOfNative, warnOfPassedOver } from "./native-warnings.ts";
import type { ServiceAccount } from "./service-account.ts";
import { Told } from "./told.ts";
import { unusedKeys } from "./unused-keys.ts";

/** What a ServiceAccount's annotations amount to. */
export interface Federation {
  /** Has it at least one provider, whoever says so? */
  readonly isFederated: boolean;
  /** Its providers in order, also what cannot be resolved; of the federation annotation no more than are allowed. */
  readonly providers: readonly string[];
  /** Those of them that depend on the pod. */
  readonly askedOfPods: readonly AskedOfPods[];
  /** In the order of the providers; those that could be resolved. */
  readonly identities: readonly Identity[];
  /** Of each reason the first `MAX_TOLD`, and then one that counts the others. */
  readonly problems: readonly Problem[];
  /** The same. */
  readonly warnings: readonly Warning[];
  readonly filter: ContainerFilter;
}

const NO_ANNOTATIONS: ReadonlyMap<string, string> = new Map();

/** What is refused as a whole: one problem, and nothing of it is resolved. */
const refused = (reason: keyof typeof ACCOUNT_LIMITS, federateKey: string, claims: Claims): Federation => ({
  isFederated: claims.providers.size > 0,
  providers: [...claims.providers.keys()],
  askedOfPods: claims.askedOfPods,
  identities: [],
  problems: [
    {
      reason,
      text: `the ServiceAccount has ${beyond(ACCOUNT_LIMITS[reason])}`,
      field: annotationField(federateKey),
    },
  ],
  warnings: [],
  filter: NO_FILTER,
});

/** Resolves one ServiceAccount whose federation annotation and number of keys are within bounds. */
class FederationResolver {
  readonly problems: Told<Problem>;
  private readonly settings: Settings;
  private readonly federateKey: string;
  private readonly claims: Claims;
  private allowed: string | undefined;

  constructor(settings: Settings, claims: Claims) {
    this.settings = settings;
    this.claims = claims;
    this.federateKey = `${settings.annotationPrefix}/federate`;
    this.problems = new Told((reason, count) => ({
      reason,
      text: `${count} more problems of this kind (${reason})`,
      field: annotationField(this.federateKey),
    }));
  }

  /** The filter of all providers; undefined, with a problem, where it is too long to be read. */
  filter(): ContainerFilter | undefined {
    const global = this.claims.own?.get(undefined) ?? NO_ANNOTATIONS;
    const { filter, exceeded } = readFilter(global.get("only-containers"), global.get("skip-containers"));
    if (exceeded === undefined) return filter;
    const key = `${this.settings.annotationPrefix}/${exceeded}`;
    this.problems.add("too-many-names", () => ({
      reason: "too-many-names",
      text: `annotation ${quote(key, 100)} has ${beyond(ACCOUNT_LIMITS["too-many-names"])}`,
      field: annotationField(key),
    }));
    return undefined;
  }

  identities(account: ServiceAccount): readonly Identity[] {
    const identities: Identity[] = [];
    for (const name of this.claims.providers.keys()) {
      const provider = this.settings.providers.get(name);
      if (provider === undefined) {
        this.problems.add("unknown-provider", () => this.unknown(name));
        continue;
      }
      const claims = this.claims.of(provider);
      const sources = { provider, claims, account, prefix: this.settings.annotationPrefix };
      const { identity, problems } = resolveIdentity(sources);
      for (const problem of problems) this.problems.add(problem.reason, () => problem);
      if (identity !== undefined) identities.push(identity);
    }
    return identities;
  }

  private unknown(name: string): Problem {
    this.allowed ??= list([...this.settings.providers.keys()], 20);
    return {
      reason: "unknown-provider",
      text: `annotation ${quote(this.federateKey, 100)} names ${quote(name)}; allowed: ${this.allowed}`,
      field: annotationField(this.federateKey),
    };
  }
}

const nativeWarnings = (
  { annotations }: ServiceAccount,
  { providers, hasImplied, annotationPrefix }: Settings,
  claims: Claims,
): readonly Warning[] => {
  if (!hasImplied) return [];
  const told = new Told<Warning>((reason, count) => ({
    reason,
    text: `${count} more annotations of the ServiceAccount are ignored`,
    field: annotationField(`${annotationPrefix}/federate`),
  }));
  for (const [name, origin] of claims.providers) {
    const provider = providers.get(name);
    if (provider !== undefined) warnOfNative(provider, annotations, origin === "native", told);
  }
  for (const one of claims.passedOver) warnOfPassedOver(one, told);
  return told.all();
};

/**
 * Resolves `account` with `settings`. Pure; the answer changes only with one of them. Beyond a bound of `ACCOUNT_LIMITS`
 * the account is federated and has no identity, so that `policy.invalidServiceAccount` says what becomes of its pods.
 * `declined`: providers that a pod says no to, see {@link readClaims}.
 */
export const resolveFederation = (
  account: ServiceAccount,
  settings: Settings,
  declined?: ReadonlySet<string>,
): Federation => {
  const federateKey = `${settings.annotationPrefix}/federate`;
  const claims = readClaims(account, settings, declined);
  const { own, providers, askedOfPods } = claims;
  if (own === undefined) return refused("too-many-keys", federateKey, claims);
  if (claims.hasTooManyProviders) return refused("too-many-providers", federateKey, claims);
  const isFederated = providers.size > 0;
  const resolver = new FederationResolver(settings, claims);
  const filter = isFederated ? resolver.filter() : NO_FILTER;
  const identities = resolver.identities(account);
  return {
    isFederated,
    providers: [...providers.keys()],
    askedOfPods,
    identities: filter === undefined ? [] : identities,
    problems: resolver.problems.all(),
    warnings: [...unusedKeys(own, settings, providers), ...nativeWarnings(account, settings, claims)],
    filter: filter ?? NO_FILTER,
  };
};

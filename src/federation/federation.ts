/** A ServiceAccount's annotations, resolved with a configuration: which identities its pods get, and what is wrong. */
import type { Settings } from "../configuration/settings.ts";
import { ACCOUNT_LIMITS, beyond } from "../reasons/limits.ts";
import { annotationField, type Problem, type Warning } from "../reasons/reasons.ts";
import { list, quote } from "../reasons/text.ts";
import { type NameList, readList } from "./annotation-keys.ts";
import { type ContainerFilter, NO_FILTER, readFilter } from "./container-filter.ts";
import { type Identity, resolveIdentity } from "./identity.ts";
import { type OwnAnnotations, ownAnnotations } from "./own-annotations.ts";
import type { ServiceAccount } from "./service-account.ts";
import { Told } from "./told.ts";
import { unusedKeys } from "./unused-keys.ts";

/** What a ServiceAccount's annotations amount to. */
export interface Federation {
  /** Does it carry the federation annotation, with at least one name in it? */
  readonly isFederated: boolean;
  /** What the federation annotation names, also what cannot be resolved; no more than the first that are allowed. */
  readonly providers: readonly string[];
  /** In the order of the federation annotation; those that could be resolved. */
  readonly identities: readonly Identity[];
  /** Of each reason the first `MAX_TOLD`, and then one that counts the others. */
  readonly problems: readonly Problem[];
  /** The same. */
  readonly warnings: readonly Warning[];
  readonly filter: ContainerFilter;
}

const NO_ANNOTATIONS: ReadonlyMap<string, string> = new Map();

/** What is refused as a whole: one problem, and nothing of it is resolved. */
const refused = (reason: keyof typeof ACCOUNT_LIMITS, federateKey: string, federate: NameList): Federation => ({
  isFederated: true,
  providers: [...federate.names],
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
  private readonly own: OwnAnnotations;
  private allowed: string | undefined;

  constructor(settings: Settings, own: OwnAnnotations) {
    this.settings = settings;
    this.own = own;
    this.federateKey = `${settings.annotationPrefix}/federate`;
    this.problems = new Told((reason, count) => ({
      reason,
      text: `${count} more problems of this kind (${reason})`,
      field: annotationField(this.federateKey),
    }));
  }

  /** The filter of all providers; undefined, with a problem, where it is too long to be read. */
  filter(): ContainerFilter | undefined {
    const global = this.own.get(undefined) ?? NO_ANNOTATIONS;
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

  identities(federate: Iterable<string>, account: ServiceAccount): readonly Identity[] {
    const identities: Identity[] = [];
    for (const name of federate) {
      const provider = this.settings.providers.get(name);
      if (provider === undefined) {
        this.problems.add("unknown-provider", () => this.unknown(name));
        continue;
      }
      const annotations = this.own.get(name) ?? NO_ANNOTATIONS;
      const sources = { provider, annotations, account, prefix: this.settings.annotationPrefix };
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

/**
 * Resolves `account` with `settings`. Pure; the answer changes only with one of them. Beyond a bound of `ACCOUNT_LIMITS`
 * the account is federated and has no identity, so that `policy.invalidServiceAccount` says what becomes of its pods.
 */
export const resolveFederation = (account: ServiceAccount, settings: Settings): Federation => {
  const prefix = settings.annotationPrefix;
  const federateKey = `${prefix}/federate`;
  const federate = readList(account.annotations.get(federateKey) ?? "", ACCOUNT_LIMITS["too-many-providers"].max);
  const isFederated = federate.names.size > 0;
  const own = ownAnnotations(account.annotations, prefix, ACCOUNT_LIMITS["too-many-keys"].max);
  if (own === undefined) return { ...refused("too-many-keys", federateKey, federate), isFederated };
  if (federate.exceeded) return refused("too-many-providers", federateKey, federate);
  const resolver = new FederationResolver(settings, own);
  const filter = isFederated ? resolver.filter() : NO_FILTER;
  const identities = resolver.identities(federate.names, account);
  return {
    isFederated,
    providers: [...federate.names],
    identities: filter === undefined ? [] : identities,
    problems: resolver.problems.all(),
    warnings: unusedKeys(own, settings, federate.names),
    filter: filter ?? NO_FILTER,
  };
};

/**
 * What is known of a ServiceAccount under one configuration before a pod of it comes: resolving it costs several times
 * what deciding over a pod does. It is kept in one place, {@link Preparation}; everything else is pure.
 */
import type { Settings } from "../configuration/settings.ts";
import { declinedBy } from "../federation/claims.ts";
import { type Federation, resolveFederation } from "../federation/federation.ts";
import type { ServiceAccount } from "../federation/service-account.ts";
import { Footprints } from "../injection/footprint.ts";
import type { PodAnnotations } from "../injection/pod-annotations.ts";
import { RenderedIdentity } from "../injection/rendered-identity.ts";
import type { Pod } from "../pod/pod.ts";
import { type JudgedIdentities, judgeIdentities } from "./judged-identities.ts";
import { type Rules, rulesFor } from "./rules.ts";

/** Pods of one ServiceAccount are of one kind, or two. */
const MAX_DECLINED = 8;

/** So many ServiceAccounts without annotations are kept; what they come to follows from their namespace. */
const MAX_BARE = 4096;

/** One ServiceAccount, prepared. There may be many thousand: what is not asked for is not made. */
export class PreparedAccount {
  readonly account: ServiceAccount;
  readonly federation: Federation;
  readonly rules: Rules;
  private readonly footprints: Footprints;
  private made: readonly RenderedIdentity[] | undefined;
  private usual: JudgedIdentities | undefined;
  private readonly settings: Settings;
  /** The same for pods that say no to some of the providers, by their names. */
  private declined: Map<string, PreparedAccount> | undefined;

  constructor(account: ServiceAccount, settings: Settings, footprints: Footprints, declined?: ReadonlySet<string>) {
    this.account = account;
    this.settings = settings;
    this.federation = resolveFederation(account, settings, declined);
    this.rules = rulesFor(settings, account.namespace, this.federation.identities);
    this.footprints = footprints;
  }

  /** As it is for `pod`, which has a say in providers of vendors' annotations. */
  forPod({ metadata }: Pod): PreparedAccount {
    const { askedOfPods } = this.federation;
    if (askedOfPods.length === 0) return this;
    const names = declinedBy(askedOfPods, { labels: metadata?.labels, annotations: metadata?.annotations });
    if (names.size === 0) return this;
    const key = [...names].join();
    const known = this.declined?.get(key);
    if (known !== undefined) return known;
    const prepared = new PreparedAccount(this.account, this.settings, this.footprints, names);
    this.declined ??= new Map();
    if (this.declined.size < MAX_DECLINED) this.declined.set(key, prepared);
    return prepared;
  }

  get rendered(): readonly RenderedIdentity[] {
    this.made ??= this.federation.identities.map(
      (identity) => new RenderedIdentity(identity, this.footprints.of(identity.provider)),
    );
    return this.made;
  }

  /** The identities for a pod with these annotations; the same for all pods that ask for nothing of their own. */
  identitiesFor(annotations: PodAnnotations): JudgedIdentities {
    if (!annotations.isEmpty) return judgeIdentities(this, annotations);
    this.usual ??= judgeIdentities(this, annotations);
    return this.usual;
  }
}

/** The ServiceAccounts of one configuration, each prepared when its first pod comes and for as long as it stays the same. */
export class Preparation {
  private readonly settings: Settings;
  private readonly footprints = new Footprints();
  private readonly accounts = new WeakMap<ServiceAccount, PreparedAccount>();
  /** Of them there is an object for each question, so that they are known by name. */
  private readonly bare = new Map<string, PreparedAccount>();

  constructor(settings: Settings) {
    this.settings = settings;
  }

  of(account: ServiceAccount): PreparedAccount {
    if (account.annotations.size === 0 && this.settings.hasImplied) return this.ofBare(account);
    let prepared = this.accounts.get(account);
    if (prepared === undefined) {
      prepared = new PreparedAccount(account, this.settings, this.footprints);
      this.accounts.set(account, prepared);
    }
    return prepared;
  }

  private ofBare(account: ServiceAccount): PreparedAccount {
    const key = `${account.namespace}/${account.name}`;
    const known = this.bare.get(key);
    if (known !== undefined) return known;
    const prepared = new PreparedAccount(account, this.settings, this.footprints);
    if (this.bare.size >= MAX_BARE) this.bare.clear();
    this.bare.set(key, prepared);
    return prepared;
  }
}

/** `account` prepared with `settings`, for one decision. */
export const prepareAccount = (account: ServiceAccount, settings: Settings): PreparedAccount =>
  new PreparedAccount(account, settings, new Footprints());

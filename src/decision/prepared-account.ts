/**
 * What is known of a ServiceAccount under one configuration before a pod of it comes: resolving it costs several times
 * what deciding over a pod does. It is kept in one place, {@link Preparation}; everything else is pure.
 */
import type { Settings } from "../configuration/settings.ts";
import { type Federation, resolveFederation } from "../federation/federation.ts";
import type { ServiceAccount } from "../federation/service-account.ts";
import { Footprints } from "../injection/footprint.ts";
import type { PodAnnotations } from "../injection/pod-annotations.ts";
import { RenderedIdentity } from "../injection/rendered-identity.ts";
import { type JudgedIdentities, judgeIdentities } from "./judged-identities.ts";
import { type Rules, rulesFor } from "./rules.ts";

/** One ServiceAccount, prepared. There may be many thousand: what is not asked for is not made. */
export class PreparedAccount {
  readonly account: ServiceAccount;
  readonly federation: Federation;
  readonly rules: Rules;
  private readonly footprints: Footprints;
  private made: readonly RenderedIdentity[] | undefined;
  private usual: JudgedIdentities | undefined;

  constructor(account: ServiceAccount, settings: Settings, footprints: Footprints) {
    this.account = account;
    this.federation = resolveFederation(account, settings);
    this.rules = rulesFor(settings, account.namespace, this.federation.identities);
    this.footprints = footprints;
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

  constructor(settings: Settings) {
    this.settings = settings;
  }

  of(account: ServiceAccount): PreparedAccount {
    let prepared = this.accounts.get(account);
    if (prepared === undefined) {
      prepared = new PreparedAccount(account, this.settings, this.footprints);
      this.accounts.set(account, prepared);
    }
    return prepared;
  }
}

/** `account` prepared with `settings`, for one decision. */
export const prepareAccount = (account: ServiceAccount, settings: Settings): PreparedAccount =>
  new PreparedAccount(account, settings, new Footprints());

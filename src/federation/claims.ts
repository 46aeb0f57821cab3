/**
 * Is this ServiceAccount federated, with which providers, and with which values? The one place where our own annotations,
 * vendors' and the defaults of namespaces come together. Key by key ours beat vendors', and those the default.
 */
import { defaultFor, isAllowedIn, type NativeRule } from "../configuration/native.ts";
import type { Provider, Settings } from "../configuration/settings.ts";
import { ACCOUNT_LIMITS } from "../reasons/limits.ts";
import { readList } from "./annotation-keys.ts";
import { addNativeClaims, type Claim, triggered } from "./native-claims.ts";
import { type OwnAnnotations, ownAnnotations } from "./own-annotations.ts";
import type { ServiceAccount } from "./service-account.ts";

/** Why a provider is among those of a ServiceAccount. */
export type Origin = Claim["origin"];

/** A provider that vendors' annotations name, where a pod may still say no. */
export interface AskedOfPods {
  readonly provider: string;
  readonly rules: readonly NativeRule[];
}

/** What a ServiceAccount comes to. */
export interface Claims {
  /** In order: those of `federate`, those of vendors' annotations, those of the namespace; and why each is there. */
  readonly providers: ReadonlyMap<string, Origin>;
  /** Are there more of them than are read? */
  readonly hasTooManyProviders: boolean;
  /** The annotations under our prefix; undefined where there are more than are read. */
  readonly own: OwnAnnotations | undefined;
  /** What of vendors' annotations depends on the pod, whether the provider is for the namespace or not. */
  readonly askedOfPods: readonly AskedOfPods[];
  /** Vendors' annotations that ask for a provider which is not for the namespace: they federate nothing. */
  readonly passedOver: readonly PassedOver[];
  /** The values for a provider, by the names that our own annotations have. */
  of(provider: Provider): ReadonlyMap<string, Claim>;
}

/** A vendor's annotation that is not heeded, and the provider that it asks for. */
export interface PassedOver {
  readonly provider: string;
  readonly key: string;
}

const { max: MAX_KEYS } = ACCOUNT_LIMITS["too-many-keys"];
const { max: MAX_PROVIDERS } = ACCOUNT_LIMITS["too-many-providers"];

const NOBODY: ReadonlySet<string> = new Set();
const NO_RULES: readonly NativeRule[] = [];

/** Does a pod have a say in it? */
const asksPods = ({ podLabel, optOut }: NativeRule): boolean =>
  podLabel !== undefined || optOut.some(({ on }) => on !== "serviceAccountAnnotation");

/** One ServiceAccount in the making. */
class ClaimReader {
  readonly providers = new Map<string, Origin>();
  readonly askedOfPods: AskedOfPods[] = [];
  readonly passedOver: PassedOver[] = [];
  readonly own: OwnAnnotations | undefined;
  private readonly rules = new Map<string, readonly NativeRule[]>();
  private readonly account: ServiceAccount;
  private readonly settings: Settings;

  constructor(account: ServiceAccount, settings: Settings) {
    this.account = account;
    this.settings = settings;
    this.own = ownAnnotations(account.annotations, settings.annotationPrefix, MAX_KEYS);
  }

  /** Has the ServiceAccount said that nothing of this is to be added to what `federate` names? */
  private isDeclined(provider: string | undefined): boolean {
    const { annotationPrefix: prefix } = this.settings;
    const domain = provider === undefined ? prefix : `${provider}.${prefix}`;
    return this.account.annotations.get(`${domain}/inject`) === "false";
  }

  /** Adds providers that `federate` does not name; `declined`: a pod says no to them. */
  addImplied(declined: ReadonlySet<string>): void {
    if (!this.settings.hasImplied || this.isDeclined(undefined)) return;
    const byDefault: string[] = [];
    for (const provider of this.settings.providers.values()) {
      const { name, native, defaults } = provider;
      const isSilent = native.length === 0 && defaults.length === 0;
      if (isSilent || this.providers.has(name) || this.isDeclined(name)) continue;
      if (this.addNative(provider, declined)) continue;
      if (defaultFor(provider, this.account.namespace)?.federates === true) byDefault.push(name);
    }
    for (const name of byDefault) this.providers.set(name, "default");
  }

  /** Adds `provider` where a vendor's annotation asks for it; false where none does, or the namespace or a pod says no. */
  private addNative(provider: Provider, declined: ReadonlySet<string>): boolean {
    const { name } = provider;
    const rules = triggered(provider, this.account.annotations);
    if (rules.some(asksPods)) this.askedOfPods.push({ provider: name, rules });
    if (rules.length === 0 || declined.has(name)) return false;
    if (!isAllowedIn(provider, this.account.namespace)) {
      for (const { trigger } of rules) this.passedOver.push({ provider: name, key: trigger.key });
      return false;
    }
    this.providers.set(name, "native");
    this.rules.set(name, rules);
    return true;
  }

  of(provider: Provider): ReadonlyMap<string, Claim> {
    const claims = new Map<string, Claim>();
    const { name } = provider;
    for (const [key, value] of this.own?.get(name) ?? [])
      if (provider.parameters.get(key)?.settable !== false)
        claims.set(key, { value, origin: "own", key: `${name}.${this.settings.annotationPrefix}/${key}` });
    if (provider.native.length > 0)
      addNativeClaims(claims, provider, this.account.annotations, this.rules.get(name) ?? NO_RULES);
    for (const [key, value] of defaultFor(provider, this.account.namespace)?.parameters ?? [])
      if (!claims.has(key)) claims.set(key, { value, origin: "default", key: undefined });
    return claims;
  }
}

/**
 * Reads `account`. `declined`: providers of vendors' annotations that a pod says no to, as {@link declinedBy} finds them;
 * without them every pod is meant that there may be.
 */
export const readClaims = (
  account: ServiceAccount,
  settings: Settings,
  declined: ReadonlySet<string> = NOBODY,
): Claims => {
  const reader = new ClaimReader(account, settings);
  const { providers } = reader;
  const federate = readList(account.annotations.get(`${settings.annotationPrefix}/federate`) ?? "", MAX_PROVIDERS);
  for (const name of federate.names) providers.set(name, "own");
  const named = providers.size;
  reader.addImplied(declined);
  return {
    providers,
    hasTooManyProviders: federate.exceeded || federate.count + providers.size - named > MAX_PROVIDERS,
    own: reader.own,
    askedOfPods: reader.askedOfPods,
    passedOver: reader.passedOver,
    of: (provider) => reader.of(provider),
  };
};

/** What of a pod vendors' annotations ask for. */
export interface AskedPod {
  readonly labels: Readonly<Record<string, unknown>> | null | undefined;
  readonly annotations: Readonly<Record<string, unknown>> | null | undefined;
}

const has = (values: AskedPod["labels"], key: string, value: string | undefined): boolean =>
  values != null && Object.hasOwn(values, key) && (value === undefined || values[key] === value);

const declines = ({ podLabel, optOut }: NativeRule, { labels, annotations }: AskedPod): boolean =>
  (podLabel !== undefined && !has(labels, podLabel.key, podLabel.value)) ||
  optOut.some(
    ({ on, key, value }) =>
      on !== "serviceAccountAnnotation" && has(on === "podLabel" ? labels : annotations, key, value),
  );

/** The providers among `asked` that `pod` says no to. */
export const declinedBy = (asked: readonly AskedOfPods[], pod: AskedPod): ReadonlySet<string> =>
  new Set(asked.filter(({ rules }) => rules.every((rule) => declines(rule, pod))).map(({ provider }) => provider));

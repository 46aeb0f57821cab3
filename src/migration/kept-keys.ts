/** What a migration says of a ServiceAccount's vendor keys: those that stay, and those that say something else than ours. */
import type { NativeRule } from "../configuration/native.ts";
import type { Provider, Settings } from "../configuration/settings.ts";
import type { Claims } from "../federation/claims.ts";
import type { Federation } from "../federation/federation.ts";
import { heeded, parameterValue } from "../federation/native-claims.ts";
import type { ServiceAccount } from "../federation/service-account.ts";
import { isBlank } from "../reasons/characters.ts";
import { MAX_TOLD } from "../reasons/limits.ts";
import { list, quote } from "../reasons/text.ts";
import type { Told } from "./told.ts";

/** The annotations that a rule reads and ours have a word for. */
export const translated = (rule: NativeRule): ReadonlySet<string> => {
  const keys = [rule.trigger.key, ...[...rule.parameters.values()].map(({ key }) => key)];
  for (const key of [rule.audienceKey, rule.lifetime.key]) if (key !== undefined) keys.push(key);
  return new Set(keys.filter((key) => !rule.kept.includes(key)));
};

const domainOf = (key: string): string => key.slice(0, key.indexOf("/") + 1);

/** One ServiceAccount, as it was read with vendors' keys. */
interface ReadAccount {
  readonly account: ServiceAccount;
  readonly claims: Claims;
  readonly federation: Federation;
  readonly settings: Settings;
}

class KeptKeys {
  private readonly told: Told[] = [];
  private readonly annotations: ServiceAccount["annotations"];
  private readonly claims: Claims;
  private readonly providers: Settings["providers"];
  /** The keys that any rule knows: one webhook's may be for several providers. */
  private readonly known: ReadonlySet<string>;
  /** Those that ours take the place of, where a warning is of something else that they did. */
  private readonly replaced: ReadonlySet<string>;
  private readonly saidDomains = new Set<string>();

  constructor({ account, claims, settings }: ReadAccount) {
    this.annotations = account.annotations;
    this.claims = claims;
    this.providers = settings.providers;
    const rules = [...settings.providers.values()].flatMap(({ native }) => native);
    const replacing = [...settings.providers.values()].filter(({ name }) => claims.providers.has(name));
    this.replaced = new Set(replacing.flatMap(({ native }) => native.flatMap((rule) => [...translated(rule)])));
    this.known = new Set(
      rules.flatMap((rule) => [...translated(rule), ...rule.kept, ...rule.unsupported.map(({ key }) => key)]),
    );
  }

  /** Says which keys of vendors stay. */
  all(federation: Federation): readonly Told[] {
    for (const { text, field } of federation.warnings) {
      const key = field?.at(-1);
      if (key !== undefined && this.isVendors(key)) this.warn(key, this.replaced.has(key) ? text : `${text}; kept`);
    }
    // Of those there is a warning already.
    const passedOver = new Set(this.claims.passedOver.map(({ provider }) => provider));
    for (const provider of this.providers.values())
      if (this.claims.providers.has(provider.name)) this.sayClaimed(provider);
      else if (!passedOver.has(provider.name)) this.sayUnclaimed(provider);
    this.sayLabels();
    return this.told;
  }

  private sayClaimed(provider: Provider): void {
    const counted = heeded(provider, this.annotations);
    for (const rule of provider.native)
      if (counted.includes(rule)) this.sayDiffering(rule, provider);
      else this.sayUnused(rule, provider);
    this.sayForeign(provider);
  }

  /** What the vendor's webhook goes by, and ours beats. */
  private sayDiffering(rule: NativeRule, provider: Provider): void {
    const claims = this.claims.of(provider);
    for (const [name, native] of rule.parameters) {
      const { key } = native;
      const written = this.annotations.get(key) ?? "";
      const value = parameterValue(native, written);
      const claim = claims.get(name);
      if (value === undefined || claim?.origin !== "own" || value === claim.value) continue;
      const text = `annotation ${quote(key, 60)} says ${quote(written, 60)}, and ${quote(claim.key ?? "", 60)} ${quote(claim.value, 60)}, which counts`;
      this.warn(key, text);
    }
  }

  private warn(key: string | undefined, text: string): void {
    this.told.push({ severity: "warning", key, text });
  }

  private isVendors(key: string): boolean {
    return [...this.providers.values()].some(({ native }) =>
      native.some((rule) => domainOf(rule.trigger.key) === domainOf(key)),
    );
  }

  /** Keys under the vendor's domain that are not known. */
  private sayForeign({ name, native }: Provider): void {
    for (const rule of native) {
      const domain = domainOf(rule.trigger.key);
      if (this.saidDomains.has(domain)) continue;
      this.saidDomains.add(domain);
      const foreign = [...this.annotations.keys()].filter((key) => domainOf(key) === domain && !this.known.has(key));
      for (const key of foreign.slice(0, MAX_TOLD))
        this.warn(key, `annotation ${quote(key, 100)} has no equivalent for ${name}; kept`);
      const rest = foreign.length - MAX_TOLD;
      if (rest > 0) this.warn(undefined, `${rest} more annotations have no equivalent for ${name}; kept`);
    }
  }

  private sayUnclaimed({ name, native }: Provider): void {
    const why = `nothing federates this ServiceAccount with ${name}, or it has opted out; left as it is`;
    for (const rule of native) this.sayLeft(rule, why);
  }

  /** Of another webhook than the one whose keys federate it. */
  private sayUnused(rule: NativeRule, { name }: Provider): void {
    this.sayLeft(rule, `said nothing, since another vendor's keys federate this ServiceAccount with ${name}`);
  }

  private sayLeft(rule: NativeRule, why: string): void {
    const found = [...translated(rule)].filter((key) => !isBlank(this.annotations.get(key) ?? ""));
    const [key] = found;
    if (key !== undefined) this.warn(key, `${list(found)}: ${why}`);
  }

  /** Of pods that are not among the manifests nothing can be known. */
  private sayLabels(): void {
    for (const { provider, rules } of this.claims.askedOfPods) {
      const label = rules.find(({ podLabel }) => podLabel !== undefined)?.podLabel;
      if (this.claims.providers.get(provider) !== "native" || label === undefined) continue;
      const text = `until now only pods with the label ${label.key}: ${quote(label.value)} had ${provider}; from now on every pod of this ServiceAccount has it that the files do not opt out`;
      this.told.push({ severity: "note", text });
    }
  }
}

/** What is said of the vendors' keys of an account that is migrated. */
export const keptKeys = (read: ReadAccount): readonly Told[] => new KeptKeys(read).all(read.federation);

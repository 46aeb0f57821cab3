/** A ServiceAccount's vendor keys as ours: its pods come out the same without vendors' keys being read. */
import type { NativeRule } from "../configuration/native.ts";
import type { Provider, Settings } from "../configuration/settings.ts";
import { type Claims, readClaims } from "../federation/claims.ts";
import { type Federation, resolveFederation } from "../federation/federation.ts";
import type { Identity } from "../federation/identity.ts";
import type { Claim } from "../federation/native-claims.ts";
import type { ServiceAccount } from "../federation/service-account.ts";
import { isBlank } from "../reasons/characters.ts";
import { list, quote } from "../reasons/text.ts";
import { KeyEditor } from "./key-changes.ts";
import type { Told } from "./told.ts";

/** What a migration goes by. */
export interface MigrationSettings {
  /** Vendors' keys are read. */
  readonly before: Settings;
  /** The same, but that they are not. */
  readonly after: Settings;
  /** Leave the vendors' keys beside ours, since both webhooks run. */
  readonly keep: boolean;
}

/** What becomes of one ServiceAccount. */
export interface AccountMigration {
  /** As it was read. */
  readonly before: ServiceAccount;
  readonly after: ServiceAccount;
  readonly claims: Claims;
  readonly keys: KeyEditor;
  readonly told: readonly Told[];
}

/** The annotations that a rule reads and ours have a word for. */
const translated = (rule: NativeRule): ReadonlySet<string> => {
  const keys = [rule.trigger.key, ...[...rule.parameters.values()].map(({ key }) => key)];
  for (const key of [rule.audienceKey, rule.lifetime.key]) if (key !== undefined) keys.push(key);
  return new Set(keys.filter((key) => !rule.kept.includes(key)));
};

/** Is it the vendor's own value, and what the provider has without it? */
const isUsual = (name: string, { value }: Claim, { lifetime }: Provider): boolean =>
  name === "expiration-seconds" && value === String(lifetime.default);

/** One ServiceAccount in the making. */
class AccountMigrator {
  readonly keys: KeyEditor;
  readonly claims: Claims;
  readonly told: Told[] = [];
  private readonly account: ServiceAccount;
  private readonly settings: MigrationSettings;

  constructor(account: ServiceAccount, settings: MigrationSettings) {
    this.account = account;
    this.settings = settings;
    this.keys = new KeyEditor(account.annotations, settings.keep);
    this.claims = readClaims(account, settings.before);
  }

  private get prefix(): string {
    return this.settings.before.annotationPrefix;
  }

  /** Says in our words what vendors' annotations say. */
  translate(): void {
    const implied: string[] = [];
    for (const [name, origin] of this.claims.providers) {
      const provider = this.settings.before.providers.get(name);
      if (provider === undefined) continue;
      if (origin === "native") implied.push(name);
      this.provider(provider);
    }
    if (implied.length > 0) this.federate(implied);
  }

  private federate(names: readonly string[]): void {
    const key = `${this.prefix}/federate`;
    const written = (this.account.annotations.get(key) ?? "").replace(/[\s,]{1,1000}$/, "");
    this.keys.write(key, [...(isBlank(written) ? [] : [written]), ...names].join(", "), undefined);
  }

  private provider(provider: Provider): void {
    for (const [name, claim] of this.claims.of(provider)) {
      if (claim.origin !== "native") continue;
      const isVendorsOwn = provider.native.some(({ trigger }) => trigger.key === claim.key);
      if (isVendorsOwn && isUsual(name, claim, provider)) continue;
      this.keys.write(`${provider.name}.${this.prefix}/${name}`, claim.value, claim.key);
    }
    for (const rule of provider.native) {
      for (const key of translated(rule)) this.keys.drop(key);
      this.sayDiffering(rule, provider);
    }
  }

  /** What the vendor's webhook goes by, and ours beats. */
  private sayDiffering(rule: NativeRule, provider: Provider): void {
    const claims = this.claims.of(provider);
    for (const [name, { key, prefix }] of rule.parameters) {
      const written = this.account.annotations.get(key);
      const claim = claims.get(name);
      if (written === undefined || isBlank(written) || claim?.origin !== "own") continue;
      if (prefix + written === claim.value) continue;
      const text = `annotation ${quote(key, 60)} says ${quote(written, 60)}, and ${quote(claim.key ?? "", 60)} ${quote(claim.value, 60)}, which counts`;
      this.told.push({ severity: "warning", key, text });
    }
  }

  /** Says which keys of vendors stay. */
  sayKept(federation: Federation): void {
    for (const { text, field } of federation.warnings) {
      const key = field?.at(-1);
      if (key !== undefined && this.isVendors(key)) this.told.push({ severity: "warning", key, text: `${text}; kept` });
    }
    for (const provider of this.settings.before.providers.values())
      if (this.claims.providers.has(provider.name)) this.sayForeign(provider);
      else this.sayUnclaimed(provider);
  }

  private isVendors(key: string): boolean {
    return [...this.settings.before.providers.values()].some(({ native }) =>
      native.some((rule) => domainOf(rule.trigger.key) === domainOf(key)),
    );
  }

  /** Keys under the vendor's domain that are not known. */
  private sayForeign({ name, native }: Provider): void {
    for (const rule of native) {
      const domain = domainOf(rule.trigger.key);
      const known = new Set([...translated(rule), ...rule.kept, ...rule.unsupported.map(({ key }) => key)]);
      for (const key of this.account.annotations.keys())
        if (domainOf(key) === domain && !known.has(key)) {
          const text = `annotation ${quote(key, 100)} has no equivalent for ${name}; kept`;
          this.told.push({ severity: "warning", key, text });
        }
    }
  }

  private sayUnclaimed({ name, native }: Provider): void {
    for (const rule of native) {
      const found = [...translated(rule)].filter((key) => !isBlank(this.account.annotations.get(key) ?? ""));
      const [key] = found;
      if (key === undefined) continue;
      const shown = list(found.map((one) => quote(one, 60)));
      const text = `${shown}: nothing federates this ServiceAccount with ${name}, or it has opted out; left as it is`;
      this.told.push({ severity: "warning", key, text });
    }
  }

  /** Of pods that are not among the manifests nothing can be known. */
  sayLabels(): void {
    for (const { provider, rules } of this.claims.askedOfPods) {
      const label = rules.find(({ podLabel }) => podLabel !== undefined)?.podLabel;
      if (this.claims.providers.get(provider) !== "native" || label === undefined) continue;
      const text = `until now only pods with the label ${label.key}: ${quote(label.value)} had ${provider}; from now on every pod of this ServiceAccount has it that the files do not opt out`;
      this.told.push({ severity: "note", text });
    }
  }
}

const domainOf = (key: string): string => key.slice(0, key.indexOf("/") + 1);

const comparable = ({ identities }: Federation): unknown =>
  identities.map((identity: Identity) => ({
    provider: identity.provider.name,
    audience: identity.audience,
    seconds: identity.requestedSeconds ?? identity.provider.lifetime.default,
    parameters: [...identity.parameters],
    files: identity.files.map(({ name }) => name),
  }));

const isSame = (one: Federation, other: Federation): boolean =>
  JSON.stringify(comparable(one)) === JSON.stringify(comparable(other)) && other.problems.length === 0;

/** Says why it stays as it is. */
const failed = (migrator: AccountMigrator, account: ServiceAccount, federation: Federation): AccountMigration => {
  const [problem] = federation.problems;
  const text =
    problem === undefined
      ? "its identities would not be the same with our annotations; left as it is"
      : `it cannot be migrated: ${problem.text}; put that right first`;
  return {
    before: account,
    after: account,
    claims: migrator.claims,
    keys: new KeyEditor(account.annotations, true),
    told: [{ severity: "error", text, key: problem?.field?.at(-1) }],
  };
};

/** Migrates one ServiceAccount. */
export const migrateAccount = (account: ServiceAccount, settings: MigrationSettings): AccountMigration => {
  const migrator = new AccountMigrator(account, settings);
  const federation = resolveFederation(account, settings.before);
  migrator.translate();
  const { keys, claims, told } = migrator;
  const after = keys.isEmpty ? account : { ...account, annotations: keys.result() };
  if (
    !keys.isEmpty &&
    (federation.problems.length > 0 || !isSame(federation, resolveFederation(after, settings.after)))
  )
    return failed(migrator, account, federation);
  migrator.sayKept(federation);
  migrator.sayLabels();
  return { before: account, after, claims, keys, told };
};

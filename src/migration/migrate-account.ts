/** A ServiceAccount's vendor keys as ours: its pods come out the same without vendors' keys being read. */
import type { Provider, Settings } from "../configuration/settings.ts";
import { type Claims, readClaims } from "../federation/claims.ts";
import { type Federation, resolveFederation } from "../federation/federation.ts";
import type { Identity } from "../federation/identity.ts";
import type { Claim } from "../federation/native-claims.ts";
import type { ServiceAccount } from "../federation/service-account.ts";
import { isBlank } from "../reasons/characters.ts";
import { keptKeys, translated } from "./kept-keys.ts";
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

/** Is it the vendor's own value, and what the provider has without it? */
const isUsual = (name: string, { value }: Claim, { lifetime }: Provider): boolean =>
  name === "expiration-seconds" && value === String(lifetime.default);

/** Is it the value of annotation `key`, and not only that there is one? */
const isSaidBy = (key: string | undefined, name: string, { native }: Provider): boolean =>
  native.some(({ parameters, audienceKey, lifetime }) =>
    [parameters.get(name)?.key, audienceKey, lifetime.key].includes(key),
  );

/** A list without the commas and spaces behind its last name. */
const withoutEnd = (list: string): string => {
  let end = list.length;
  while (end > 0 && ", \t\n\r".includes(list.charAt(end - 1))) end--;
  return list.slice(0, end);
};

/** One ServiceAccount in the making. */
class AccountMigrator {
  readonly keys: KeyEditor;
  readonly claims: Claims;
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
    const written = withoutEnd(this.account.annotations.get(key) ?? "");
    // A trigger that says nothing else has no key of ours in its place yet.
    const triggers = names.flatMap((name) => this.settings.before.providers.get(name)?.native ?? []);
    const from = triggers.map(({ trigger }) => trigger.key).find((one) => this.keys.removed.has(one));
    this.keys.write(key, [...(isBlank(written) ? [] : [written]), ...names].join(", "), from);
  }

  private provider(provider: Provider): void {
    for (const [name, claim] of this.claims.of(provider)) {
      if (claim.origin !== "native") continue;
      const isVendorsOwn = provider.native.some(({ trigger }) => trigger.key === claim.key);
      if (isVendorsOwn && isUsual(name, claim, provider)) continue;
      const from = isSaidBy(claim.key, name, provider) ? claim.key : undefined;
      this.keys.write(`${provider.name}.${this.prefix}/${name}`, claim.value, from);
    }
    for (const rule of provider.native) for (const key of translated(rule)) this.keys.drop(key);
  }
}

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
  const { keys, claims } = migrator;
  const after = keys.isEmpty ? account : { ...account, annotations: keys.result() };
  if (
    !keys.isEmpty &&
    (federation.problems.length > 0 || !isSame(federation, resolveFederation(after, settings.after)))
  )
    return failed(migrator, account, federation);
  const told = keptKeys({ account, claims, federation, settings: settings.before });
  return { before: account, after, claims, keys, told };
};

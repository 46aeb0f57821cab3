/** Manifests of a cluster that vendors' webhooks served, as manifests for Podpass. */
import type { BadObject } from "../manifests/bad-object.ts";
import { templateDecider, templateOf } from "../manifests/decide-template.ts";
import type { ManifestDocument } from "../manifests/document.ts";
import { editInPlace } from "../manifests/edit-in-place.ts";
import { injectManifests } from "../manifests/inject-manifests.ts";
import { type ManifestObject, showQualified } from "../manifests/objects.ts";
import type { Rewritten } from "../manifests/rewrite.ts";
import { collectServiceAccounts, type ServiceAccounts } from "../manifests/service-accounts.ts";
import { inPlaceChanges, type ValueChanges } from "./document-changes.ts";
import { type AccountMigration, type MigrationSettings, migrateAccount } from "./migrate-account.ts";
import { migrateTemplate, type TemplateMigration, unknownAccount } from "./migrate-template.ts";
import { accountsReadFor, mountsSecrets, READ_BY_OTHERS } from "./other-readers.ts";
import type { Told } from "./told.ts";

/** One sentence about an object, or about a pod template in it. */
export interface MigrationMessage extends Told {
  readonly object: ManifestObject;
  /** Where in the object the annotations are that it is about. */
  readonly path: readonly string[];
}

/** What became of the manifests. */
export interface MigratedManifests {
  /** The documents that change. */
  readonly rewritten: ReadonlyMap<ManifestDocument, Rewritten>;
  readonly messages: readonly MigrationMessage[];
  /** What the API server would not take. */
  readonly bad: readonly BadObject[];
}

/** What becomes of one object; `account`: the ServiceAccount whose pods it is about, all of whose objects change or none. */
interface ObjectChange {
  readonly object: ManifestObject;
  readonly account: string;
  readonly changes: ValueChanges;
}

const idOf = (namespace: string, name: string): string => JSON.stringify([namespace, name]);

const NOT_IN_PLACE =
  "it cannot be changed in place: an anchor, an alias, a merge key, a tag, a key after ? or a comment is in the way; it and all of its ServiceAccount are left as they are";

const TOKEN_NOT_IN_PLACE =
  "its hand-written token cannot be taken out in place: an anchor, an alias, a merge key, a tag, a key after ? or a comment is in the way; take it out by hand";

/** No webhook of ours is asked about pods there, so that nothing starts in it that waits for itself. */
const NEVER_SEEN = "kube-system";

const KEPT_THERE: Told = {
  severity: "warning",
  text: `Podpass' webhook is never asked about pods in ${NEVER_SEEN}; left as it is: keep the vendor's webhook for them, or write the identity into their manifests (podpass inject)`,
};

/** Collects what becomes of the objects, ServiceAccount by ServiceAccount. */
class Migration {
  readonly messages: MigrationMessage[] = [];
  private readonly changes: ObjectChange[] = [];
  private readonly failed = new Set<string>();
  private readonly withoutRemovals = new Set<ManifestDocument>();
  private readonly accounts = new Map<string, AccountMigration>();
  private readonly settings: MigrationSettings;

  constructor(settings: MigrationSettings) {
    this.settings = settings;
  }

  account({ object, account }: ServiceAccounts["written"][number]): void {
    const migrated = migrateAccount(account, this.settings);
    const id = idOf(account.namespace, account.name);
    this.accounts.set(id, migrated);
    if (account.namespace === NEVER_SEEN) {
      this.failed.add(id);
      if (!migrated.keys.isEmpty) this.say(object, [], [KEPT_THERE]);
      return;
    }
    this.say(object, [], migrated.told);
    if (migrated.told.some(({ severity }) => severity === "error")) this.failed.add(id);
    else this.change(object, id, { keys: [{ path: [], keys: migrated.keys }], removals: [] });
  }

  /** The ServiceAccount as it will be. */
  find(namespace: string, name: string): AccountMigration["after"] | undefined {
    return this.accounts.get(idOf(namespace, name))?.after;
  }

  template(migrate: (account: AccountMigration | undefined) => TemplateMigration, id: string): void {
    const { decided, keys, removals, told, isFailed } = migrate(this.accounts.get(id));
    this.say(decided.object, decided.path, told);
    if (isFailed) this.failed.add(id);
    this.change(decided.object, id, { keys: keys === undefined ? [] : [keys], removals });
  }

  /** Says that the program behind `object` may go by a key of the ServiceAccount that is about to go. */
  readBy(object: ManifestObject, namespace: string, name: string): void {
    const id = idOf(namespace, name);
    const keys = this.failed.has(id) ? undefined : this.accounts.get(id)?.keys;
    const key = READ_BY_OTHERS.find((one) => keys?.renamed.has(one) || keys?.removed.has(one));
    if (key === undefined) return;
    const text = `another program may read ${key} of ServiceAccount ${showQualified(namespace, name)} for it, which goes; leave that beside ours (--keep)`;
    this.say(object, [], [{ severity: "warning", text }]);
  }

  isFailed(id: string): boolean {
    return this.failed.has(id);
  }

  /** The documents with all changes of ServiceAccounts that nothing is in the way of. */
  documents(): ReadonlyMap<ManifestDocument, Rewritten> {
    for (;;) {
      const rewritten = new Map<ManifestDocument, Rewritten>();
      const left = this.changes.filter(({ account }) => !this.failed.has(account));
      let isDone = true;
      for (const [document, changes] of Map.groupBy(left, ({ object }) => object.document)) {
        const one = this.document(document, changes);
        if (one === undefined) isDone = false;
        else rewritten.set(document, one);
      }
      if (isDone) return rewritten;
    }
  }

  /** Undefined: once more, without what was in the way. */
  private document(document: ManifestDocument, changes: readonly ObjectChange[]): Rewritten | undefined {
    const isBare = this.withoutRemovals.has(document);
    const all = changes.map(({ object, changes: { keys, removals } }) => ({
      keys: keys.map((one) => ({ ...one, path: [...object.path, ...one.path] })),
      removals: isBare ? [] : removals.map((path) => [...object.path, ...path]),
    }));
    const together = { keys: all.flatMap(({ keys }) => keys), removals: all.flatMap(({ removals }) => removals) };
    const edited = editInPlace(document, inPlaceChanges(document.value, together));
    if (edited !== undefined) return edited;
    if (together.removals.length > 0) this.withoutRemovals.add(document);
    else for (const { account } of changes) this.failed.add(account);
    const text = together.removals.length > 0 ? TOKEN_NOT_IN_PLACE : NOT_IN_PLACE;
    const about = changes.filter(({ changes: { removals } }) => removals.length > 0 || text === NOT_IN_PLACE);
    for (const { object } of about) this.say(object, [], [{ severity: "error", text }]);
    return undefined;
  }

  private change(object: ManifestObject, account: string, changes: ValueChanges): void {
    const isEmpty = changes.keys.every(({ keys }) => keys.renamed.size + keys.removed.size + keys.set.size === 0);
    if (!isEmpty || changes.removals.length > 0) this.changes.push({ object, account, changes });
  }

  say(object: ManifestObject, path: readonly string[], told: readonly Told[]): void {
    for (const one of told) this.messages.push({ ...one, object, path });
  }
}

/** Migrates `objects`; one without a namespace is in `namespace`. */
export const migrateManifests = (
  objects: readonly ManifestObject[],
  settings: MigrationSettings,
  namespace: string,
): MigratedManifests => {
  const serviceAccounts = collectServiceAccounts(objects, namespace);
  const injected = injectManifests(objects, { settings: settings.before, serviceAccounts, namespace });
  const migration = new Migration(settings);
  for (const written of serviceAccounts.written) migration.account(written);
  const after = { find: (inNamespace: string, name: string) => migration.find(inNamespace, name) };
  const decide = templateDecider(objects, { settings: settings.after, serviceAccounts: after, namespace });
  for (const decided of injected.decided) {
    const id = idOf(decided.namespace, decided.serviceAccount);
    if (migration.isFailed(id)) continue;
    const migrate = (account: AccountMigration | undefined) =>
      account === undefined
        ? unknownAccount(decided, settings)
        : migrateTemplate(decided, account, { settings, decide });
    migration.template(migrate, id);
  }
  for (const { object, path, namespace: inNamespace, serviceAccount } of injected.decided)
    if (mountsSecrets(templateOf(object, path))) migration.readBy(object, inNamespace, serviceAccount);
  for (const object of objects)
    for (const { namespace: named, name } of accountsReadFor(object))
      migration.readBy(object, named ?? object.namespace ?? namespace, name);
  // Vendors' webhooks see pods that nothing can be said of here.
  for (const { object, code, message } of injected.notices)
    if (code === "not-injectable") migration.say(object, [], [{ severity: "warning", text: message }]);
  const rewritten = migration.documents();
  return { rewritten, messages: migration.messages, bad: [...serviceAccounts.bad, ...injected.bad] };
};

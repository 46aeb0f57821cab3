/** A pod template's vendor keys and hand-written tokens: what becomes of them, proven by the pods before and after. */
import { resolveFederation } from "../federation/federation.ts";
import type { DecidedObject, DecideTemplate } from "../manifests/decide-template.ts";
import type { ValuePath } from "../manifests/remove-value.ts";
import { list, quote } from "../reasons/text.ts";
import { changedObject, type KeyPlace } from "./document-changes.ts";
import { difference } from "./effective-pod.ts";
import { findHandWritten, injectedPod, podAt, type Template } from "./hand-written.ts";
import type { AccountMigration, MigrationSettings } from "./migrate-account.ts";
import { migratePodKeys, vendorKeysOf } from "./migrate-pod-keys.ts";
import type { Told } from "./told.ts";

/** What becomes of one template. */
export interface TemplateMigration {
  readonly decided: DecidedObject;
  readonly keys: KeyPlace | undefined;
  /** Hand-written parts, from the object's top. */
  readonly removals: readonly ValuePath[];
  readonly told: readonly Told[];
  /** Its pods would not be the same, so that its ServiceAccount cannot be migrated either. */
  readonly isFailed: boolean;
}

/** What templates are migrated with. */
export interface TemplateContext {
  readonly settings: MigrationSettings;
  /** Decides as it will be: by our annotations alone. */
  readonly decide: DecideTemplate;
}

/** Why the pods would not be the same. */
const whyOther = (before: DecidedObject, template: Template, decide: DecideTemplate): string | undefined => {
  const after = decide(template.object, template.path, true);
  if ("problem" in after) return after.problem;
  const then = injectedPod(template, after);
  const now = injectedPod(before, before);
  if (now === undefined) return undefined;
  return then === undefined ? after.decision.message : difference(now, then)?.text;
};

const nothing = (decided: DecidedObject, told: readonly Told[]): TemplateMigration => ({
  decided,
  keys: undefined,
  removals: [],
  told,
  isFailed: false,
});

/** A template whose ServiceAccount is not among the manifests. */
export const unknownAccount = (decided: DecidedObject, settings: MigrationSettings): TemplateMigration => {
  const pod = podAt(decided);
  const [key, ...others] = pod === undefined ? [] : vendorKeysOf(pod, settings);
  if (key === undefined) return nothing(decided, []);
  const shown = list([key, ...others]);
  const text = `${shown}: its ServiceAccount ${quote(decided.serviceAccount, 63)} is not among the files; give it with -f too`;
  return nothing(decided, [{ severity: "error", text, key }]);
};

/** Migrates the template of `decided`, which was decided on with vendors' keys. */
export const migrateTemplate = (
  decided: DecidedObject,
  account: AccountMigration,
  { settings, decide }: TemplateContext,
): TemplateMigration => {
  const { object, path } = decided;
  const pod = podAt(decided);
  if (pod === undefined) return nothing(decided, []);
  const { keys, told } = migratePodKeys(pod, account, settings);
  const place = keys.isEmpty ? undefined : { path, keys };
  const changed = place === undefined ? object : changedObject(object, { keys: [place], removals: [] });
  const why = whyOther(decided, { object: changed, path }, decide);
  if (why !== undefined) {
    const text = `after the migration its pods would not be the same: ${why}; it and its ServiceAccount are left as they are`;
    return { ...nothing(decided, [{ severity: "error", text }]), isFailed: true };
  }
  const { identities } = resolveFederation(account.after, settings.after);
  const context = { decide, prefix: settings.after.annotationPrefix };
  const hand = findHandWritten({ object: changed, path }, identities, context);
  return { decided, keys: place, removals: hand.removals, told: [...told, ...hand.told], isFailed: false };
};

/** A pod's vendor keys as ours, and its labels where they mean that it has no identity. */
import type { NativeRule } from "../configuration/native.ts";
import { declinedBy } from "../federation/claims.ts";
import { readNativePodKeys } from "../injection/native-pod-keys.ts";
import { type Pod, placedContainers } from "../pod/pod.ts";
import { isBlank } from "../reasons/characters.ts";
import { list, quote } from "../reasons/text.ts";
import { KeyEditor } from "./key-changes.ts";
import type { AccountMigration, MigrationSettings } from "./migrate-account.ts";
import type { Told } from "./told.ts";

/** What becomes of a pod's annotations. */
export interface PodKeysMigration {
  readonly keys: KeyEditor;
  readonly told: readonly Told[];
}

/** The vendors' annotations that a pod of any ServiceAccount has, for messages. */
export const vendorKeysOf = ({ metadata }: Pod, { before }: MigrationSettings): readonly string[] => {
  const annotations = metadata?.annotations ?? {};
  const known = [...before.providers.values()].flatMap(({ native }) =>
    native.flatMap(({ skipContainers, onlyContainers, lifetime }) => [skipContainers, onlyContainers, lifetime.podKey]),
  );
  return [...new Set(known)].filter((key) => key !== undefined && !isBlank(annotations[key] ?? "")) as string[];
};

const NAMES = ["only-containers", "skip-containers", "expiration-seconds"] as const;

const keyFor = (rule: NativeRule, name: (typeof NAMES)[number]): string | undefined =>
  ({
    "only-containers": rule.onlyContainers,
    "skip-containers": rule.skipContainers,
    "expiration-seconds": rule.lifetime.podKey,
  })[name];

/** The keys of one pod. */
class PodKeysMigrator {
  readonly told: Told[] = [];
  readonly keys: KeyEditor;
  private readonly annotations: ReadonlyMap<string, string>;
  private readonly pod: Pod;
  private readonly account: AccountMigration;
  private readonly settings: MigrationSettings;

  constructor(pod: Pod, account: AccountMigration, settings: MigrationSettings) {
    this.pod = pod;
    this.account = account;
    this.settings = settings;
    this.annotations = new Map(Object.entries(pod.metadata?.annotations ?? {}));
    this.keys = new KeyEditor(this.annotations, settings.keep);
  }

  migrate(): void {
    const { claims } = this.account;
    const declined = declinedBy(claims.askedOfPods, {
      labels: this.pod.metadata?.labels,
      annotations: this.annotations.size === 0 ? undefined : Object.fromEntries(this.annotations),
    });
    const names = [...claims.providers.keys()];
    const refused = names.filter((name) => claims.providers.get(name) === "native" && declined.has(name));
    const isAll = refused.length === names.length;
    this.translate(names, isAll ? [] : refused);
    if (refused.length > 0) this.optOut(refused, isAll);
  }

  /** `skipped`: providers that get a list of containers of their own. */
  private translate(providers: readonly string[], skipped: readonly string[]): void {
    const { before } = this.settings;
    const { asked, warnings } = readNativePodKeys(this.pod, before, providers);
    for (const { text, field } of warnings)
      this.told.push({ severity: "warning", text: `${text}; kept`, key: field?.at(-1) });
    for (const provider of providers) {
      const names = skipped.includes(provider) ? NAMES.filter((name) => name !== "skip-containers") : NAMES;
      for (const rule of before.providers.get(provider)?.native ?? [])
        for (const name of names) this.value(provider, keyFor(rule, name), name, asked.get(provider)?.[name]);
    }
  }

  private value(
    provider: string,
    key: string | undefined,
    name: (typeof NAMES)[number],
    asked: string | undefined,
  ): void {
    if (key === undefined || isBlank(this.annotations.get(key) ?? "")) return;
    const target = `${provider}.${this.settings.before.annotationPrefix}/${name}`;
    const isOurs = !isBlank(this.annotations.get(target) ?? "");
    // A lifetime that does not count is kept, and was warned about.
    if (asked === undefined && !isOurs) return;
    if (asked !== undefined && !isOurs) this.keys.write(target, asked, key);
    this.keys.drop(key);
  }

  /** Without the vendor's keys being read, nothing else would keep the identity from the pod. */
  private optOut(providers: readonly string[], isAll: boolean): void {
    const { annotationPrefix: prefix } = this.settings.before;
    const key = isAll ? `${prefix}/inject` : `${providers[0]}.${prefix}/skip-containers`;
    if (isAll) this.keys.write(key, "false", undefined);
    else for (const provider of providers) this.skipAll(provider);
    const text = `by its labels or annotations the pod has no identity of ${list(providers)}; so it stays, by ${quote(key, 100)}, which is to be removed where that is not meant`;
    this.told.push({ severity: "note", text });
  }

  private skipAll(provider: string): void {
    const { before } = this.settings;
    const key = `${provider}.${before.annotationPrefix}/skip-containers`;
    const written = this.annotations.get(key) ?? "";
    const names = placedContainers(this.pod).map(({ container }) => container.name);
    const known = new Set(written.split(",").map((name) => name.trim()));
    const added = names.filter((name) => !known.has(name));
    const vendors = (before.providers.get(provider)?.native ?? []).map(({ skipContainers }) => skipContainers ?? "");
    const from = vendors.find((one) => this.annotations.has(one));
    this.keys.write(key, [...(isBlank(written) ? [] : [written]), ...new Set(added)].join(","), from);
    for (const one of vendors) this.keys.drop(one);
  }
}

/** Migrates the annotations of one pod of `account`. */
export const migratePodKeys = (pod: Pod, account: AccountMigration, settings: MigrationSettings): PodKeysMigration => {
  const migrator = new PodKeysMigrator(pod, account, settings);
  migrator.migrate();
  return { keys: migrator.keys, told: migrator.told };
};

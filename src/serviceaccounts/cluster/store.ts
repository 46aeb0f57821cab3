/**
 * Every ServiceAccount of a cluster in little memory: annotations of those that concern Podpass, of the others names. The
 * annotations of one namespace have a share of the memory, so that whoever fills it harms that namespace alone.
 */
import { type AccountKeys, federatesBare } from "../../federation/account-keys.ts";
import type { ServiceAccount } from "../../federation/service-account.ts";
import type { Metadata } from "../../kube/object-parts.ts";
import type { StoreEvent } from "./list-and-watch.ts";
import { ownPart } from "./own-part.ts";

const NO_ANNOTATIONS: ReadonlyMap<string, string> = new Map();

/**
 * The share of one namespace, in characters. Some 5,000 usual ServiceAccounts with three annotations each; eight with all
 * the annotations that Kubernetes allows.
 */
export const NAMESPACE_SHARE = 2 * 1024 * 1024;

/** What an annotation costs beside its text, in characters. */
const PER_ANNOTATION = 64;

const sizeOf = (account: ServiceAccount): number => {
  let size = 0;
  for (const [key, value] of account.annotations) size += PER_ANNOTATION + key.length + value.length;
  return size;
};

const isTheSame = (a: ServiceAccount, b: ServiceAccount): boolean => {
  if (a.annotations.size !== b.annotations.size) return false;
  for (const [key, value] of a.annotations) if (b.annotations.get(key) !== value) return false;
  return true;
};

/** Is there, with annotations that are read that found no room. Whoever asks for it reads it live. */
const LEFT_OUT = Symbol("left out");

/** Undefined for those without annotations that are read. */
type Kept = ServiceAccount | typeof LEFT_OUT | undefined;

/** What is known of one namespace. */
interface Namespace {
  readonly kept: Map<string, Kept>;
  /** Characters of annotations. */
  size: number;
}

const accountOf = (kept: Kept): ServiceAccount | undefined => (typeof kept === "object" ? kept : undefined);

/** A store for the annotations that one configuration reads. */
export class AccountStore {
  private readonly keys: AccountKeys;
  private readonly namespaces = new Map<string, Namespace>();
  private accounts = 0;
  private owned = 0;
  private leftOut = 0;
  /** What an object was before; kept until a new store is complete. */
  private before: AccountStore | undefined;
  private names: Map<string, string> | undefined;

  private readonly onCrowded: (namespace: string) => void;
  /** Those of which `onCrowded` was told; of all stores that replaced each other. */
  private readonly crowded: Set<string>;

  /**
   * `before`: the store that this one will replace. Objects that stay the same are taken over as they are. `onCrowded` is
   * called with a namespace the first time that one of its ServiceAccounts finds no room.
   */
  constructor(keys: AccountKeys, before?: AccountStore, onCrowded: (namespace: string) => void = () => {}) {
    this.keys = keys;
    this.before = before;
    this.onCrowded = before?.onCrowded ?? onCrowded;
    this.crowded = before?.crowded ?? new Set();
    this.names = new Map();
  }

  /** How many there are. */
  get size(): number {
    return this.accounts;
  }

  /** How many carry an annotation that is read, those that are left out too. */
  get ownSize(): number {
    return this.owned + this.leftOut;
  }

  /** How many found no room in their namespace's share; each until it changes or is listed anew. */
  get leftOutSize(): number {
    return this.leftOut;
  }

  /** Undefined: none of this name is known, or it is left out. Which of the two only the API server can say. */
  get(namespace: string, name: string): ServiceAccount | undefined {
    const found = this.namespaces.get(namespace)?.kept;
    const kept = found?.get(name);
    if (kept !== undefined) return accountOf(kept);
    return found?.has(name) ? { namespace, name, annotations: NO_ANNOTATIONS } : undefined;
  }

  /** Those with an annotation that is read, without those that are left out; and those that are federated without any. */
  *own(): Generator<ServiceAccount> {
    if (this.owned === 0 && this.keys.defaults.length === 0) return;
    for (const [namespace, { kept }] of this.namespaces) {
      const hasBare = federatesBare(this.keys, namespace);
      for (const [name, one] of kept) {
        const account = accountOf(one);
        if (account !== undefined) yield account;
        else if (one === undefined && hasBare) yield { namespace, name, annotations: NO_ANNOTATIONS };
      }
    }
  }

  /** What `metadata` stands for: the object that is stored already, where nothing changed that is kept. */
  view(metadata: Metadata): ServiceAccount {
    const { namespace, name } = metadata;
    const next = ownPart(metadata, this.keys);
    if (next === undefined) return { namespace, name, annotations: NO_ANNOTATIONS };
    const known = this.known(namespace, name) ?? this.before?.known(namespace, name);
    return known !== undefined && isTheSame(known, next) ? known : next;
  }

  /** Takes over what `event` says; returns whether {@link own} changed. */
  apply(event: StoreEvent): boolean {
    if (event.type === "put") return this.put(event.metadata);
    if (event.type === "delete") return this.delete(event.metadata.namespace, event.metadata.name);
    return false;
  }

  /** Adds or replaces; returns whether {@link own} changed. */
  put(metadata: Metadata): boolean {
    const name = this.intern(metadata.name);
    const inNamespace = this.intern(metadata.namespace);
    const account = this.view({ ...metadata, namespace: inNamespace, name });
    let namespace = this.namespaces.get(inNamespace);
    if (namespace === undefined) {
      namespace = { kept: new Map(), size: 0 };
      this.namespaces.set(inNamespace, namespace);
    }
    const known = namespace.kept.get(name);
    const isNew = !namespace.kept.has(name);
    if (isNew) this.accounts += 1;
    this.count(namespace, known, -1);
    const next = account.annotations === NO_ANNOTATIONS ? undefined : this.keep(namespace, account);
    this.count(namespace, next, 1);
    namespace.kept.set(name, next);
    if (accountOf(known) !== accountOf(next)) return true;
    return isNew && next === undefined && federatesBare(this.keys, inNamespace);
  }

  /** Removes; returns whether {@link own} changed. */
  delete(namespace: string, name: string): boolean {
    const found = this.namespaces.get(namespace);
    if (!found?.kept.has(name)) return false;
    const known = found.kept.get(name);
    found.kept.delete(name);
    if (found.kept.size === 0) this.namespaces.delete(namespace);
    this.accounts -= 1;
    this.count(found, known, -1);
    return accountOf(known) !== undefined || (known === undefined && federatesBare(this.keys, namespace));
  }

  /** Says that the first list is complete, which frees what only its reading needed. */
  complete(): void {
    this.before = undefined;
    this.names = undefined;
  }

  private known(namespace: string, name: string): ServiceAccount | undefined {
    return accountOf(this.namespaces.get(namespace)?.kept.get(name));
  }

  private keep(namespace: Namespace, account: ServiceAccount): Kept {
    if (namespace.size + sizeOf(account) <= NAMESPACE_SHARE) return account;
    if (!this.crowded.has(account.namespace)) {
      this.crowded.add(account.namespace);
      this.onCrowded(account.namespace);
    }
    return LEFT_OUT;
  }

  private count(namespace: Namespace, kept: Kept, sign: 1 | -1): void {
    if (kept === undefined) return;
    if (kept === LEFT_OUT) {
      this.leftOut += sign;
      return;
    }
    this.owned += sign;
    namespace.size += sign * sizeOf(kept);
  }

  /** An account repeats its keys, most namespaces have a `default`, and charts use the same names: one text for all. */
  private intern(name: string): string {
    const known = this.names?.get(name);
    if (known !== undefined) return known;
    this.names?.set(name, name);
    return name;
  }
}

/** Every ServiceAccount of a cluster in little memory: annotations of those that concern Podpass, of the others names. */
import type { ServiceAccount } from "../federation/service-account.ts";
import type { Metadata } from "./metadata.ts";
import { ownPart } from "./own-part.ts";

const NO_ANNOTATIONS: ReadonlyMap<string, string> = new Map();

const isTheSame = (a: ServiceAccount, b: ServiceAccount): boolean =>
  a.annotations.size === b.annotations.size &&
  [...a.annotations].every(([key, value]) => b.annotations.get(key) === value);

/** A store for one prefix of annotations. */
export class AccountStore {
  private readonly prefix: string;
  /** By namespace and name; undefined for those without annotations under the prefix. */
  private readonly namespaces = new Map<string, Map<string, ServiceAccount | undefined>>();
  private accounts = 0;
  private owned = 0;
  /** What an object was before; kept until a new store is complete. */
  private before: AccountStore | undefined;
  private names: Map<string, string> | undefined;

  /** `before`: the store that this one will replace. Objects that stay the same are taken over as they are. */
  constructor(prefix: string, before?: AccountStore) {
    this.prefix = prefix;
    this.before = before;
    this.names = new Map();
  }

  /** How many there are. */
  get size(): number {
    return this.accounts;
  }

  /** How many carry an annotation under the prefix. */
  get ownSize(): number {
    return this.owned;
  }

  /** Undefined: there is none of this name. */
  get(namespace: string, name: string): ServiceAccount | undefined {
    const found = this.namespaces.get(namespace);
    const account = found?.get(name);
    if (account !== undefined) return account;
    return found?.has(name) ? { namespace, name, annotations: NO_ANNOTATIONS } : undefined;
  }

  /** Those with an annotation under the prefix. */
  *own(): Generator<ServiceAccount> {
    if (this.owned === 0) return;
    for (const names of this.namespaces.values())
      for (const account of names.values()) if (account !== undefined) yield account;
  }

  /** What `metadata` stands for: the object that is stored already, where nothing changed that is kept. */
  view(metadata: Metadata): ServiceAccount {
    const { namespace, name } = metadata;
    const next = ownPart(metadata, this.prefix);
    if (next === undefined) return { namespace, name, annotations: NO_ANNOTATIONS };
    const known = this.known(namespace, name) ?? this.before?.known(namespace, name);
    return known !== undefined && isTheSame(known, next) ? known : next;
  }

  /** Adds or replaces; returns whether {@link own} changed. */
  put(metadata: Metadata): boolean {
    const account = this.view(metadata);
    const isOwn = account.annotations !== NO_ANNOTATIONS;
    const name = this.intern(metadata.name);
    let names = this.namespaces.get(metadata.namespace);
    if (names === undefined) {
      names = new Map();
      this.namespaces.set(metadata.namespace, names);
    }
    const known = names.get(name);
    if (!names.has(name)) this.accounts += 1;
    this.owned += Number(isOwn) - Number(known !== undefined);
    names.set(name, isOwn ? account : undefined);
    return known !== (isOwn ? account : undefined);
  }

  /** Removes; returns whether {@link own} changed. */
  delete(namespace: string, name: string): boolean {
    const names = this.namespaces.get(namespace);
    if (!names?.has(name)) return false;
    const known = names.get(name);
    names.delete(name);
    if (names.size === 0) this.namespaces.delete(namespace);
    this.accounts -= 1;
    this.owned -= Number(known !== undefined);
    return known !== undefined;
  }

  /** Says that the first list is complete, which frees what only its reading needed. */
  complete(): void {
    this.before = undefined;
    this.names = undefined;
  }

  private known(namespace: string, name: string): ServiceAccount | undefined {
    return this.namespaces.get(namespace)?.get(name);
  }

  /** Most namespaces have a `default`, and charts use the same names everywhere: one text for all. */
  private intern(name: string): string {
    const known = this.names?.get(name);
    if (known !== undefined) return known;
    this.names?.set(name, name);
    return name;
  }
}

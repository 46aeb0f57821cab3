/** What federates a ServiceAccount beside our own annotation, compiled: vendors' keys, and defaults of namespaces. */
import type { NativeSpec } from "../providers/native-spec.ts";
import { matchesAny } from "./patterns.ts";

/** A vendor's annotation for a parameter that a ServiceAccount may set. */
export interface NativeValue {
  readonly key: string;
  /** Taken away from the beginning of what is written, which sets nothing where it begins otherwise. */
  readonly behind: string;
  /** Put in front of what is left. */
  readonly prefix: string;
}

/** The keys of one vendor's webhook that are read for a provider. */
export interface NativeRule extends Pick<NativeSpec, "trigger" | "podLabel" | "skipContainers" | "onlyContainers"> {
  readonly optOut: NonNullable<NativeSpec["optOut"]>;
  /** By the parameter's name. */
  readonly parameters: ReadonlyMap<string, NativeValue>;
  /** Annotations for parameters that the platform keeps to itself or has fixed. */
  readonly kept: readonly string[];
  readonly audienceKey: string | undefined;
  /** Undefined where the vendor has none, and where the configuration says its own. */
  readonly defaultAudience: string | undefined;
  readonly lifetime: {
    readonly key: string | undefined;
    readonly podKey: string | undefined;
    /** Inside all bounds; undefined where the vendor has none, and where the configuration says its own. */
    readonly default: number | undefined;
    readonly min: number;
    readonly unreadable: "ignored" | "refused";
  };
  readonly unsupported: NonNullable<NativeSpec["unsupported"]>;
  readonly writes: readonly string[];
}

/** What the ServiceAccounts of some namespaces have where they say nothing themselves. */
export interface NamespaceDefault {
  /** Patterns, of namespaces that the provider is allowed in. */
  readonly namespaces: readonly string[];
  readonly parameters: ReadonlyMap<string, string>;
  /** Does it federate every ServiceAccount there? Only where it leaves nothing open that the provider requires. */
  readonly federates: boolean;
}

/** What a provider has of it. */
export interface Implied {
  readonly native: readonly NativeRule[];
  readonly defaults: readonly NamespaceDefault[];
  readonly allowedNamespaces: readonly string[] | undefined;
}

/** Is `provider` for pods in `namespace`? */
export const isAllowedIn = ({ allowedNamespaces: allowed }: Implied, namespace: string): boolean =>
  allowed === undefined || matchesAny(allowed, namespace);

/** The default of `provider` for ServiceAccounts in `namespace`: the first that matches. */
export const defaultFor = (provider: Implied, namespace: string): NamespaceDefault | undefined => {
  if (provider.defaults.length === 0 || !isAllowedIn(provider, namespace)) return undefined;
  return provider.defaults.find(({ namespaces }) => matchesAny(namespaces, namespace));
};

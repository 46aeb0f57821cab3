/** The configuration as the rest of Podpass uses it: compiled, with every default in place and every list a Map. */
import type { FileBody } from "../providers/file-template.ts";
import type { Template } from "../providers/template.ts";
import type { Conditions } from "../providers/when.ts";
import type { Implied } from "./native.ts";
import type { Notice } from "./problem.ts";

/** Lifetimes in seconds; `min` and `max` are inclusive. */
export interface Bounds {
  readonly min: number;
  readonly max: number;
}

/** What a value has to look like, as a whole. */
export interface ValuePattern {
  /** In time that grows with the value's length and no faster. */
  matches(value: string): boolean;
}

/** A parameter, compiled. */
export interface Parameter {
  readonly name: string;
  readonly description: string;
  readonly required: boolean;
  /** Undefined when any text will do. */
  readonly pattern: ValuePattern | undefined;
  /** The pattern as it was written, for messages. */
  readonly patternText: string | undefined;
  /** In characters (code points). */
  readonly maxLength: number;
  /** Does it go into an INI file, in which not every value can be written? */
  readonly isInIni: boolean;
  readonly platformValue: string | undefined;
  /** Has the platform a value that nobody may override? */
  readonly isFixed: boolean;
  /** May a ServiceAccount's annotation set it? */
  readonly settable: boolean;
}

/** A variable, compiled. */
export interface EnvTemplate {
  readonly name: string;
  readonly template: Template;
  /** Does it hold the path of the token or of a file? */
  readonly holdsPath: boolean;
  /** Does it name the identity, being made from a required parameter? */
  readonly namesIdentity: boolean;
  /** Does the program choose the identity by it? */
  readonly choosesIdentity: boolean;
  readonly when: Conditions;
}

/** A file, compiled. */
export interface FileTemplate {
  readonly name: string;
  readonly body: FileBody;
  /** Does its content name the token's path? */
  readonly namesToken: boolean;
  readonly when: Conditions;
  /** The pod annotation that holds its content, e.g. `gcp.podpass.dev/credentials.json`. */
  readonly annotation: string;
}

/** A provider, compiled. */
export interface Provider extends Implied {
  readonly name: string;
  readonly preset: string | undefined;
  readonly audience: Template;
  readonly lifetime: Bounds & { readonly default: number };
  readonly mountPath: string;
  readonly fileName: string;
  readonly defaultMode: number | undefined;
  readonly parameters: ReadonlyMap<string, Parameter>;
  readonly env: readonly EnvTemplate[];
  readonly envTogether: readonly (readonly string[])[];
  readonly files: readonly FileTemplate[];
  /** None of its own variables that is always set. */
  readonly shadowedBy: readonly string[];
  /** Those of `shadowedBy` that count even where they are an empty literal. */
  readonly shadowedEvenEmpty: ReadonlySet<string>;
  /** None of its own variables that is always set. */
  readonly displaces: readonly string[];
  readonly expectsOneOf: readonly (readonly string[])[];
  readonly conflictsWith: ReadonlySet<string>;
  /** Undefined: every namespace. */
  readonly allowedNamespaces: readonly string[] | undefined;
  /** Empty where the configuration does not have vendors' annotations read. */
  readonly native: Implied["native"];
  readonly defaults: Implied["defaults"];
}

/** The platform's rules for tokens and ServiceAccounts. */
export interface Policy {
  readonly enforcement: "Enforce" | "Warn";
  /** Patterns of namespaces in which nothing is refused or clamped. */
  readonly exemptNamespaces: readonly string[];
  readonly lifetime: (Bounds & { readonly violation: "Clamp" | "Deny" | "Warn" }) | undefined;
  readonly audiences: { readonly allow: readonly string[]; readonly violation: "Deny" | "Warn" } | undefined;
  /** What the API server gives where no audience is asked for; undefined where nobody said. */
  readonly apiServerAudiences: readonly string[] | undefined;
  /** What becomes of a TokenRequest outside `lifetime` and `audiences`. */
  readonly tokenRequests: "Deny" | "Warn" | "Off";
  /** What becomes of a Secret with a token that has no end. */
  readonly legacySecrets: "Deny" | "Warn" | "Off";
  readonly invalidServiceAccount: "Deny" | "Warn";
  readonly podOverrides: ReadonlySet<"expiration-seconds">;
}

/** A whole configuration, compiled. */
export interface Settings {
  readonly annotationPrefix: string;
  readonly providers: ReadonlyMap<string, Provider>;
  readonly policy: Policy;
  /** May a ServiceAccount be federated without our own annotation? */
  readonly hasImplied: boolean;
  /** Only of two configurations at once: the providers of each. What our annotation does not federate, both have to. */
  readonly alternatives?: readonly (readonly Provider[])[];
  /** The same: do both judge tokens, though perhaps by no rule that they share? */
  readonly areTokensJudged?: boolean;
  /** The same: providers that are not those of both, and so are not served. */
  readonly others?: readonly Provider[];
  /** Logged once when the configuration is read. */
  readonly notices: readonly Notice[];
}

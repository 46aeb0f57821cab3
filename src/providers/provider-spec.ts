/**
 * What a provider is before it is compiled: plain data. A preset is a file of this shape, and so is an entry under
 * `providers` in the configuration; the second overrides the first field by field.
 */

/** A value that an identity needs at a provider, set by the platform or on the ServiceAccount. */
export interface ParameterSpec {
  /** What it is, in a sentence. */
  readonly description?: string | undefined;
  /** Without a value nobody can use the provider. */
  readonly required?: boolean | undefined;
  /** ECMAScript, `u` flag; the whole value has to match, anchored or not. */
  readonly pattern?: string | undefined;
  /** The platform's value where the ServiceAccount has none. */
  readonly default?: string | undefined;
  /** The platform's value that nobody may override. */
  readonly value?: string | undefined;
  /** Who may set it. `platform` for everything that decides where a token is sent. */
  readonly scope?: "serviceAccount" | "platform" | undefined;
  /** A value that matches the pattern, for the documentation and for tests. */
  readonly example?: string | undefined;
}

/** The projected token: what it is for, how long it lives (seconds), where it lies. */
export interface TokenSpec {
  /** A template over parameters. */
  readonly audience?: string | undefined;
  readonly expirationSeconds?:
    | { readonly default?: number | undefined; readonly min?: number | undefined; readonly max?: number | undefined }
    | undefined;
  /** Absolute. Without it: `/var/run/secrets/podpass.dev/<provider>`. */
  readonly mountPath?: string | undefined;
  /** Without it: `token`. */
  readonly fileName?: string | undefined;
  /** Mode of the files, 0 to 511 (0777). Without it Kubernetes' own default. */
  readonly defaultMode?: number | undefined;
}

/** A value of a JSON file; every string in it is a template. */
export type JsonTemplate =
  | string
  | number
  | boolean
  | null
  | readonly JsonTemplate[]
  | { readonly [key: string]: JsonTemplate };

/** A file that lies beside the token. Exactly one of `json` and `text`. */
export interface FileSpec {
  readonly name: string;
  readonly json?: JsonTemplate | undefined;
  readonly text?: string | undefined;
  /** The file is only there when each of these parameters has this value. */
  readonly when?: { readonly [parameter: string]: string } | undefined;
}

/**
 * How much of the identity an unmodified program picks up: `env` and `env+file`, all of it; `code`, the program must
 * already ask for the federated identity.
 */
export type Support = "env" | "env+file" | "code";

/** A provider as data. */
export interface ProviderSpec {
  readonly description?: string | undefined;
  readonly token?: TokenSpec | undefined;
  readonly parameters?: { readonly [name: string]: ParameterSpec } | undefined;
  /** Variable to template, in the order in which they are set. `null` takes a preset's variable away. */
  readonly env?: { readonly [name: string]: string | null } | undefined;
  /** Groups of variables of which none is set where the container has one of them already. */
  readonly envTogether?: readonly (readonly string[])[] | undefined;
  readonly files?: readonly FileSpec[] | undefined;
  /** Variables that make the SDK use a static key instead of the identity. */
  readonly shadowedBy?: readonly string[] | undefined;
  /** Providers or presets that cannot work in the same container. */
  readonly conflictsWith?: readonly string[] | undefined;
  /** Patterns with `*`. Without it: every namespace. */
  readonly allowedNamespaces?: readonly string[] | undefined;
}

/** A built-in provider, with what a person must know of it. */
export interface Preset extends ProviderSpec {
  /** The preset's name, and the provider's where nothing is configured. */
  readonly name: string;
  /** The service's own name. */
  readonly title: string;
  readonly description: string;
  readonly support: Support;
  /** The vendor's page that says what the SDK reads. */
  readonly documentation: string;
  /** What was not verified, in a sentence each. */
  readonly unverified?: readonly string[];
  /** What a person should know before using it, in a sentence each. */
  readonly notes?: readonly string[];
  readonly token: TokenSpec & { readonly audience: string };
  readonly parameters: { readonly [name: string]: ParameterSpec & { readonly description: string } };
  readonly env: { readonly [name: string]: string };
}

/**
 * What a provider is before it is compiled: plain data. A preset is a file of this shape, and so is an entry under
 * `providers` in the configuration; the second overrides the first field by field.
 */
import type { NativeSpec } from "./native-spec.ts";

/** A value that an identity needs at a provider, set by the platform or on the ServiceAccount. */
export interface ParameterSpec {
  /** What it is, in a sentence. */
  readonly description?: string | undefined;
  /** Without a value nobody can use the provider. */
  readonly required?: boolean | undefined;
  /** RE2; the whole value has to match, anchored or not. */
  readonly pattern?: string | undefined;
  /** The most characters of a value, up to 16,384. Without it: 1,024. */
  readonly maxLength?: number | undefined;
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

/** What a parameter has to be: this value; or to have a value, or none. */
export type ParameterCondition = string | { readonly set: boolean };

/** Something is only there when each of these parameters is so. */
export interface When {
  readonly [parameter: string]: ParameterCondition;
}

/** A variable that is not always there. */
export interface ConditionalEnv {
  /** A template. */
  readonly value: string;
  readonly when: When;
}

/** A value of a JSON or TOML file; every string in it is a template. */
export type JsonTemplate =
  | string
  | number
  | boolean
  | null
  | readonly JsonTemplate[]
  | { readonly [key: string]: JsonTemplate };

/** A value that has no parts; a text is a template. */
export type ScalarTemplate = string | number | boolean;

/** An INI file as AWS' SDKs read it: sections of keys, of which one may have keys of its own below it. */
export interface IniTemplate {
  readonly [section: string]: { readonly [key: string]: ScalarTemplate | { readonly [key: string]: ScalarTemplate } };
}

/** A file of Java's properties; a text is a template. */
export interface PropertiesTemplate {
  readonly [key: string]: ScalarTemplate;
}

/** A file that lies beside the token. Exactly one of `json`, `toml`, `ini`, `properties` and `text`. */
export interface FileSpec {
  readonly name: string;
  readonly json?: JsonTemplate | undefined;
  /** Tables and values; none of them null. */
  readonly toml?: { readonly [key: string]: JsonTemplate } | undefined;
  readonly ini?: IniTemplate | undefined;
  readonly properties?: PropertiesTemplate | undefined;
  readonly text?: string | undefined;
  readonly when?: When | undefined;
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
  readonly env?: { readonly [name: string]: string | ConditionalEnv | null } | undefined;
  /** Groups of variables of which none is set where the container has one of them already. */
  readonly envTogether?: readonly (readonly string[])[] | undefined;
  readonly files?: readonly FileSpec[] | undefined;
  /** Variables that make the SDK use a static key instead of the identity. */
  readonly shadowedBy?: readonly string[] | undefined;
  /** Those of them that keep an SDK from the identity even where their value is empty. */
  readonly shadowedEvenEmpty?: readonly string[] | undefined;
  /** Variables of another identity that works, and that the SDK leaves once it finds this one. */
  readonly displaces?: readonly string[] | undefined;
  /** Variables of its own by which the SDK chooses this identity: set to something else, they leave it unused. */
  readonly chosenBy?: readonly string[] | undefined;
  /** Groups of variables of which the SDK needs one, whoever sets it. */
  readonly expectsOneOf?: readonly (readonly string[])[] | undefined;
  /** Providers or presets that cannot work in the same container. */
  readonly conflictsWith?: readonly string[] | undefined;
  /** Patterns with `*`. Without it: every namespace. */
  readonly allowedNamespaces?: readonly string[] | undefined;
  /** The keys of vendors' own webhooks that mean this provider. */
  readonly native?: readonly NativeSpec[] | undefined;
}

/** When a part of a {@link TrustSpec} applies; every condition that is written has to hold. */
export interface TrustCondition {
  /** How the provider gets the cluster's keys: it fetches them, or they are handed over. */
  readonly keys?: "discovery" | "upload";
  /** This parameter has a value. */
  readonly has?: string;
  /** This parameter has none. */
  readonly lacks?: string;
  /** One ServiceAccount is trusted, or all whose names match a pattern. */
  readonly subject?: "exact" | "pattern";
}

/**
 * One word of a command: a template, or JSON written into the word. No value in a template is let into a command that a
 * command-line tool could read as anything but text; in JSON every value is.
 */
export type TrustWord =
  | string
  | { readonly word: string; readonly when: TrustCondition }
  | { readonly json: JsonTemplate }
  | { readonly document: string };

interface TrustStepBase {
  /** What it does, in a sentence. */
  readonly title: string;
  /** Done once for a cluster, not once for a ServiceAccount. */
  readonly once?: boolean;
  readonly when?: TrustCondition;
}

/** What a person does at the provider: pastes a command or a statement, or fills in a form. */
export type TrustStep =
  | (TrustStepBase & {
      readonly command: readonly TrustWord[] /** The file its output goes to. */;
      readonly writes?: string;
    })
  | (TrustStepBase & {
      /** Where the form is, in the vendor's own words. */
      readonly place: string;
      /** The vendor's label to template; one whose value is empty is for the person to choose. */
      readonly form: { readonly [label: string]: string };
      /** Documents to paste there. */
      readonly documents?: readonly string[];
    })
  | (TrustStepBase & {
      /** Where it is pasted, in the vendor's own words. */
      readonly place: string;
      readonly statement: TrustStatement;
    });

/**
 * A text in a language of the provider's, with each reference between quotes: single ones in SQL, double ones in YAML. Values
 * are escaped for them, so that none can end them; a name between other quotes can only be one that is made here, such as
 * `${account.slug}`.
 */
export interface TrustStatement {
  readonly language: "sql" | "yaml";
  readonly lines: readonly string[];
}

/** JSON to paste; keys are templates too. */
export interface TrustDocument {
  readonly json: JsonTemplate;
  readonly when?: TrustCondition;
  /**
   * It is a policy, in which the vendor takes `${…}` for a variable: it is not printed with a value that would be one.
   * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
   */
  readonly isPolicy?: true;
}

/**
 * What a provider has to be told before it accepts this cluster's tokens. Every text is a template over `${issuer}`,
 * `${issuer.hostPath}` (without the scheme), `${issuer.slug}`, `${jwks}` (JSON on one line), `${jwks.uri}`,
 * `${jwks.upload}` (only where keys are uploaded), `${audience}`, `${subject}`, `${serviceAccount.namespace}`,
 * `${serviceAccount.name}`, `${account.slug}`, `${subject.regex}` (RE2, for patterns), `${parameter.NAME}` and `${value.NAME}`; what has no value becomes a placeholder such as
 * `<role-arn>`. In a document, a text that is `${json.jwks}` or `${json.jwks.keys}` and nothing else becomes that JSON.
 */
export interface TrustSpec {
  /** `discovery`: the provider has to reach the issuer. `upload`: it is given the keys. */
  readonly keys: "discovery" | "upload" | "either";
  /** Parts of parameters: the pattern's first group, or `otherwise`, or a placeholder. */
  readonly values?: {
    readonly [name: string]: { readonly from: string; readonly pattern: string; readonly otherwise?: string };
  };
  /** The provider's own names for what it is told; issuer, audience and subject are always there as well. */
  readonly fields?: { readonly [name: string]: string | { readonly text: string; readonly when: TrustCondition } };
  readonly documents?: { readonly [name: string]: TrustDocument };
  readonly steps: readonly TrustStep[];
  /**
   * Can it match subjects by a pattern? Then `${subject}` may have `*` for any run of characters, and steps say `subject`.
   * `prefix`: there is one `*`, which is the last character.
   */
  readonly subjectPatterns?: true | "prefix";
  /** The longest subject that the provider takes, in bytes. */
  readonly maxSubjectBytes?: number;
  readonly notes?: readonly string[];
  readonly unverified?: readonly string[];
}

/** An SDK that was run against the preset, from end to end. */
export interface SeenSdk {
  readonly registry: "npm" | "PyPI" | "Go" | "Maven";
  /** The package's name in it; in Go the module's, in Maven `GROUP:NAME`. */
  readonly sdk: string;
  /** The version that was run: older ones may work, newer ones should. */
  readonly version: string;
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
  /** What the end-to-end tests run; nothing else is listed. */
  readonly seenWith?: readonly SeenSdk[];
  /** What was not verified, in a sentence each. */
  readonly unverified?: readonly string[];
  /** What a person should know before using it, in a sentence each. */
  readonly notes?: readonly string[];
  readonly token: TokenSpec & { readonly audience: string };
  readonly parameters: { readonly [name: string]: ParameterSpec & { readonly description: string } };
  readonly env: { readonly [name: string]: string | ConditionalEnv };
  readonly trust: TrustSpec;
  /** What the vendor's own webhook calls its volumes, `*` being any run of characters: only for reports. */
  readonly vendorVolumes?: readonly string[];
}

/** Everything that is known when the checks begin: plain values, gathered before, so that the checks ask nobody. */
import type { LocatedProblem } from "../configuration/read.ts";
import type { Settings } from "../configuration/settings.ts";
import type { Discovery } from "../trust/cluster-queries.ts";
import type { AccountSurvey, Sample } from "./accounts.ts";
import type { Bundle, CaSecret, Leaf } from "./certificates.ts";
import type { Rights } from "./permissions.ts";
import type { Read } from "./read.ts";
import type { Namespace } from "./selectors.ts";
import type { StoredPolicy } from "./stored-policy.ts";
import type { Webhook } from "./webhooks.ts";
import type { Budget, Deployment, Replica } from "./workload.ts";

/** Which installation is checked. */
export interface Installation {
  readonly namespace: string;
  /** The chart's fullname, which most of its objects have. */
  readonly name: string;
}

/** A configuration's text, read as `serve` reads it. */
export interface ConfigurationFacts {
  /** Where the text is from, for people. */
  readonly origin: string;
  /** Undefined where it cannot be used. */
  readonly settings: Settings | undefined;
  readonly problems: readonly LocatedProblem[];
  /** By which policies and replicas name it, `sha256:…`; undefined where it cannot be used. */
  readonly digest: string | undefined;
  readonly source: ConfigurationSource;
}

/** Where a configuration can be read again; `none` is that of every preset under its own name. */
export type ConfigurationSource =
  | { readonly kind: "configMap"; readonly name: string }
  | { readonly kind: "file"; readonly path: string }
  | { readonly kind: "none" };

/** What a replica said of itself. */
export interface ReplicaState {
  readonly name: string;
  /** Each line of `/readyz`, and whether it says ready. */
  readonly page: Read<{ readonly isReady: boolean; readonly lines: readonly string[] }>;
}

/** What the API server answered to a dry run. */
export interface Answered {
  readonly kind: "answered";
  readonly status: number;
  /** Of the Status, where it is one. */
  readonly message: string;
  readonly warnings: readonly string[];
}

interface Unanswered {
  readonly kind: "failed";
  readonly message: string;
}

/** A dry-run pod, and what became of it. */
export interface Call {
  readonly account: Sample;
  /** Podpass repeats it in a warning, and nobody else has seen it. */
  readonly nonce: string;
  /** With what `injected` says in the answer; undefined where it is not there. */
  readonly answer: (Answered & { readonly injected: string | undefined }) | Unanswered;
}

/** A dry-run ServiceAccount, and what became of it. */
export interface AccountCall {
  readonly namespace: string;
  /** Podpass repeats it in a warning, and nobody else has seen it. */
  readonly nonce: string;
  readonly answer: Answered | Unanswered;
}

/** An issuer's documents, fetched from here as a provider fetches them. */
export type Fetched =
  | { readonly kind: "same" }
  /** The documents are there, and their keys are not the cluster's. */
  | { readonly kind: "different"; readonly message: string }
  | { readonly kind: "problem"; readonly message: string };

/** The facts. What was not asked, since something before it was missing, is undefined. */
export interface Facts {
  readonly installation: Installation;
  /** Milliseconds since 1970. */
  readonly nowMs: number;
  /** This program's own version. */
  readonly ownVersion: string;
  /** As the API server says it: `v1.36.3`. */
  readonly version: Read<string>;
  /** The resources of `admissionregistration.k8s.io/v1`. */
  readonly admissionResources: Read<readonly string[]>;
  readonly configuration: Read<ConfigurationFacts>;
  readonly deployment: Read<Deployment>;
  readonly pods: Read<readonly Replica[]>;
  readonly states: readonly ReplicaState[];
  readonly budgets: Read<readonly Budget[]>;
  /** Ready addresses behind the Service. */
  readonly endpoints: Read<number>;
  /** The names of the MutatingWebhookConfigurations that were read. */
  readonly webhookConfigurations: readonly string[];
  /** Of all configurations, in the order in which the API server calls them. */
  readonly webhooks: Read<readonly Webhook[]>;
  /** Why only the installation's own are among them; undefined where all are. */
  readonly othersUnread: Extract<Read<never>, { kind: "forbidden" | "failed" }> | undefined;
  /** Of the installation's ValidatingWebhookConfiguration. */
  readonly accountsWebhooks: Read<readonly Webhook[]>;
  readonly namespaces: Read<readonly Namespace[]>;
  readonly caBundle: Bundle | undefined;
  /** That of the webhook for ServiceAccounts. */
  readonly accountsBundle: Bundle | undefined;
  readonly caSecret: Read<CaSecret> | undefined;
  readonly leaf: Read<Leaf> | undefined;
  readonly rights: Read<Rights>;
  readonly accounts: Read<AccountSurvey> | undefined;
  /** The installation's, of all four kinds; undefined where the configuration, which has the prefix, is not known. */
  readonly policies: Read<readonly StoredPolicy[]> | undefined;
  readonly call: Call | undefined;
  readonly accountCall: AccountCall | undefined;
  readonly discovery: Read<Discovery>;
  readonly jwks: Read<unknown>;
  readonly fetched: Fetched | undefined;
}

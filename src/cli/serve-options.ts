/** The options of `podpass serve`. */
import type { AccountsOptions } from "./open-accounts.ts";

/** What the command line says; all of it may be left out, but not everything is then served. */
export interface ServeOptions extends AccountsOptions {
  /** The configuration file; without it every preset is available under its own name. */
  readonly config?: string | undefined;
  readonly tlsCert?: string | undefined;
  readonly tlsKey?: string | undefined;
  /** The Secret with the CA of certificates that Podpass makes itself, in the place of the two files. */
  readonly caSecret?: string | undefined;
  /** The Service that API servers call, of Podpass' own namespace. */
  readonly service?: string | undefined;
  /** MutatingWebhookConfigurations whose `caBundle` is kept. */
  readonly webhookConfiguration?: readonly string[] | undefined;
  /** ValidatingWebhookConfigurations whose `caBundle` is kept as well. */
  readonly validatingWebhookConfiguration?: readonly string[] | undefined;
  /** How long a CA lives, where that is not the usual time: for tests. */
  readonly caSeconds?: number | undefined;
  /** The same of a leaf. */
  readonly leafSeconds?: number | undefined;
  /** Without it: every address. */
  readonly host?: string | undefined;
  /** 8443 unless told; 0 takes a free one. */
  readonly port?: number | undefined;
  readonly healthHost?: string | undefined;
  /** 8080 unless told; 0 takes a free one. */
  readonly healthPort?: number | undefined;
  /** How long requests are still taken after SIGTERM, while endpoints drop this replica; 10 unless told. */
  readonly drainSeconds?: number | undefined;
  /** What the names of the admission policies begin with that are read and compared with the configuration. */
  readonly policies?: string | undefined;
  /** Namespaces that those policies leave out beside the configuration's exempt ones. */
  readonly policiesExempt?: readonly string[] | undefined;
  /** Are there no MutatingAdmissionPolicies among them, whatever the cluster could have? */
  readonly validatingPoliciesOnly?: boolean | undefined;
  /** Minutes between two looks at what running pods have of their identities; never unless told. */
  readonly podStatus?: number | undefined;
  /** The MutatingWebhookConfiguration that says which of them the webhook is asked about; `webhookConfiguration` unless told. */
  readonly podStatusWebhook?: string | undefined;
  /** Podpass' own namespace, which no policy applies to; in a pod, its own unless told. */
  readonly namespace?: string | undefined;
}

/** Where managed certificates are kept: a Secret and webhook configurations, as a port. */
import type { Authority, CaCertificate } from "./certificates.ts";
import type { ConfigurationView, SecretView, WebhookConfiguration } from "./facts.ts";

/** The Secret as it was read. */
export interface ReadSecret {
  readonly view: SecretView;
  /** Undefined where it is not usable. */
  readonly authority: Authority | undefined;
  readonly previous: CaCertificate | undefined;
  /** Of what was read; empty where it was not. */
  readonly resourceVersion: string;
  /** What the API server says that time it is. */
  readonly date: string | undefined;
}

/** A webhook configuration as it was read. */
export interface ReadConfiguration {
  readonly view: ConfigurationView;
  /** All that is in its bundles. */
  readonly certificates: readonly CaCertificate[];
  readonly webhooks: number;
  /** Of what was read; empty where it was not. */
  readonly resourceVersion: string;
}

/** How a write ended. */
export type Written =
  | "done"
  /** It is not what was read any more: to be read again, and decided about. */
  | "conflict"
  | { readonly problem: string };

/** What is put into the Secret; `undefined` takes something out, what is not named stays. */
export interface SecretContent {
  readonly authority?: Authority;
  readonly previous: CaCertificate | undefined;
}

/** The port. Nothing rejects: what fails is told. */
export interface CertificateStore {
  readSecret(): Promise<ReadSecret>;
  /** Makes the Secret, empty; where it is there already, that changes nothing. */
  makeSecret(): Promise<Written>;
  writeSecret(read: ReadSecret, content: SecretContent): Promise<Written>;
  readConfiguration(of: WebhookConfiguration): Promise<ReadConfiguration>;
  /** Puts the same certificates into the `caBundle` of each of its webhooks. */
  writeBundle(
    of: WebhookConfiguration,
    read: ReadConfiguration,
    certificates: readonly CaCertificate[],
  ): Promise<Written>;
}

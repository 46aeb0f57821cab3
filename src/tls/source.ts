/** Where the serving certificate comes from: one port, for mounted files and for certificates of our own making. */
import type { ServingCertificate } from "./certificate.ts";

/** What becomes of a source's certificates. */
export type CertificateEvent =
  /** It is served from now on. */
  | { readonly kind: "replaced"; readonly certificate: ServingCertificate }
  /** A new one cannot be used; the old one stays, if there is one. */
  | { readonly kind: "refused"; readonly problem: string }
  /** The same, for its time alone: it is judged again as time passes. */
  | { readonly kind: "postponed"; readonly problem: string }
  /** What is served is out of date now, and there is nothing better. */
  | { readonly kind: "out-of-date"; readonly problem: string }
  /** What is served was out of date, and is not any more. */
  | { readonly kind: "in-date"; readonly certificate: ServingCertificate };

/** Told of each of them once. */
export type OnCertificateEvent = (event: CertificateEvent) => void;

/** The port. */
export interface CertificateSource {
  /**
   * What is to be served; undefined where there is nothing yet. The server listens all the same, and every handshake fails
   * until there is one. One that is out of date is better than none: clients say what is wrong with it.
   */
  current(): ServingCertificate | undefined;
  /** Why there is none, or why the one there is cannot be used; undefined where all is well. Readiness shows it. */
  unavailable(): string | undefined;
  /** What somebody should know though all is well; undefined where there is nothing. Readiness shows it. */
  notice?(): string | undefined;
  /** Starts watching; resolves once changes are noticed. */
  watch(onEvent: OnCertificateEvent): Promise<void>;
  /** A client refused what is served: what vouches for it may have changed. */
  refused?(): void;
  close(): void;
}

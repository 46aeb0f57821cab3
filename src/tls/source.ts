/** Where the serving certificate comes from: one port, for mounted files and for certificates of our own making. */
import type { ServingCertificate } from "./certificate.ts";

/** Told when a certificate is to be served from now on, or why a new one is not. */
export type OnCertificate = (
  result: { readonly certificate: ServingCertificate } | { readonly problem: string },
) => void;

/** The port. */
export interface CertificateSource {
  current(): ServingCertificate;
  /** Starts watching; resolves once changes are noticed. */
  watch(onCertificate: OnCertificate): Promise<void>;
  close(): void;
}

/** Certificates as plain values, and how long they last. */

/** One certificate. Times are in milliseconds since 1970. */
export interface Certificate {
  readonly subject: string;
  /** SHA-256 over the whole certificate. */
  readonly fingerprint: string;
  readonly notBefore: number;
  readonly notAfter: number;
}

/** The certificates of a PEM text, or why it cannot be used. */
export type Bundle = { readonly certificates: readonly Certificate[] } | { readonly problem: string };

/** The CA's Secret, as much of it as is looked at. Its key is not. */
export interface CaSecret {
  /** Undefined: it is empty. */
  readonly current: Bundle | undefined;
  /** While a rotation is under way. */
  readonly previous: Bundle | undefined;
}

/** A serving certificate that is mounted from a Secret. */
export interface Leaf {
  readonly secret: string;
  readonly bundle: Bundle;
  /** Is it for the name that the API server calls? */
  readonly isForService: boolean;
  /** Do the bundles of the webhook configurations vouch for it? */
  readonly isTrusted: boolean;
}

const DAY_MS = 86_400_000;

/** Days until `certificate` ends; negative where it has ended. */
export const daysLeft = ({ notAfter }: Certificate, nowMs: number): number => Math.floor((notAfter - nowMs) / DAY_MS);

/** How a certificate stands in its life. */
export type Age = "not-yet" | "in-date" | "late" | "expired";

/**
 * Managed CAs are renewed at two thirds of their life, and cert-manager's certificates too; `late` is one that is three
 * quarters through.
 */
export const ageOf = ({ notBefore, notAfter }: Certificate, nowMs: number): Age => {
  if (nowMs >= notAfter) return "expired";
  if (nowMs < notBefore) return "not-yet";
  return nowMs > notBefore + (notAfter - notBefore) * 0.75 ? "late" : "in-date";
};

/** `CN=podpass, 243 days left`. */
export const showCertificate = (certificate: Certificate, nowMs: number): string => {
  const days = daysLeft(certificate, nowMs);
  const name = certificate.subject === "" ? "a certificate without a subject" : certificate.subject;
  if (days < 0) return `${name}, expired at ${new Date(certificate.notAfter).toISOString()}`;
  return `${name}, ${days} ${days === 1 ? "day" : "days"} left`;
};

/** A certificate for scripts. */
export const certificateData = (certificate: Certificate, nowMs: number) => ({
  subject: certificate.subject,
  sha256: certificate.fingerprint,
  notBefore: new Date(certificate.notBefore).toISOString(),
  notAfter: new Date(certificate.notAfter).toISOString(),
  daysLeft: daysLeft(certificate, nowMs),
});

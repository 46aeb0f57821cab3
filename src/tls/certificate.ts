/** A serving certificate with its key: what makes the pair usable, and until when. */

import { createPrivateKey, X509Certificate } from "node:crypto";
import { createSecureContext } from "node:tls";
import { messageOf } from "../reasons/text.ts";

/** A pair that TLS takes. */
export interface ServingCertificate {
  /** PEM: the leaf first, then what stands between it and the CA. */
  readonly cert: string;
  /** PEM. */
  readonly key: string;
  readonly notBefore: Date;
  readonly notAfter: Date;
}

/** A pair, or a sentence that says why it is none. */
export type ReadCertificate = { readonly certificate: ServingCertificate } | { readonly problem: string };

/** Reads PEM texts; that the certificate is in date is judged by {@link unusableBecause}, since time goes on. */
export const readCertificate = (cert: string, key: string): ReadCertificate => {
  let leaf: X509Certificate;
  try {
    leaf = new X509Certificate(cert);
  } catch (error) {
    return { problem: `the certificate is not PEM with an X.509 certificate: ${messageOf(error)}` };
  }
  try {
    if (!leaf.checkPrivateKey(createPrivateKey(key)))
      return { problem: "the key is not the certificate's; allowed: the private key of the first certificate" };
    createSecureContext({ cert, key });
  } catch (error) {
    return { problem: `the key or the chain cannot be used: ${messageOf(error)}` };
  }
  return {
    certificate: { cert, key, notBefore: new Date(leaf.validFrom), notAfter: new Date(leaf.validTo) },
  };
};

/** Why the certificate is not usable at `nowMs`; undefined where it is. */
export const unusableBecause = (certificate: ServingCertificate, nowMs: number): string | undefined => {
  const { notBefore, notAfter } = certificate;
  if (nowMs >= notAfter.getTime()) return `the serving certificate expired at ${notAfter.toISOString()}`;
  if (nowMs < notBefore.getTime()) return `the serving certificate is not valid before ${notBefore.toISOString()}`;
  return undefined;
};

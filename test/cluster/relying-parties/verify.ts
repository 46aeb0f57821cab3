/** What every relying party does with a token, whatever its protocol: verify everything, refuse the rest. */
import { createLocalJWKSet, errors, type JSONWebKeySet, type JWTPayload, jwtVerify } from "jose";

/** Whom a relying party trusts. */
export interface Trust {
  readonly issuer: string;
  readonly jwks: JSONWebKeySet;
  readonly audience: string;
  /** `system:serviceaccount:NAMESPACE:NAME`, compared byte by byte. */
  readonly subjects: readonly string[];
  /** Told of every verdict, for tests that want to know why a provider said no. */
  readonly onVerdict?: (verdict: Verdict) => void;
}

/** Why a token was refused. */
export type Refusal = "malformed" | "signature" | "issuer" | "audience" | "subject" | "time";

/** What came out of verifying. */
export type Verdict =
  | { readonly kind: "accepted"; readonly subject: string; readonly claims: JWTPayload; readonly secondsLeft: number }
  | { readonly kind: "refused"; readonly refusal: Refusal; readonly message: string };

const refusalOfClaim: Readonly<Record<string, Refusal>> = {
  iss: "issuer",
  aud: "audience",
  sub: "subject",
  exp: "time",
  nbf: "time",
  iat: "time",
};

const refusalOf = (error: unknown): Refusal => {
  if (error instanceof errors.JWTExpired) return "time";
  if (error instanceof errors.JWTClaimValidationFailed) return refusalOfClaim[error.claim] ?? "malformed";
  if (error instanceof errors.JWSSignatureVerificationFailed || error instanceof errors.JWKSNoMatchingKey) {
    return "signature";
  }
  return "malformed";
};

const refuse = (refusal: Refusal, message: string): Verdict => ({ kind: "refused", refusal, message });

const judge = async (token: string, trust: Trust): Promise<Verdict> => {
  try {
    const { payload } = await jwtVerify(token, createLocalJWKSet(trust.jwks), {
      issuer: trust.issuer,
      audience: trust.audience,
      algorithms: ["RS256", "ES256"],
      requiredClaims: ["iss", "aud", "sub", "exp", "iat"],
      // Also refuses a token that was issued in the future.
      maxTokenAge: "1 day",
      clockTolerance: 5,
    });
    const subject = payload.sub ?? "";
    if (!trust.subjects.includes(subject)) return refuse("subject", `subject ${subject} is not trusted`);
    const secondsLeft = Math.floor((payload.exp ?? 0) - Date.now() / 1000);
    return { kind: "accepted", subject, claims: payload, secondsLeft };
  } catch (error) {
    if (!(error instanceof errors.JOSEError)) throw error;
    return refuse(refusalOf(error), error.message);
  }
};

/** Verifies signature, issuer, audience, subject and times of a token. */
export const verifyToken = async (token: string, trust: Trust): Promise<Verdict> => {
  const verdict = await judge(token, trust);
  trust.onVerdict?.(verdict);
  return verdict;
};

/** A cluster as far as relying parties know one. */
export interface TrustedCluster {
  readonly discovery: () => Promise<{ readonly issuer: string }>;
  readonly jwks: () => Promise<JSONWebKeySet>;
}

/** Reads issuer and keys from a cluster's own discovery documents, as a provider does when a cluster is registered. */
export const trustCluster = async (
  cluster: TrustedCluster,
  expected: Pick<Trust, "audience" | "subjects">,
): Promise<Trust> => {
  const [{ issuer }, jwks] = await Promise.all([cluster.discovery(), cluster.jwks()]);
  return { issuer, jwks, ...expected };
};

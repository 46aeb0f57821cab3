/** Trust descriptions for tests, made in the way that the commands make them. */
import type { ServiceAccount } from "../../src/federation/service-account.ts";
import { findIdentity, type KnownIdentity } from "../../src/trust/known-identity.ts";
import { type Issuer, type KeySource, type Trust, trustOf } from "../../src/trust/trust.ts";
import { serviceAccount, settingsOf } from "../support/pods.ts";

export const ISSUER = "https://oidc.example.com/cluster-1";
export const SUBJECT = "system:serviceaccount:production:my-api";

/** Two public keys, shortened. */
export const KEYS = {
  keys: [
    { kty: "RSA", kid: "key-1", use: "sig", alg: "RS256", n: "sXch", e: "AQAB" },
    { kty: "EC", kid: "key-2", crv: "P-256", x: "f83O", y: "x_FE" },
  ],
};

const publicIssuer: Issuer = { issuer: ISSUER, jwksUri: `${ISSUER}/openid/v1/jwks`, keySet: KEYS };

export const privateIssuer: Issuer = {
  issuer: "https://kubernetes.default.svc.cluster.local",
  jwksUri: "https://10.0.0.1:6443/openid/v1/jwks",
  keySet: KEYS,
};

/** What one provider's annotations are, without the prefix. */
export type Parameters = Readonly<Record<string, string>>;

export const accountWith = (provider: string, parameters: Parameters): ServiceAccount =>
  serviceAccount({
    "podpass.dev/federate": provider,
    ...Object.fromEntries(
      Object.entries(parameters).map(([name, value]) => [`${provider}.podpass.dev/${name}`, value]),
    ),
  });

/** The identity of {@link accountWith}; throws where there is none. */
const identityOf = (provider: string, parameters: Parameters, config = ""): KnownIdentity => {
  const found = findIdentity(accountWith(provider, parameters), provider, settingsOf(config));
  if (!found.ok) throw new Error(found.problems.join("\n"));
  return found.identity;
};

/** What a description is made of in a test; everything but the provider has a default. */
export interface Given {
  readonly provider: string;
  readonly parameters?: Parameters;
  /** The configuration below its header. */
  readonly config?: string;
  readonly issuer?: Issuer;
  readonly keys?: KeySource;
  readonly account?: { readonly namespace: string; readonly name: string };
}

/** The description. */
export const describeTrust = ({
  provider,
  parameters = {},
  config,
  issuer = publicIssuer,
  keys,
  account,
}: Given): Trust =>
  trustOf(
    identityOf(provider, parameters, config),
    issuer,
    account ?? { namespace: "production", name: "my-api" },
    keys,
  );

/** The lines that a person would paste. */
export const commandsOf = (trust: Trust): readonly (readonly string[])[] =>
  trust.steps.flatMap((step) => (step.kind === "command" ? [step.argv] : []));

/** The forms, by title. */
export const formsOf = (trust: Trust): readonly Readonly<Record<string, string>>[] =>
  trust.steps.flatMap((step) => (step.kind === "form" ? [step.fields] : []));

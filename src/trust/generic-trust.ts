/** What any service that takes OpenID Connect tokens has to be told; for providers without a preset. */
import type { TrustSpec } from "../providers/provider-spec.ts";

/** The description. */
export const genericTrust: TrustSpec = {
  keys: "either",
  fields: { jwksUri: "${jwks.uri}" },
  steps: [
    {
      title: "Have the service accept the ServiceAccount's tokens.",
      place: "wherever the service is told of a token issuer (OpenID Connect, workload identity, JWT)",
      form: {
        "Issuer (iss)": "${issuer}",
        "Keys (JWKS URL)": "${jwks.uri}",
        "Keys (JWKS)": "${jwks}",
        "Audience (aud)": "${audience}",
        "Subject (sub)": "${subject}",
      },
    },
  ],
  notes: [
    "A service takes the keys from the issuer's discovery document, from the JWKS URL, or as they are here: one of the three.",
  ],
};

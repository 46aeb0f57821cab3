import type { Preset } from "../provider-spec.ts";

/** Sigstore: cosign and gitsign look for a token at a path of their own. */
export const sigstore: Preset = {
  name: "sigstore",
  title: "Sigstore",
  description: "A signing certificate of Fulcio for the ServiceAccount, by cosign or gitsign without keys.",
  support: "env",
  documentation: "https://docs.sigstore.dev/certificate_authority/oidc-in-fulcio/",
  token: {
    audience: "sigstore",
    expirationSeconds: { default: 3600, min: 600, max: 86400 },
    mountPath: "/var/run/sigstore/cosign",
    fileName: "oidc-token",
  },
  parameters: {},
  env: {},
  shadowedBy: ["SIGSTORE_ID_TOKEN"],
  seenWith: [
    { registry: "Go", sdk: "github.com/sigstore/cosign/v3", version: "3.1.3" },
    { registry: "Go", sdk: "github.com/sigstore/fulcio", version: "1.8.8" },
  ],
  notes: [
    "No variable is set: the path is the one that the clients look at, so that it has to be free in the container.",
    "A Fulcio of your own is named to the clients by --fulcio-url.",
  ],
  unverified: [
    "The audience, and which clusters' issuers the public Fulcio knows: those of EKS, GKE and AKS, it is said.",
    "Certificates were asked for by cosign's own reader of tokens and Fulcio's client; nothing was signed, and gitsign was not tried.",
  ],
  trust: {
    // Fulcio fetches the keys from the issuer.
    keys: "discovery",
    fields: { issuerUrl: "${issuer}", clientId: "${audience}", identity: "${subject}" },
    documents: {
      "fulcio-config": {
        json: {
          OIDCIssuers: {
            "${issuer}": { IssuerURL: "${issuer}", ClientID: "${audience}", Type: "kubernetes" },
          },
        },
      },
    },
    steps: [
      {
        title: "Name the issuer to Fulcio.",
        once: true,
        place: "the configuration of a Fulcio of your own",
        form: { "OIDCIssuers: IssuerURL": "${issuer}", ClientID: "${audience}", Type: "kubernetes" },
        documents: ["fulcio-config"],
      },
    ],
    notes: [
      "Certificates name the ServiceAccount as https://kubernetes.io/namespaces/${serviceAccount.namespace}/serviceaccounts/${serviceAccount.name}.",
    ],
    unverified: ["Written from general knowledge of Fulcio; none was run."],
  },
};

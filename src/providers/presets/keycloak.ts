import type { Preset } from "../provider-spec.ts";

/** Keycloak: a client that authenticates with the ServiceAccount's token in place of a secret (RFC 7523). */
export const keycloak: Preset = {
  name: "keycloak",
  title: "Keycloak",
  description: "A confidential client of a realm by Signed JWT, Federated.",
  support: "code",
  documentation: "https://www.keycloak.org/docs/latest/server_admin/index.html",
  token: {
    audience: "${parameter.realm-url}",
    // Keycloak takes no token that was issued more than an hour ago.
    expirationSeconds: { default: 3600, min: 600, max: 3600 },
  },
  parameters: {
    "realm-url": {
      description: "The issuer URL of the realm, which tokens are sent to.",
      required: true,
      scope: "platform",
      // No slash at the end: the issuer of a realm has none, and the audience has to be just that.
      pattern: "^https://[^\\s\\p{Z}\\p{Cf}/?#@$]+(/[^\\s\\p{Z}\\p{Cf}/?#$]+)*$",
      example: "https://auth.example.com/realms/my-realm",
    },
    "client-id": {
      description: "The client. Quarkus does nothing without it.",
      // Quarkus puts other variables of the container in the place of ${…}, and one dollar sign in that of two.
      pattern: "^[^\\s\\p{Z}\\p{Cf}$]+$",
      example: "my-api",
    },
  },
  env: {
    QUARKUS_OIDC_CLIENT_AUTH_SERVER_URL: "${parameter.realm-url}",
    QUARKUS_OIDC_CLIENT_CLIENT_ID: "${parameter.client-id}",
    QUARKUS_OIDC_CLIENT_CREDENTIALS_JWT_SOURCE: "bearer",
    QUARKUS_OIDC_CLIENT_CREDENTIALS_JWT_TOKEN_PATH: "${token.file}",
  },
  shadowedBy: ["QUARKUS_OIDC_CLIENT_CREDENTIALS_SECRET", "QUARKUS_OIDC_CLIENT_CREDENTIALS_CLIENT_SECRET_VALUE"],
  chosenBy: ["QUARKUS_OIDC_CLIENT_CREDENTIALS_JWT_SOURCE"],
  seenWith: [{ registry: "Maven", sdk: "io.quarkus:quarkus-oidc-client", version: "3.33.2" }],
  notes: [
    "The variables are those of Quarkus' OIDC client. Any other program reads the file itself and presents it as client_assertion, with client_assertion_type=urn:ietf:params:oauth:client-assertion-type:jwt-bearer.",
    "A client secret is sent in place of the token where both are set (3.33.2).",
    "Quarkus sends the token alone, by whose subject Keycloak finds the client.",
    "In an application that has Quarkus' extension for servers too, quarkus-oidc, the same variables make a tenant called client of it (3.33.2).",
    "Keycloak has this from 26.6 on; before, the features client-auth-federated and kubernetes-service-accounts are previews that have to be switched on.",
  ],
  unverified: [
    "No Keycloak was run: that the audience is the realm's issuer URL, and that a token is good for an hour, is what its source and its guide say.",
  ],
  trust: {
    keys: "discovery",
    fields: { issuer: "${issuer}", audience: "${audience}", subject: "${subject}", clientId: "${parameter.client-id}" },
    steps: [
      {
        title: "Add the cluster to the realm.",
        once: true,
        place: "Identity providers, Kubernetes",
        form: { Alias: "${issuer.slug}", "Kubernetes issuer URL": "${issuer}" },
      },
      {
        title: "Have the client authenticate with it.",
        place: "the client, Credentials, Signed JWT - Federated",
        form: { "Identity provider": "${issuer.slug}", "Federated subject": "${subject}" },
      },
    ],
    notes: [
      "A realm that is older than the feature also needs the execution Signed JWT - Federated in its client authentication flow.",
    ],
    unverified: ["The console was not seen; the names are those of Keycloak's guide."],
  },
};

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
    expirationSeconds: { default: 3600, min: 600, max: 86400 },
  },
  parameters: {
    "realm-url": {
      description: "The issuer URL of the realm, which tokens are sent to.",
      required: true,
      scope: "platform",
      pattern: "^https://[^\\s\\p{Z}\\p{Cf}/?#@]+(/[^\\s\\p{Z}\\p{Cf}?#]*)?$",
      example: "https://auth.example.com/realms/my-realm",
    },
    "client-id": {
      description: "The client.",
      pattern: "^[^\\s\\p{Z}\\p{Cf}]+$",
      example: "my-api",
    },
  },
  env: {
    QUARKUS_OIDC_CLIENT_AUTH_SERVER_URL: "${parameter.realm-url}",
    QUARKUS_OIDC_CLIENT_CLIENT_ID: "${parameter.client-id}",
    QUARKUS_OIDC_CLIENT_CREDENTIALS_JWT_SOURCE: "bearer",
    QUARKUS_OIDC_CLIENT_CREDENTIALS_JWT_TOKEN_PATH: "${token.file}",
  },
  shadowedBy: ["QUARKUS_OIDC_CLIENT_CREDENTIALS_SECRET"],
  notes: [
    "The variables are those of Quarkus' OIDC client. Any other program reads the file itself and presents it as client_assertion, with client_assertion_type=urn:ietf:params:oauth:client-assertion-type:jwt-bearer.",
    "The feature client-auth-federated has to be switched on in Keycloak, where it is a preview.",
  ],
  unverified: [
    "That the audience is the realm's issuer URL.",
    "The names of Quarkus' variables, and that its client secret wins over them; nothing was run.",
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
    unverified: ["The console was not seen."],
  },
};

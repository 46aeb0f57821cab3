import type { Preset } from "../provider-spec.ts";

/** Databricks unified authentication, `file-oidc`: the SDKs for Python and Go, the CLI, Terraform. */
export const databricks: Preset = {
  name: "databricks",
  title: "Databricks",
  description: "A service principal, or the whole account, by a federation policy.",
  support: "env",
  documentation: "https://docs.databricks.com/aws/en/dev-tools/auth/oauth-federation-exchange",
  token: {
    audience: "${parameter.token-audience}",
    expirationSeconds: { default: 3600, min: 600, max: 86400 },
  },
  parameters: {
    host: {
      description: "The workspace or the account console that the token is sent to.",
      required: true,
      scope: "platform",
      pattern: "^(https://)?[^\\s\\p{Z}\\p{Cf}/?#@]+/?$",
      example: "https://dbc-12345678-9abc.cloud.databricks.com",
    },
    "token-audience": {
      description: "The audience of the federation policy.",
      required: true,
      scope: "platform",
      pattern: "^[^\\s\\p{Z}\\p{Cf}]+$",
      example: "11111111-2222-3333-4444-555555555555",
    },
    "client-id": {
      description: "The service principal; left out where the policy is the account's.",
      pattern: "^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}$",
      example: "22222222-3333-4444-5555-666666666666",
    },
    "account-id": {
      description: "The account; needed only where host is the account console.",
      pattern: "^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}$",
      example: "33333333-4444-5555-6666-777777777777",
    },
  },
  env: {
    DATABRICKS_HOST: "${parameter.host}",
    DATABRICKS_AUTH_TYPE: "file-oidc",
    DATABRICKS_OIDC_TOKEN_FILEPATH: "${token.file}",
    // What the SDK for Python read before 0.103.0.
    DATABRICKS_OIDC_TOKEN_FILE: "${token.file}",
    DATABRICKS_CLIENT_ID: "${parameter.client-id}",
    DATABRICKS_ACCOUNT_ID: "${parameter.account-id}",
  },
  // DATABRICKS_AUTH_TYPE decides, so what would win without it is left.
  displaces: ["DATABRICKS_TOKEN", "DATABRICKS_CLIENT_SECRET", "DATABRICKS_PASSWORD", "DATABRICKS_METADATA_SERVICE_URL"],
  chosenBy: ["DATABRICKS_AUTH_TYPE"],
  seenWith: [{ registry: "PyPI", sdk: "databricks-sdk", version: "0.162.0" }],
  notes: [
    "The SDK for Python reads DATABRICKS_OIDC_TOKEN_FILE before 0.103.0 and DATABRICKS_OIDC_TOKEN_FILEPATH from then on, the one for Go (0.96.0) DATABRICKS_OIDC_TOKEN_FILEPATH: both are set.",
    "A DATABRICKS_AUTH_TYPE of the program's own is kept, and another one than `file-oidc` leaves the identity unused.",
    "Databricks SQL for Node.js reads none of this; it takes the token only in code.",
    "The access token lives as long as the pod's token.",
  ],
  unverified: [
    "A policy without an audience is said to expect the account's ID.",
    "The workspace was a stand-in. Of the SDK for Python 0.102.0 only what it chooses and reads was run, and the one for Go was read.",
  ],
  trust: {
    keys: "either",
    fields: {
      issuer: "${issuer}",
      audiences: "${audience}",
      subject: "${subject}",
      clientId: "${parameter.client-id}",
      host: "${parameter.host}",
    },
    documents: {
      "federation-policy": {
        json: {
          oidc_policy: {
            issuer: "${issuer}",
            audiences: ["${audience}"],
            subject: "${subject}",
            jwks_json: "${jwks.upload}",
          },
        },
      },
    },
    steps: [
      {
        title: "Add a federation policy to the service principal, as an administrator of the account.",
        command: [
          "databricks",
          "account",
          "service-principal-federation-policy",
          "create",
          "<service-principal-numeric-id>",
          "--json",
          { document: "federation-policy" },
        ],
      },
    ],
    notes: [
      "The command takes the numeric ID of the service principal, not its client ID.",
      "A policy of the whole account names a claim instead of a subject, and the claim's value has to be the name of a user or service principal: a ServiceAccount's subject is none.",
    ],
    unverified: [
      "The command was not tried, and neither was a policy with `jwks_json`: the CLI is in no registry that the tests reach. By its source it takes the document as it is.",
    ],
  },
};

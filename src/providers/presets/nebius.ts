import type { Preset } from "../provider-spec.ts";

/** Nebius AI Cloud: its SDKs take the service account and the token's path from the program. */
export const nebius: Preset = {
  name: "nebius",
  title: "Nebius AI Cloud",
  description: "A service account of Nebius AI Cloud by federated credentials.",
  support: "code",
  documentation: "https://github.com/nebius/pysdk",
  token: {
    audience: "sts.nebius.com",
    expirationSeconds: { default: 3600, min: 600, max: 86400 },
  },
  parameters: {
    "service-account-id": {
      description: "The service account that the pod acts as.",
      required: true,
      pattern: "^[a-z0-9][a-z0-9-]*$",
      example: "serviceaccount-e00abc123",
    },
  },
  env: {
    NEBIUS_SERVICE_ACCOUNT_ID: "${parameter.service-account-id}",
    NEBIUS_FEDERATED_CREDENTIALS_FILE: "${token.file}",
  },
  notes: [
    "The variables have names of Podpass' own: a program hands their values to FederatedCredentialsBearer of the SDK for Python, as its credentials. The SDK reads the file again for each exchange.",
    "With a token that Nebius refuses, the SDK for Python goes on asking until the call's auth_timeout, by default for 15 minutes.",
    "By itself the CLI, and the SDK where it is told to read the CLI's configuration, look at ~/.nebius/config.yaml only, with `federated-subject-credentials-file-path` in a profile: a place that Podpass does not know.",
  ],
  seenWith: [{ registry: "PyPI", sdk: "nebius", version: "0.6.29" }],
  unverified: [
    "Nebius itself was not asked.",
    "The audience is the one that External Secrets asks for; no page of Nebius names it.",
    "The forms of the IDs.",
  ],
  trust: {
    keys: "either",
    fields: {
      issuerUrl: "${issuer}",
      federatedSubjectId: "${subject}",
      subjectId: "${parameter.service-account-id}",
      audience: "${audience}",
      jwksJson: "${jwks.upload}",
    },
    documents: {
      "federated-credentials": {
        json: {
          spec: {
            oidc_provider: { issuer_url: "${issuer}", jwk_set_json: "${jwks.upload}" },
            federated_subject_id: "${subject}",
            subject_id: "${parameter.service-account-id}",
          },
        },
      },
    },
    steps: [
      {
        title: "Create federated credentials for the service account.",
        place: "the API, FederatedCredentialsService.Create",
        form: {
          "oidc_provider.issuer_url": "${issuer}",
          federated_subject_id: "${subject}",
          subject_id: "${parameter.service-account-id}",
        },
        documents: ["federated-credentials"],
      },
    ],
    notes: ["Nebius uses the first 50 keys of a set, and uploaded ones until the next upload."],
    unverified: ["Read in the API's own descriptions (nebius 0.6.29); nothing was created."],
  },
};

import type { Preset } from "../provider-spec.ts";

/** LiteLLM at the OpenAI API: what it reads from the environment, which no OpenAI SDK does. */
export const litellm: Preset = {
  name: "litellm",
  title: "LiteLLM at the OpenAI API",
  description: "A service account of an OpenAI project by token exchange.",
  support: "env",
  documentation: "https://docs.litellm.ai/docs/providers/openai",
  token: {
    audience: "https://api.openai.com/v1",
    expirationSeconds: { default: 3600, min: 600, max: 86400 },
    mountPath: "/var/run/secrets/tokens",
    fileName: "token",
  },
  parameters: {
    "identity-provider-id": {
      description: "The workload identity provider of the organization.",
      required: true,
      pattern: "^idp_[\\w-]+$",
      example: "idp_abc123",
    },
    "service-account-id": {
      description: "The service account that the pod acts as.",
      required: true,
      pattern: "^[\\w-]+$",
      example: "user-abc123",
    },
  },
  env: {
    OPENAI_IDENTITY_PROVIDER_ID: "${parameter.identity-provider-id}",
    OPENAI_SERVICE_ACCOUNT_ID: "${parameter.service-account-id}",
    OPENAI_IDENTITY_TOKEN_FILE: "${token.file}",
  },
  shadowedBy: ["OPENAI_API_KEY"],
  // With LiteLLM's file Codex would present this identity's token as its own.
  conflictsWith: ["openai-codex"],
  seenWith: [{ registry: "PyPI", sdk: "litellm", version: "1.110.2" }],
  notes: [
    "All three variables have to be there, and an OPENAI_API_KEY or a key in LiteLLM's own configuration wins over them; an empty one does not.",
    "It is used for models of OpenAI's own API only: not with OPENAI_BASE_URL or OPENAI_API_BASE elsewhere. LiteLLM needs version 2.32.0 of the package openai for it.",
    "Codex takes OPENAI_IDENTITY_TOKEN_FILE alone for its own federation and fails: keep it out of containers that run Codex.",
    "The access token never outlives the pod's token, so a short expiration-seconds shortens it too.",
  ],
  unverified: ["The forms of the two IDs are those of the vendor's samples."],
  trust: {
    // Of a cluster that runs its own issuer OpenAI takes uploaded keys only.
    keys: "upload",
    fields: {
      oidcIssuerUrl: "${issuer}",
      audience: "${audience}",
      jwksJson: "${jwks}",
      mappingKey: "sub",
      mappingValue: "${subject}",
      identityProviderId: "${parameter.identity-provider-id}",
      serviceAccountId: "${parameter.service-account-id}",
    },
    steps: [
      {
        title: "Create the workload identity provider.",
        once: true,
        place: "the organization's settings, Workload Identity Provider",
        form: {
          Name: "${issuer.slug}",
          "OIDC Issuer URL": "${issuer}",
          Audience: "${audience}",
          "Use uploaded JWKS for token verification": "on",
          "JWKS JSON": "${jwks}",
        },
      },
      {
        title: "Add a service account mapping to it.",
        place: "the provider, service account mappings",
        form: {
          Name: "${account.slug}",
          Key: "sub",
          Value: "${subject}",
          Project: "",
          "Service account": "${parameter.service-account-id}",
          Permissions: "",
        },
      },
    ],
    notes: [
      "OpenAI does not fetch keys from the issuer of a cluster that runs its own: upload them again whenever they change, old and new together.",
      "The issuer is compared byte by byte.",
    ],
  },
};

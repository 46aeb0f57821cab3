import type { Preset } from "../provider-spec.ts";

/** The OpenAI API: the path and the two names of the vendor's own sample, which the program reads itself. */
export const openai: Preset = {
  name: "openai",
  title: "OpenAI API",
  description: "A service account of an OpenAI project by token exchange.",
  support: "code",
  documentation: "https://developers.openai.com/api/docs/guides/workload-identity-federation/kubernetes",
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
  },
  shadowedBy: ["OPENAI_API_KEY"],
  seenWith: [{ registry: "npm", sdk: "openai", version: "7.57.0" }],
  notes: [
    "No OpenAI SDK reads these variables: the program passes them to `workloadIdentity`, with `k8sServiceAccountTokenProvider` and the token's path, as the vendor's sample does. The helper's own default path is the default ServiceAccount token, which has the wrong audience.",
    "With OPENAI_API_KEY set as well, the constructor of the SDK for JavaScript (7.57.0) throws; the one for Python (3.57.0) prefers the identity.",
    "LiteLLM reads the token's path from a third variable: the preset `litellm`. It is not set here, since Codex takes that variable alone for its own federation and fails.",
    "The access token never outlives the pod's token, so a short expiration-seconds shortens it too.",
    "Of a cluster that runs its own issuer, OpenAI takes uploaded keys (JWKS).",
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

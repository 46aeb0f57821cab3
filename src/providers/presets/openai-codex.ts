import type { Preset } from "../provider-spec.ts";

/** OpenAI Codex, from version 0.148 of its CLI. */
export const openaiCodex: Preset = {
  name: "openai-codex",
  title: "OpenAI Codex",
  description: "A user or a service account of a ChatGPT workspace, for Codex without supervision.",
  support: "env",
  documentation: "https://developers.openai.com/codex/enterprise/workload-identity",
  token: {
    audience: "https://api.openai.com/v1",
    expirationSeconds: { default: 3600, min: 600, max: 86400 },
    mountPath: "/var/run/secrets/openai.com",
    fileName: "identity-token",
  },
  parameters: {
    "federation-rule-id": {
      description: "The federation rule of the workspace.",
      required: true,
      pattern: "^idpm_[\\w-]+$",
      example: "idpm_abc123",
    },
  },
  env: {
    OPENAI_FEDERATION_RULE_ID: "${parameter.federation-rule-id}",
    OPENAI_IDENTITY_TOKEN_FILE: "${token.file}",
  },
  displaces: ["CODEX_API_KEY", "CODEX_ACCESS_TOKEN"],
  // OPENAI_IDENTITY_TOKEN_FILE is LiteLLM's too, and the two tokens are for different identities.
  conflictsWith: ["litellm"],
  notes: [
    "Do not enable assertion replay prevention for this issuer: a projected token keeps its `jti` until it is renewed, so a second process or a second exchange would be refused.",
    "Either variable alone selects federation, and Codex then fails without the other. Federation wins over every key.",
    "The access token never outlives the pod's token, so a short expiration-seconds shortens it too.",
    "OPENAI_WORKLOAD_IDENTITY_CONTEXT is for audit only and not set.",
    "Workload identity for Codex is in beta and has to be enabled for the workspace.",
  ],
  unverified: [
    "The audience is the one of the vendor's guide to Kubernetes, which sends Codex users to the same token; the workspace's provider decides.",
    "The exchange was not tried: its address is not documented.",
    "That federation wins over keys is what the vendor's page says; no version of Codex was run.",
  ],
  trust: {
    keys: "upload",
    fields: {
      oidcIssuerUrl: "${issuer}",
      audience: "${audience}",
      jwksJson: "${jwks}",
      mappingKey: "sub",
      mappingValue: "${subject}",
      federationRuleId: "${parameter.federation-rule-id}",
    },
    steps: [
      {
        title: "Create the identity provider.",
        once: true,
        place: "the ChatGPT workspace's settings, workload identity",
        form: {
          Name: "${issuer.slug}",
          "OIDC Issuer URL": "${issuer}",
          Audience: "${audience}",
          "Use uploaded JWKS for token verification": "on",
          "JWKS JSON": "${jwks}",
        },
      },
      {
        title: "Add a federation rule for the ServiceAccount.",
        place: "the identity provider, federation rules",
        form: { Name: "${account.slug}", Key: "sub", Value: "${subject}" },
      },
    ],
    notes: ["The rule's ID, `idpm_…`, then goes into the annotation `federation-rule-id`."],
    unverified: ["The labels are those of OpenAI's form for the API; the workspace's own were not seen."],
  },
};

import type { Preset } from "../provider-spec.ts";

/** The Claude API: what every Anthropic SDK, the CLI and Claude Code read from the environment. */
export const anthropic: Preset = {
  name: "anthropic",
  title: "Anthropic Claude API",
  description: "A service account of an Anthropic organization by a federation rule.",
  support: "env",
  documentation: "https://platform.claude.com/docs/en/manage-claude/wif-reference",
  token: {
    audience: "https://api.anthropic.com",
    // Anthropic refuses tokens that live longer than the issuer's maximum, an hour unless raised.
    expirationSeconds: { default: 3600, min: 600, max: 3600 },
    mountPath: "/var/run/secrets/anthropic.com",
    fileName: "token",
  },
  parameters: {
    "federation-rule-id": {
      description: "The federation rule to evaluate.",
      required: true,
      pattern: "^fdrl_[\\w-]+$",
      example: "fdrl_abc123",
    },
    "organization-id": {
      description: "The Anthropic organization.",
      required: true,
      pattern: "^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}$",
      example: "11111111-2222-3333-4444-555555555555",
    },
    "service-account-id": {
      description: "The service account that the pod acts as.",
      pattern: "^svac_[\\w-]+$",
      example: "svac_abc123",
    },
    "workspace-id": {
      description: "The workspace, or `default`; needed where the rule is enabled for more than one.",
      pattern: "^(default|wrkspc_[\\w-]+)$",
      example: "wrkspc_abc123",
    },
  },
  env: {
    ANTHROPIC_FEDERATION_RULE_ID: "${parameter.federation-rule-id}",
    ANTHROPIC_ORGANIZATION_ID: "${parameter.organization-id}",
    ANTHROPIC_SERVICE_ACCOUNT_ID: "${parameter.service-account-id}",
    ANTHROPIC_WORKSPACE_ID: "${parameter.workspace-id}",
    ANTHROPIC_IDENTITY_TOKEN_FILE: "${token.file}",
  },
  shadowedBy: ["ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN", "ANTHROPIC_PROFILE"],
  notes: [
    "Do not enable assertion replay prevention for this issuer: a projected token keeps its `jti` until it is renewed, so a second process or a second exchange would be refused.",
    "The vendor's reference calls the service account required, its SDKs do not: set service-account-id unless your rule works without.",
    "Older SDKs take even an empty ANTHROPIC_API_KEY for a key.",
  ],
};

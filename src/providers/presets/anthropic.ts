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
  // The SDK for Python did until version 1.
  shadowedEvenEmpty: ["ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN"],
  // A token as text comes after the file, and a profile that nobody names after both.
  displaces: ["ANTHROPIC_IDENTITY_TOKEN", "ANTHROPIC_CONFIG_DIR"],
  seenWith: [
    { registry: "npm", sdk: "@anthropic-ai/sdk", version: "1.12.0" },
    { registry: "PyPI", sdk: "anthropic", version: "2.12.0" },
  ],
  notes: [
    "Do not enable assertion replay prevention for this issuer: a projected token keeps its `jti` until it is renewed, so a second process or a second exchange would be refused.",
    "The vendor's reference calls the service account required, its SDKs do not: set service-account-id unless your rule works without.",
    "The SDK for Python takes an empty ANTHROPIC_API_KEY or ANTHROPIC_AUTH_TOKEN for a key in 0.98.0, and no longer in 1.0.0; those for JavaScript (0.93.0, 1.12.0) and Go (1.84.0) do not.",
  ],
  trust: {
    keys: "either",
    subjectPatterns: "prefix",
    fields: {
      issuerUrl: "${issuer}",
      audience: "${audience}",
      // Matched whole unless it ends in `*`.
      subjectPrefix: "${subject}",
      organizationId: "${parameter.organization-id}",
      federationRuleId: "${parameter.federation-rule-id}",
      serviceAccountId: "${parameter.service-account-id}",
    },
    documents: {
      "federation-issuer": {
        json: { name: "${issuer.slug}", issuer_url: "${issuer}", jwks: { type: "discovery" } },
        when: { keys: "discovery" },
      },
      "federation-issuer-inline": {
        json: {
          name: "${issuer.slug}",
          issuer_url: "${issuer}",
          jwks: { type: "inline", keys: "${json.jwks.keys}" },
        },
        when: { keys: "upload" },
      },
      "federation-rule": {
        json: {
          name: "${account.slug}",
          issuer_id: "<issuer-id>",
          match: { subject_prefix: "${subject}", audience: "${audience}" },
          target: { type: "service_account", service_account_id: "${parameter.service-account-id}" },
          oauth_scope: "workspace:developer",
          token_lifetime_seconds: 3600,
        },
      },
    },
    steps: [
      {
        title: "Register the cluster as a federation issuer whose keys Anthropic fetches.",
        once: true,
        when: { keys: "discovery" },
        place: "the Claude Console, Workload identity, Federation issuers",
        form: { Name: "${issuer.slug}", "Issuer URL": "${issuer}", "JWKS source": "discovery" },
        documents: ["federation-issuer"],
      },
      {
        title: "Register the cluster as a federation issuer with its keys.",
        once: true,
        when: { keys: "upload" },
        place: "the Claude Console, Workload identity, Federation issuers",
        form: { Name: "${issuer.slug}", "Issuer URL": "${issuer}", "JWKS source": "inline", JWKS: "${jwks}" },
        documents: ["federation-issuer-inline"],
      },
      {
        title: "Create a federation rule for the ServiceAccount.",
        place: "the Claude Console, Workload identity, Federation rules, Create rule",
        form: {
          Name: "${account.slug}",
          Issuer: "${issuer.slug}",
          "Subject prefix": "${subject}",
          Audience: "${audience}",
          "Service account": "${parameter.service-account-id}",
          Workspace: "${parameter.workspace-id}",
          Scope: "workspace:developer",
        },
        documents: ["federation-rule"],
      },
    ],
    notes: [
      "The rule's ID, `fdrl_…`, then goes into the annotation `federation-rule-id`.",
      "Leave assertion replay prevention (`check_jti`) off for this issuer.",
      "The documents are the bodies of the Admin API: `/v1/organizations/federation_issuers` and `/v1/organizations/federation_rules`. The rule's `issuer_id` is in the answer to the first.",
      "A subject prefix without `*` at its end matches that subject only.",
    ],
    unverified: ["The labels are the Admin API's names; the Console's own were not seen."],
  },
};

import type { Preset } from "../provider-spec.ts";

/** CyberArk Conjur: what its client for Go, and so Summon and the Terraform provider, read from the environment. */
export const conjur: Preset = {
  name: "conjur",
  title: "CyberArk Conjur",
  description: "A host of Conjur by its JWT authenticator.",
  support: "env",
  documentation: "https://github.com/cyberark/conjur-api-go",
  token: {
    audience: "${parameter.token-audience}",
    expirationSeconds: { default: 3600, min: 600, max: 86400 },
  },
  parameters: {
    "appliance-url": {
      description: "The Conjur server that tokens are sent to.",
      required: true,
      scope: "platform",
      pattern: "^https://[^\\s\\p{Z}\\p{Cf}/?#@]+(/[^\\s\\p{Z}\\p{Cf}?#]*)?$",
      example: "https://conjur.example.com",
    },
    account: {
      description: "The account of the server.",
      required: true,
      scope: "platform",
      pattern: "^[\\w.-]+$",
      example: "my-org",
    },
    "service-id": {
      description: "The JWT authenticator.",
      required: true,
      scope: "platform",
      pattern: "^[\\w.-]+(/[\\w.-]+)*$",
      example: "my-cluster",
    },
    "token-audience": {
      description: "The audience that the authenticator expects.",
      required: true,
      scope: "platform",
      pattern: "^[^\\s\\p{Z}\\p{Cf}]+$",
      example: "conjur",
    },
    "host-id": {
      description: "The host, where the authenticator does not take it from a claim of the token.",
      pattern: "^host/[\\w.:-]+(/[\\w.:-]+)*$",
      example: "host/my-cluster/my-api",
    },
  },
  env: {
    CONJUR_APPLIANCE_URL: "${parameter.appliance-url}",
    CONJUR_ACCOUNT: "${parameter.account}",
    CONJUR_AUTHN_JWT_SERVICE_ID: "${parameter.service-id}",
    CONJUR_AUTHN_JWT_HOST_ID: "${parameter.host-id}",
    JWT_TOKEN_PATH: "${token.file}",
    // Nothing of this login is stored, but without it the client makes a .netrc, and fails where HOME cannot be written.
    CONJUR_CREDENTIAL_STORAGE: "none",
  },
  shadowedBy: [
    "CONJUR_AUTHN_TOKEN_FILE",
    "CONJUR_AUTHN_TOKEN",
    "CONJUR_AUTHN_CERT_SERVICE_ID",
    "CONJUR_AUTHN_JWT_TOKEN",
  ],
  // An API key is asked last.
  displaces: ["CONJUR_AUTHN_LOGIN", "CONJUR_AUTHN_API_KEY"],
  seenWith: [{ registry: "Go", sdk: "github.com/cyberark/conjur-api-go", version: "0.15.7" }],
  notes: [
    "The client for Go (conjur-api-go 0.15.7) keeps the first token in memory and presents it again after it has expired: give programs that run for long a long expiration-seconds, or start them anew.",
    "A private certificate of the server has to be one that the container trusts, or be named by CONJUR_SSL_CERTIFICATE or CONJUR_CERT_FILE, which Podpass does not set.",
    "The client for Python reads no token file.",
  ],
  unverified: ["No server of Conjur's own was run, and neither Summon nor Terraform."],
  trust: {
    keys: "either",
    fields: {
      issuer: "${issuer}",
      jwksUri: "${jwks.uri}",
      audience: "${audience}",
      serviceId: "${parameter.service-id}",
      subject: "${subject}",
    },
    values: { host: { from: "host-id", pattern: "^host/(.+)$" } },
    documents: {
      "public-keys": { json: { type: "jwks", value: "${json.jwks}" }, when: { keys: "upload" } },
    },
    steps: [
      {
        title: "Say where the keys are.",
        once: true,
        when: { keys: "discovery" },
        command: [
          "conjur",
          "variable",
          "set",
          "-i",
          "conjur/authn-jwt/${parameter.service-id}/jwks-uri",
          "-v",
          "${jwks.uri}",
        ],
      },
      {
        title: "Hand over the keys.",
        once: true,
        when: { keys: "upload" },
        command: [
          "conjur",
          "variable",
          "set",
          "-i",
          "conjur/authn-jwt/${parameter.service-id}/public-keys",
          "-v",
          { document: "public-keys" },
        ],
      },
      {
        title: "Name the issuer.",
        once: true,
        command: [
          "conjur",
          "variable",
          "set",
          "-i",
          "conjur/authn-jwt/${parameter.service-id}/issuer",
          "-v",
          "${issuer}",
        ],
      },
      {
        title: "Name the audience.",
        once: true,
        command: [
          "conjur",
          "variable",
          "set",
          "-i",
          "conjur/authn-jwt/${parameter.service-id}/audience",
          "-v",
          "${audience}",
        ],
      },
      {
        title: "Load the host, and let it authenticate.",
        place: "a policy for the root: conjur policy load -b root -f FILE",
        statement: {
          language: "yaml",
          lines: [
            "- !host",
            '  id: "${value.host}"',
            "  annotations:",
            '    "authn-jwt/${parameter.service-id}/sub": "${subject}"',
            "- !grant",
            '  role: !group "conjur/authn-jwt/${parameter.service-id}/apps"',
            '  member: !host "${value.host}"',
          ],
        },
      },
    ],
    notes: [
      "Without host-id the host's ID is what the authenticator takes from the token: the claim of its token-app-property, below its identity-path.",
      "The group that may authenticate is often called apps: the authenticator's own policy names it.",
    ],
    unverified: [
      "Written from general knowledge of Conjur's JWT authenticator. The commands and the policy were tried against a stand-in, by the CLI in Python: the one in Go is in no registry that the tests reach.",
    ],
  },
};

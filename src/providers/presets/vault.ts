import type { Preset } from "../provider-spec.ts";

/** HashiCorp Vault (and OpenBao): no SDK logs in by itself, so the variables are for the program's own login. */
export const vault: Preset = {
  name: "vault",
  title: "HashiCorp Vault",
  description: "A role of Vault's JWT or Kubernetes auth method.",
  support: "code",
  documentation: "https://developer.hashicorp.com/vault/docs/auth/jwt",
  token: {
    audience: "${parameter.token-audience}",
    expirationSeconds: { default: 3600, min: 600, max: 86400 },
  },
  parameters: {
    role: {
      description: "The role to log in to.",
      required: true,
      pattern: "^[\\w.-]+$",
      example: "my-api",
    },
    "token-audience": {
      description: "One of the role's `bound_audiences`, or its `audience` in the Kubernetes auth method.",
      required: true,
      scope: "platform",
      pattern: "^[^\\s\\p{Z}\\p{Cf}]+$",
      example: "https://vault.example.com",
    },
    address: {
      description: "The Vault server that the token is sent to.",
      scope: "platform",
      pattern: "^https?://[^\\s\\p{Z}\\p{Cf}/?#@]+(/[^\\s\\p{Z}\\p{Cf}?#]*)?$",
      example: "https://vault.example.com:8200",
    },
  },
  env: {
    VAULT_ADDR: "${parameter.address}",
    VAULT_ROLE: "${parameter.role}",
    VAULT_JWT_PATH: "${token.file}",
  },
  shadowedBy: ["VAULT_TOKEN"],
  notes: [
    "Vault's SDKs read VAULT_ADDR only. VAULT_ROLE and VAULT_JWT_PATH are for your program, or for the configuration of a Vault Agent: it posts the role and the file's content to auth/jwt/login or auth/kubernetes/login.",
    "The role decides which audience it accepts, so there is none by default.",
  ],
  unverified: ["Written from general knowledge of Vault; the commands were not tried, and neither was a login."],
  trust: {
    keys: "discovery",
    subjectPatterns: true,
    fields: {
      oidcDiscoveryUrl: "${issuer}",
      boundIssuer: "${issuer}",
      boundAudiences: "${audience}",
      boundSubject: { text: "${subject}", when: { subject: "exact" } },
      boundClaimsSub: { text: "${subject}", when: { subject: "pattern" } },
      role: "${parameter.role}",
    },
    steps: [
      { title: "Switch the JWT auth method on.", once: true, command: ["vault", "auth", "enable", "jwt"] },
      {
        title: "Tell it of the cluster.",
        once: true,
        command: ["vault", "write", "auth/jwt/config", "oidc_discovery_url=${issuer}", "bound_issuer=${issuer}"],
      },
      {
        title: "Create the role.",
        when: { subject: "exact" },
        command: [
          "vault",
          "write",
          "auth/jwt/role/${parameter.role}",
          "role_type=jwt",
          "user_claim=sub",
          "bound_audiences=${audience}",
          "bound_subject=${subject}",
          "token_policies=<policy>",
        ],
      },
      {
        title: "Save the role.",
        when: { subject: "pattern" },
        command: [
          "printf",
          "%s\\n",
          {
            json: {
              role_type: "jwt",
              user_claim: "sub",
              bound_audiences: ["${audience}"],
              bound_claims_type: "glob",
              bound_claims: { sub: "${subject}" },
              token_policies: ["<policy>"],
            },
          },
        ],
        writes: "role.json",
      },
      {
        title: "Create it.",
        when: { subject: "pattern" },
        command: ["vault", "write", "auth/jwt/role/${parameter.role}", "@role.json"],
      },
    ],
    notes: [
      "Vault's servers have to reach the issuer, not the internet. Where only the API server itself is in reach, write `jwks_url=${jwks.uri}` and `jwks_ca_pem=@ca.crt` in place of oidc_discovery_url; where nothing is, the public keys as PEM in `jwt_validation_pubkeys`.",
      "Behind an issuer with a private certificate add `oidc_discovery_ca_pem=@ca.crt`.",
      "The Kubernetes auth method needs none of this but the role's `audience`; it asks the API server about each token.",
    ],
    unverified: ["Written from general knowledge of Vault; the commands were not tried, and neither was a login."],
  },
};

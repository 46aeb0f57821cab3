import type { Preset } from "../provider-spec.ts";

/** Enkryptify: what `Enkryptify.fromKubernetes()` reads. */
export const enkryptify: Preset = {
  name: "enkryptify",
  title: "Enkryptify",
  description: "An Enkryptify identity that may read the secrets of a workspace.",
  support: "code",
  documentation: "https://github.com/Enkryptify/sdk",
  token: {
    audience: "enkryptify",
    expirationSeconds: { default: 3600, min: 600, max: 86400 },
    mountPath: "/var/run/secrets/tokens",
    fileName: "token",
  },
  parameters: {
    "api-url": {
      description: "The API that the token is sent to.",
      scope: "platform",
      pattern: "^https?://[^\\s\\p{Z}\\p{Cf}/?#@]+(/[^\\s\\p{Z}\\p{Cf}?#]*)?$",
      default: "https://api.enkryptify.com",
      example: "https://api.enkryptify.com",
    },
  },
  env: {
    ENKRYPTIFY_TOKEN_PATH: "${token.file}",
    ENKRYPTIFY_API_URL: "${parameter.api-url}",
  },
  shadowedBy: ["ENKRYPTIFY_TOKEN"],
  notes: [
    "The program has to call `Enkryptify.fromKubernetes()`; without it the SDK asks for ENKRYPTIFY_TOKEN. Workspace, project and environment are arguments in code.",
    "The audience is free; it has to be the one of the identity at Enkryptify.",
    "The cluster's issuer has to be reachable from the internet.",
    "An identity may exchange ten tokens a minute.",
  ],
  trust: {
    keys: "discovery",
    fields: { issuerUrl: "${issuer}", audience: "${audience}", subject: "${subject}" },
    steps: [
      {
        title: "Create a Kubernetes identity in the workspace.",
        place: "the dashboard, Credentials, Kubernetes (OIDC)",
        form: {
          Name: "${account.slug}",
          "Issuer URL": "${issuer}",
          Audience: "${audience}",
          Subject: "${subject}",
          Permission: "",
          Scope: "",
        },
      },
    ],
    notes: [
      "One identity is one issuer, audience and subject, each compared byte by byte.",
      "Permission is Read only or Read & Write; Scope is the workspace or some of its teams, projects and environments.",
    ],
  },
};

import type { Preset } from "../provider-spec.ts";

/** Thalassa Cloud: what its exporters and controllers read from the environment. */
export const thalassa: Preset = {
  name: "thalassa",
  title: "Thalassa Cloud",
  description: "A service account of Thalassa Cloud by token exchange.",
  support: "env",
  documentation: "https://github.com/thalassa-cloud",
  token: {
    audience: "https://api.thalassa.cloud",
    expirationSeconds: { default: 3600, min: 600, max: 86400 },
    mountPath: "/var/run/secrets/thalassa",
    fileName: "token",
  },
  parameters: {
    "organisation-id": {
      description: "The organisation.",
      required: true,
      pattern: "^[\\w-]+$",
      example: "o-abc123",
    },
    "service-account-id": {
      description: "The service account that the pod acts as.",
      required: true,
      pattern: "^[\\w-]+$",
      example: "sa-abc123",
    },
    "project-id": {
      description: "The project.",
      pattern: "^[\\w-]+$",
      example: "p-abc123",
    },
  },
  env: {
    THALASSA_ORGANISATION_ID: "${parameter.organisation-id}",
    THALASSA_SERVICE_ACCOUNT_ID: "${parameter.service-account-id}",
    THALASSA_PROJECT_ID: "${parameter.project-id}",
    THALASSA_SUBJECT_TOKEN_FILE: "${token.file}",
  },
  unverified: [
    "Read in the source of Thalassa's exporters and controllers; nothing was run.",
    "The forms of the IDs, and which other variables win over these.",
  ],
  trust: {
    keys: "discovery",
    fields: {
      issuer: "${issuer}",
      audience: "${audience}",
      subject: "${subject}",
      serviceAccountId: "${parameter.service-account-id}",
    },
    steps: [
      {
        title: "Create a federated identity for the service account.",
        place: "the service account, federated identities",
        form: { Issuer: "${issuer}", Subject: "${subject}", Audience: "${audience}" },
      },
    ],
    notes: ["Thalassa's own controller for workload identities does this by itself in its clusters."],
    unverified: ["The console was not seen."],
  },
};

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
    // The controllers for infrastructure and object storage read these two in place of those of Thalassa's own webhook.
    THALASSA_ORGANISATION: "${parameter.organisation-id}",
    THALASSA_PROJECT: "${parameter.project-id}",
    THALASSA_SUBJECT_TOKEN_FILE: "${token.file}",
  },
  displaces: ["THALASSA_SUBJECT_TOKEN", "THALASSA_TOKEN", "THALASSA_CLIENT_ID", "THALASSA_CLIENT_SECRET"],
  unverified: [
    "Read in the source of Thalassa's proxy for observability, its webhook for ExternalDNS and its controllers. Nothing was run: no registry that the tests reach has them, or the SDK for Go.",
    "The forms of the IDs.",
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
        title: "Register the cluster as a federated identity provider of the organisation.",
        once: true,
        command: [
          "tcloud",
          "iam",
          "federated-identity-providers",
          "create",
          "--name",
          "${issuer.slug}",
          "--issuer",
          "${issuer}",
        ],
      },
      {
        title: "Create a federated identity for the service account.",
        command: [
          "tcloud",
          "iam",
          "federated-identities",
          "create",
          "--name",
          "${account.slug}",
          "--service-account",
          "${parameter.service-account-id}",
          "--provider",
          "<provider-id>",
          "--subject",
          "${subject}",
          "--trusted-audience",
          "${audience}",
          "--scope",
          "<scope>",
        ],
      },
    ],
    notes: [
      "A cluster of Thalassa's own is registered already: `tcloud iam federated-identity-providers list` has its ID, as the first command prints it.",
      "The scope is one of `api:read`, `api:write`, `kubernetes` and `objectStorage`; the option can be repeated.",
      "Thalassa's own controller for workload identities does this by itself in its clusters.",
    ],
    unverified: [
      "The commands were not tried: the CLI is in no registry that the tests reach, and its source was read.",
    ],
  },
};

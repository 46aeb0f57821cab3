import type { Preset } from "../provider-spec.ts";

/** Google Cloud workload identity federation: an `external_account` file, with or without impersonation. */
export const gcp: Preset = {
  name: "gcp",
  title: "Google Cloud",
  description: "A workload identity pool, directly or as a Google service account that it impersonates.",
  support: "env+file",
  documentation: "https://cloud.google.com/iam/docs/workload-identity-federation-with-kubernetes",
  token: {
    audience: "https://iam.googleapis.com/${parameter.workload-identity-provider}",
    expirationSeconds: { default: 3600, min: 600, max: 86400 },
  },
  parameters: {
    "workload-identity-provider": {
      description: "The pool's provider, with the project's number and without a scheme.",
      required: true,
      pattern: "^projects/[0-9]+/locations/[a-z0-9-]+/workloadIdentityPools/[a-z0-9-]+/providers/[a-z0-9-]+$",
      example: "projects/123456789012/locations/global/workloadIdentityPools/my-pool/providers/my-cluster",
    },
    "service-account-email": {
      description: "The Google service account to impersonate; without it the pod is the pool's own principal.",
      pattern: "^[a-z0-9-]+@[a-z0-9.-]+\\.gserviceaccount\\.com$",
      example: "my-api@my-project.iam.gserviceaccount.com",
    },
    "project-id": {
      description: "The project that client libraries work in unless told otherwise.",
      pattern: "^([a-z0-9.-]+:)?[a-z][a-z0-9-]{4,28}[a-z0-9]$",
      example: "my-project",
    },
  },
  env: {
    GOOGLE_APPLICATION_CREDENTIALS: "${file.credentials.json}",
    // gcloud does not read GOOGLE_APPLICATION_CREDENTIALS.
    CLOUDSDK_AUTH_CREDENTIAL_FILE_OVERRIDE: "${file.credentials.json}",
    GOOGLE_CLOUD_PROJECT: "${parameter.project-id}",
  },
  files: [
    {
      name: "credentials.json",
      json: {
        type: "external_account",
        // Google's token endpoint wants the name without a scheme, the token's own `aud` with it.
        audience: "//iam.googleapis.com/${parameter.workload-identity-provider}",
        subject_token_type: "urn:ietf:params:oauth:token-type:jwt",
        token_url: "https://sts.googleapis.com/v1/token",
        service_account_impersonation_url:
          "https://iamcredentials.googleapis.com/v1/projects/-/serviceAccounts/${parameter.service-account-email}:generateAccessToken",
        credential_source: { file: "${token.file}", format: { type: "text" } },
      },
    },
  ],
  notes: [
    "Set project-id: without it google-auth-library for Node.js asks Cloud Resource Manager for the project, and fails where that API is off or not permitted.",
    "Where the pool's provider has allowed audiences of its own, set token.audience of this provider to one of them.",
  ],
};

import type { Preset } from "../provider-spec.ts";

/** STACKIT: what the SDK for Go, and with it Terraform, reads from the environment. */
export const stackit: Preset = {
  name: "stackit",
  title: "STACKIT",
  description: "A STACKIT service account by its federated identity provider.",
  support: "env",
  documentation: "https://github.com/stackitcloud/stackit-pod-identity-webhook",
  token: {
    audience: "sts.accounts.stackit.cloud",
    expirationSeconds: { default: 3600, min: 600, max: 86400 },
    mountPath: "/var/run/secrets/stackit.cloud/serviceaccount",
    fileName: "token",
  },
  parameters: {
    "service-account-email": {
      description: "The STACKIT service account.",
      required: true,
      pattern: "^[^\\s\\p{Z}\\p{Cf}@]+@[^\\s\\p{Z}\\p{Cf}@]+$",
      example: "my-api-1a2b3c4d@sa.stackit.cloud",
    },
    "idp-token-endpoint": {
      description: "The endpoint that the token is sent to; without it the SDK's own.",
      scope: "platform",
      pattern: "^https?://[^\\s\\p{Z}\\p{Cf}/?#@]+(/[^\\s\\p{Z}\\p{Cf}?#]*)?$",
      example: "https://accounts.stackit.cloud/oauth/v2/token",
    },
    "idp-token-expiration-seconds": {
      description: "How long STACKIT's access token is to live, in seconds, for SDKs that ask for it.",
      pattern: "^[1-9][0-9]*$",
      example: "3600",
    },
  },
  env: {
    STACKIT_SERVICE_ACCOUNT_EMAIL: "${parameter.service-account-email}",
    STACKIT_FEDERATED_TOKEN_FILE: "${token.file}",
    STACKIT_IDP_TOKEN_ENDPOINT: "${parameter.idp-token-endpoint}",
    STACKIT_IDP_TOKEN_EXPIRATION_SECONDS: "${parameter.idp-token-expiration-seconds}",
  },
  // Read in version 0.27.1 of the SDK for Go: federation is tried first.
  displaces: [
    "STACKIT_SERVICE_ACCOUNT_KEY",
    "STACKIT_SERVICE_ACCOUNT_KEY_PATH",
    "STACKIT_SERVICE_ACCOUNT_TOKEN",
    "STACKIT_CREDENTIALS_PATH",
  ],
  native: [
    {
      webhook: "stackit-pod-identity-webhook",
      trigger: { key: "workload-identity.stackit.cloud/service-account-email" },
      optOut: [
        {
          on: "serviceAccountAnnotation",
          key: "workload-identity.stackit.cloud/skip-pod-identity-webhook",
          value: "true",
        },
        { on: "podAnnotation", key: "workload-identity.stackit.cloud/skip-pod-identity-webhook", value: "true" },
        { on: "podLabel", key: "workload-identity.stackit.cloud/skip-pod-identity-webhook" },
      ],
      parameters: {
        "service-account-email": "workload-identity.stackit.cloud/service-account-email",
        "idp-token-expiration-seconds": "workload-identity.stackit.cloud/idp-token-expiration-seconds",
      },
      audience: { key: "workload-identity.stackit.cloud/audience" },
      expirationSeconds: {
        key: "workload-identity.stackit.cloud/service-account-token-expiration-seconds",
        default: 600,
        unreadable: "refused",
      },
      unsupported: [
        {
          on: "serviceAccountAnnotation",
          key: "workload-identity.stackit.cloud/idp-token-endpoint",
          warning: "where tokens are sent is the platform's to say",
        },
        {
          on: "serviceAccountAnnotation",
          key: "workload-identity.stackit.cloud/federated-token-file",
          warning: "the token stays at the provider's path",
        },
      ],
      differences: [
        "`STACKIT_FEDERATED_TOKEN_FILE` is always set; the webhook sets it only where it is annotated.",
        "A container's own variables, and a mount at the path, are kept; the webhook refuses such a pod.",
        "The label of a Namespace is not read: use `allowedNamespaces`.",
      ],
    },
  ],
  notes: [
    "The SDK for Go (core 0.27.1) reads STACKIT_IDP_TOKEN_EXPIRATION_SECONDS and asks for no lifetime yet.",
    "A cluster of STACKIT's Kubernetes Engine has the vendor's own webhook already.",
  ],
  seenWith: [{ registry: "Go", sdk: "github.com/stackitcloud/stackit-sdk-go/core", version: "0.27.1" }],
  unverified: ["STACKIT itself was not asked; of the webhook the source was read."],
  vendorVolumes: ["stackit-workload-identity"],
  trust: {
    keys: "discovery",
    fields: {
      issuer: "${issuer}",
      audience: "${audience}",
      subject: "${subject}",
      serviceAccountEmail: "${parameter.service-account-email}",
    },
    documents: {
      "federated-identity-provider": {
        json: {
          name: "${account.slug}",
          issuer: "${issuer}",
          assertions: [
            { item: "aud", operator: "equals", value: "${audience}" },
            { item: "sub", operator: "equals", value: "${subject}" },
          ],
        },
      },
    },
    steps: [
      {
        title: "Add a federated identity provider to the service account.",
        place: "the portal, the service account ${parameter.service-account-email}, Service Account Federation",
        form: {
          Name: "${account.slug}",
          Issuer: "${issuer}",
          "Assertion: aud equals": "${audience}",
          "Assertion: sub equals": "${subject}",
        },
        documents: ["federated-identity-provider"],
      },
    ],
    notes: [
      "The document has the attributes of Terraform's stackit_service_account_federated_identity_provider.",
      "An assertion on `aud` is mandatory.",
    ],
    unverified: ["The portal's own labels.", "Whether STACKIT takes keys of an issuer that it cannot reach."],
  },
};

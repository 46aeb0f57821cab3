import type { Preset } from "../provider-spec.ts";

/** Microsoft Entra workload identity as Terraform's providers for Azure read it: by names of their own. */
export const azureTerraform: Preset = {
  name: "azure-terraform",
  title: "Microsoft Azure by Terraform",
  description: "An Entra application or a managed identity, for Terraform's providers azurerm, azuread and azapi.",
  support: "env",
  documentation: "https://registry.terraform.io/providers/hashicorp/azurerm/latest/docs/guides/service_principal_oidc",
  token: {
    audience: "api://AzureADTokenExchange",
    expirationSeconds: { default: 3600, min: 3600, max: 86400 },
    mountPath: "/var/run/secrets/azure/tokens",
    fileName: "azure-identity-token",
  },
  parameters: {
    "client-id": {
      description: "The client ID of the application or the managed identity.",
      required: true,
      pattern: "^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}$",
      example: "11111111-2222-3333-4444-555555555555",
    },
    "tenant-id": {
      description: "The Entra tenant: its ID or one of its domains.",
      required: true,
      pattern:
        "^([0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}|[0-9A-Za-z-]+\\.[0-9A-Za-z.-]+)$",
      example: "99999999-2222-3333-4444-555555555555",
    },
    "subscription-id": {
      description: "The subscription that Terraform works in unless told otherwise.",
      pattern: "^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}$",
      example: "88888888-2222-3333-4444-555555555555",
    },
  },
  env: {
    ARM_USE_OIDC: "true",
    ARM_CLIENT_ID: "${parameter.client-id}",
    ARM_TENANT_ID: "${parameter.tenant-id}",
    ARM_OIDC_TOKEN_FILE_PATH: "${token.file}",
    ARM_SUBSCRIPTION_ID: "${parameter.subscription-id}",
  },
  // Certificates and secrets are asked first; of two tokens that differ the providers make an error.
  shadowedBy: [
    "ARM_CLIENT_CERTIFICATE",
    "ARM_CLIENT_CERTIFICATE_PATH",
    "ARM_CLIENT_SECRET",
    "ARM_CLIENT_SECRET_FILE_PATH",
    "ARM_OIDC_TOKEN",
    "ARM_CLIENT_ID_FILE_PATH",
  ],
  chosenBy: ["ARM_USE_OIDC"],
  seenWith: [{ registry: "Go", sdk: "github.com/hashicorp/go-azure-sdk/sdk", version: "0.20260811.1225050" }],
  notes: [
    "Beside the preset azure, where programs need both: one token serves the two.",
    "The providers read the token's file once, when they start: for a run of more than an hour make expiration-seconds long enough, since no other token follows.",
    "A cloud other than the public one is chosen with ARM_ENVIRONMENT, which Podpass does not set.",
  ],
  unverified: [
    "Terraform was not run: the providers' own client logged in with the token, from variables whose names their source has; azapi has another client.",
    "ARM_SUBSCRIPTION_ID is from general knowledge.",
  ],
  trust: {
    // Entra takes no keys: it fetches them from the issuer.
    keys: "discovery",
    subjectPatterns: true,
    fields: {
      issuer: "${issuer}",
      subject: "${subject}",
      audiences: "${audience}",
      clientId: "${parameter.client-id}",
      tenantId: "${parameter.tenant-id}",
    },
    documents: {
      "federated-credential": {
        json: {
          name: "${account.slug}",
          issuer: "${issuer}",
          subject: "${subject}",
          audiences: ["${audience}"],
        },
        when: { subject: "exact" },
      },
      "flexible-credential": {
        json: {
          name: "${account.slug}",
          issuer: "${issuer}",
          claimsMatchingExpression: { value: "claims['sub'] matches '${subject}'", languageVersion: 1 },
          audiences: ["${audience}"],
        },
        when: { subject: "pattern" },
      },
    },
    steps: [
      {
        title: "Where the client ID is an application's: add a federated credential to the application.",
        when: { subject: "exact" },
        command: [
          "az",
          "ad",
          "app",
          "federated-credential",
          "create",
          "--id",
          "${parameter.client-id}",
          "--parameters",
          { document: "federated-credential" },
        ],
      },
      {
        title: "Where it is a managed identity's: add one to the identity instead.",
        when: { subject: "exact" },
        command: [
          "az",
          "identity",
          "federated-credential",
          "create",
          "--name",
          "${account.slug}",
          "--identity-name",
          "<identity-name>",
          "--resource-group",
          "<resource-group>",
          "--issuer",
          "${issuer}",
          "--subject",
          "${subject}",
          "--audiences",
          "${audience}",
        ],
      },
      {
        title: "Add a flexible credential to the application.",
        when: { subject: "pattern" },
        command: [
          "az",
          "rest",
          "--method",
          "post",
          "--url",
          "https://graph.microsoft.com/beta/applications(appId='${parameter.client-id}')/federatedIdentityCredentials",
          "--body",
          { document: "flexible-credential" },
        ],
      },
    ],
    maxSubjectBytes: 600,
    notes: [
      "A pattern needs a flexible credential, which is in preview, and for some issuers only: whether Entra takes one for a cluster's issuer was not tried.",
    ],
    unverified: ["The commands were run by azure-cli up to its call of Azure, and not beyond."],
  },
};

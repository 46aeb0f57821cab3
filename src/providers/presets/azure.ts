import type { Preset } from "../provider-spec.ts";

/** Microsoft Entra workload identity: what DefaultAzureCredential and WorkloadIdentityCredential read. */
export const azure: Preset = {
  name: "azure",
  title: "Microsoft Azure",
  description: "An Entra application or a managed identity by a federated identity credential.",
  support: "env",
  documentation: "https://azure.github.io/azure-workload-identity/docs/",
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
    "authority-host": {
      description: "The Entra endpoint of the cloud: another one for sovereign clouds.",
      scope: "platform",
      pattern: "^https://[^\\s\\p{Z}\\p{Cf}/?#@]+(/[^\\s\\p{Z}\\p{Cf}?#]*)?$",
      default: "https://login.microsoftonline.com/",
      example: "https://login.microsoftonline.us/",
    },
  },
  env: {
    AZURE_CLIENT_ID: "${parameter.client-id}",
    AZURE_TENANT_ID: "${parameter.tenant-id}",
    AZURE_FEDERATED_TOKEN_FILE: "${token.file}",
    AZURE_AUTHORITY_HOST: "${parameter.authority-host}",
  },
  shadowedBy: ["AZURE_CLIENT_SECRET", "AZURE_CLIENT_CERTIFICATE_PATH", "AZURE_PASSWORD"],
  // The SDK for Python asks whether they are there, and refuses what they say.
  shadowedEvenEmpty: ["AZURE_CLIENT_SECRET", "AZURE_CLIENT_CERTIFICATE_PATH"],
  // How a managed identity is found, which every chain asks after the workload identity.
  displaces: ["AZURE_POD_IDENTITY_AUTHORITY_HOST", "IDENTITY_ENDPOINT", "MSI_ENDPOINT"],
  conflictsWith: ["mongodb"],
  // Where both have keys cwii's count first, as at cwii.
  native: [
    {
      webhook: "cwii",
      trigger: { key: "cwii.dev/az-inject", value: "true" },
      optOut: [{ on: "podAnnotation", key: "cwii.dev/az-inject", value: "false" }],
      parameters: { "client-id": "cwii.dev/az-client-id", "tenant-id": "cwii.dev/az-tenant-id" },
      audience: { key: "cwii.dev/az-audience" },
      expirationSeconds: {
        key: "cwii.dev/az-token-expiration",
        podKey: "cwii.dev/az-token-expiration",
        default: 3600,
        min: 600,
        unreadable: "ignored",
      },
      unsupported: [
        {
          on: "serviceAccountAnnotation",
          key: "cwii.dev/az-authority-host",
          warning: "where tokens are sent is the platform's to say",
        },
        {
          on: "serviceAccountAnnotation",
          key: "cwii.dev/az-verify",
          values: ["true"],
          warning: "no init container verifies the identity",
        },
        {
          on: "podAnnotation",
          key: "cwii.dev/az-verify",
          values: ["true"],
          warning: "no init container verifies the identity",
        },
        {
          on: "podAnnotation",
          key: "cwii.dev/az-client-id",
          warning: "is read on the ServiceAccount only",
        },
        {
          on: "podAnnotation",
          key: "cwii.dev/az-audience",
          warning: "is read on the ServiceAccount only",
        },
      ],
      differences: [
        "This is read in cwii's source and documentation of June 2026; cwii itself was not run.",
        'The trigger and all values are the ServiceAccount\'s: those on Namespace, owner and pod are not read, but for `cwii.dev/az-inject: "false"` and the lifetime on a pod. Use `defaults` of the configuration for namespaces.',
        "`true` and `false` are written so, and without spaces around them; cwii takes `True` as well.",
        "Without a client and a tenant the pod is refused; cwii only logs it. The tenant may be the platform's.",
        "A lifetime under 3600 is brought there, with a warning: this provider's tokens live at least so long.",
        "`AZURE_AUTHORITY_HOST` is always set, to the platform's; and init containers have the identity too.",
        "The token is at `/var/run/secrets/azure/tokens/azure-identity-token`.",
      ],
    },
    {
      webhook: "azure-workload-identity",
      trigger: { key: "azure.workload.identity/client-id" },
      podLabel: { key: "azure.workload.identity/use", value: "true" },
      parameters: {
        "client-id": "azure.workload.identity/client-id",
        "tenant-id": "azure.workload.identity/tenant-id",
      },
      expirationSeconds: {
        key: "azure.workload.identity/service-account-token-expiration",
        podKey: "azure.workload.identity/service-account-token-expiration",
        default: 3600,
        unreadable: "refused",
      },
      skipContainers: "azure.workload.identity/skip-containers",
      unsupported: [
        {
          on: "podAnnotation",
          key: "azure.workload.identity/inject-proxy-sidecar",
          warning: "no proxy is injected; SDKs need none",
        },
        {
          on: "podAnnotation",
          key: "azure.workload.identity/use-*",
          warning: "identity bindings are not made",
        },
      ],
      differences: [
        "A pod with the label whose ServiceAccount has no `client-id` gets nothing; the webhook gives it all but `AZURE_CLIENT_ID`.",
        "The token is at `/var/run/secrets/azure/tokens`, where the webhook had it until 1.6.0.",
        "A lifetime outside 3600 to 86400 is brought inside, with a warning; the webhook refuses the pod.",
        "The tenant comes from the platform's `tenant-id`, not from `azure-wi-webhook-config`.",
      ],
    },
  ],
  seenWith: [{ registry: "npm", sdk: "@azure/identity", version: "4.14.1" }],
  notes: [
    "A client ID is optional at the vendor: a program may name its own, even several. Where it does, say `client-id: { required: false }` under the provider's parameters; token, tenant and authority are then there without AZURE_CLIENT_ID. It is required otherwise, since DefaultAzureCredential finds nothing without it.",
    "AZURE_CLIENT_SECRET and AZURE_CLIENT_CERTIFICATE_PATH keep DefaultAzureCredential of the SDK for Python (azure-identity 1.27.0) from being made even where they are empty; the SDKs for JavaScript and Go take them for unset.",
    "AZURE_TOKEN_CREDENTIALS is not set. One of the program's own has to be `prod` or `WorkloadIdentityCredential`; an empty one makes the SDK for Go (azidentity 1.15.0) fail.",
    "Microsoft's own webhook has moved the token more than once: programs should read AZURE_FEDERATED_TOKEN_FILE, not a path.",
  ],
  vendorVolumes: ["azure-identity-token", "azure-workload-identity-reserved-*", "cwii-az-token"],
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
        title: "Where the client ID is a managed identity's: add a federated credential to the identity.",
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
        title: "Where it is an application's: add one to the application instead.",
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
    unverified: ["The commands were run by azure-cli up to its call of Azure, and not beyond."],
    notes: [
      "The client ID of an application and that of a managed identity both go into AZURE_CLIENT_ID; where two commands are printed, only one of them fits it.",
      "A pattern needs a flexible credential, which is in preview, and for some issuers only: whether Entra takes one for a cluster's issuer was not tried. For a managed identity, `az identity federated-credential create` of azure-cli 2.91.0 has --claims-matching-expression-value and --claims-matching-expression-version in place of --subject.",
    ],
  },
};

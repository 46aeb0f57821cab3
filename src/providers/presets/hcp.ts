import type { Preset } from "../provider-spec.ts";

/** The HashiCorp Cloud Platform: a credential file, which the Terraform provider, the CLI and the SDK for Go read. */
export const hcp: Preset = {
  name: "hcp",
  title: "HashiCorp Cloud Platform",
  description: "A service principal of HCP by a workload identity provider.",
  support: "env+file",
  documentation: "https://developer.hashicorp.com/hcp/docs/hcp/iam/service-principal/workload-identity-federation",
  token: {
    audience: "${parameter.token-audience}",
    expirationSeconds: { default: 3600, min: 600, max: 86400 },
  },
  parameters: {
    "token-audience": {
      description: "An audience that the workload identity provider allows.",
      required: true,
      // Were it the resource's name, which ServiceAccounts say, whoever writes one could ask for any audience.
      scope: "platform",
      pattern: "^[^\\s\\p{Z}\\p{Cf}]+$",
      example: "https://hcp.example.com",
    },
    "provider-resource-name": {
      description: "The resource name of the workload identity provider.",
      required: true,
      pattern: "^iam/project/[\\w-]+/service-principal/[\\w-]+/workload-identity-provider/[\\w-]+$",
      example:
        "iam/project/11111111-2222-3333-4444-555555555555/service-principal/my-api/workload-identity-provider/my-cluster",
    },
    "project-id": {
      description: "The project that programs work in unless told otherwise.",
      pattern: "^[0-9a-fA-F-]{36}$",
      example: "11111111-2222-3333-4444-555555555555",
    },
  },
  env: { HCP_CRED_FILE: "${file.credentials.json}" },
  files: [
    {
      name: "credentials.json",
      json: {
        scheme: "workload",
        project_id: "${parameter.project-id}",
        workload: {
          provider_resource_name: "${parameter.provider-resource-name}",
          file: { path: "${token.file}" },
        },
      },
    },
  ],
  shadowedBy: ["HCP_CLIENT_ID", "HCP_CLIENT_SECRET"],
  seenWith: [{ registry: "Go", sdk: "github.com/hashicorp/hcp-sdk-go", version: "0.175.0" }],
  notes: [
    "A client ID and a secret win over the file where both are set (hcp-sdk-go 0.175.0).",
    "The SDK keeps HCP's access token in .config/hcp of the home folder, and goes on without where it cannot be written; the token's file is read anew whenever that one has expired.",
  ],
  unverified: ["HCP itself was not asked, and neither the Terraform provider nor the CLI was run."],
  trust: {
    keys: "discovery",
    values: {
      "service-principal": { from: "provider-resource-name", pattern: "^(iam/project/[^/]+/service-principal/[^/]+)/" },
      "provider-name": { from: "provider-resource-name", pattern: "/workload-identity-provider/([^/]+)$" },
    },
    fields: {
      issuerUri: "${issuer}",
      allowedAudiences: "${audience}",
      subject: "${subject}",
      resourceName: "${parameter.provider-resource-name}",
    },
    steps: [
      {
        title: "Create the workload identity provider.",
        command: [
          "hcp",
          "iam",
          "workload-identity-providers",
          "create-oidc",
          "${value.provider-name}",
          "--service-principal=${value.service-principal}",
          "--issuer=${issuer}",
          "--allowed-audience=${audience}",
          "--conditional-access=jwt_claims.sub == `${subject}`",
        ],
      },
    ],
    unverified: ["The command was not tried: the CLI is in no registry that the tests reach."],
  },
};

/** The ServiceAccounts that are migrated from vendors' webhooks, end to end. */
import { ALIBABA_PROVIDER, type Vendor } from "./vendors.ts";

const CLIENT = "11111111-2222-3333-4444-555555555555";

/** A vendor's webhook, and a ServiceAccount and pods for it. */
export interface MigrationCase {
  readonly vendor: Vendor;
  /** The vendor's own name of its webhook's configuration. */
  readonly webhook: string;
  /** That of Podpass': behind the vendor's in the alphabet. */
  readonly podpass: "podpass" | "zz-podpass";
  readonly annotations: Readonly<Record<string, string>>;
  readonly labels: Readonly<Record<string, string>>;
  readonly audience: string;
  readonly seconds: number;
  /** The variable that says where the token, or the file that names it, is. */
  readonly variable: string;
  /** Where programs look without it. */
  readonly file?: string;
}

/** One for each vendor. */
export const CASES: readonly MigrationCase[] = [
  {
    vendor: "aws",
    webhook: "pod-identity-webhook",
    podpass: "podpass",
    annotations: { "eks.amazonaws.com/role-arn": "arn:aws:iam::123456789012:role/reports" },
    labels: {},
    audience: "sts.amazonaws.com",
    seconds: 86_400,
    variable: "AWS_WEB_IDENTITY_TOKEN_FILE",
  },
  {
    vendor: "azure",
    webhook: "azure-wi-webhook-mutating-webhook-configuration",
    podpass: "podpass",
    annotations: {
      "azure.workload.identity/client-id": CLIENT,
      "azure.workload.identity/tenant-id": CLIENT,
      "azure.workload.identity/service-account-token-expiration": "7200",
    },
    labels: { "azure.workload.identity/use": "true" },
    audience: "api://AzureADTokenExchange",
    seconds: 7200,
    variable: "AZURE_FEDERATED_TOKEN_FILE",
  },
  {
    vendor: "gcp",
    webhook: "gcp-workload-identity-federation-webhook-mutating-webhook-configuration",
    podpass: "podpass",
    annotations: {
      "cloud.google.com/workload-identity-provider":
        "projects/123456789012/locations/global/workloadIdentityPools/my-pool/providers/my-cluster",
      "cloud.google.com/service-account-email": "my-api@my-project.iam.gserviceaccount.com",
      "cloud.google.com/injection-mode": "direct",
    },
    labels: {},
    audience: "sts.googleapis.com",
    seconds: 86_400,
    variable: "GOOGLE_APPLICATION_CREDENTIALS",
  },
  {
    vendor: "alibaba",
    webhook: "ack-pod-identity-webhook",
    podpass: "podpass",
    annotations: {
      "pod-identity.alibabacloud.com/role-name": "my-api",
      "pod-identity.alibabacloud.com/service-account-token-expiration": "7200",
    },
    labels: { "pod-identity.alibabacloud.com/injection": "on" },
    audience: "sts.aliyuncs.com",
    seconds: 7200,
    variable: "ALIBABA_CLOUD_OIDC_TOKEN_FILE",
  },
  {
    vendor: "stackit",
    webhook: "stackit-pod-identity-webhook",
    podpass: "zz-podpass",
    annotations: { "workload-identity.stackit.cloud/service-account-email": "my-api-1a2b3c4d@sa.stackit.cloud" },
    labels: {},
    audience: "sts.accounts.stackit.cloud",
    seconds: 600,
    variable: "STACKIT_FEDERATED_TOKEN_FILE",
    file: "/var/run/secrets/stackit.cloud/serviceaccount/token",
  },
];

/** The platform's part of the configuration: nothing but what a vendor's webhook has of its cluster. */
export const PROVIDERS = {
  ...Object.fromEntries(["aws", "azure", "gcp", "stackit"].map((preset) => [preset, { preset }])),
  alibaba: { preset: "alibaba", parameters: { "provider-arn": { value: ALIBABA_PROVIDER } } },
};

/** The ServiceAccounts of the benchmark, as values and as the manifests that the server reads. */
import type { ServiceAccount } from "../src/federation/service-account.ts";

const account = (annotations: Readonly<Record<string, string>>): ServiceAccount => ({
  namespace: "production",
  name: "my-api",
  annotations: new Map(Object.entries(annotations)),
});

const AWS = {
  "aws.podpass.dev/role-arn": "arn:aws:iam::123456789012:role/my-api",
  "aws.podpass.dev/region": "eu-west-1",
};

/** Not federated, federated with one provider, and with three. */
export const SERVICE_ACCOUNTS = {
  none: account({}),
  one: account({ "podpass.dev/federate": "aws", ...AWS }),
  three: account({
    "podpass.dev/federate": "aws, openai, gcp",
    ...AWS,
    "openai.podpass.dev/identity-provider-id": "idp_1",
    "openai.podpass.dev/service-account-id": "user-1",
    "gcp.podpass.dev/workload-identity-provider":
      "projects/123456789/locations/global/workloadIdentityPools/pool/providers/cluster",
  }),
  /** As dear as a ServiceAccount can be with the presets. */
  hostile: account({
    "podpass.dev/federate": "aws, openai, gcp, enkryptify, azure, anthropic",
    ...AWS,
    "aws.podpass.dev/role-arn": `arn:aws:iam::123456789012:role/${"x".repeat(400)}`,
    "openai.podpass.dev/identity-provider-id": "idp_1",
    "openai.podpass.dev/service-account-id": "user-1",
    "gcp.podpass.dev/workload-identity-provider":
      "projects/123456789/locations/global/workloadIdentityPools/pool/providers/cluster",
    "azure.podpass.dev/client-id": "11111111-2222-3333-4444-555555555555",
    "azure.podpass.dev/tenant-id": "99999999-2222-3333-4444-555555555555",
    "anthropic.podpass.dev/federation-rule-id": "fdrl_1",
    "anthropic.podpass.dev/organization-id": "11111111-2222-3333-4444-555555555555",
  }),
} as const;

/** `serviceAccount` as a manifest (JSON, which is YAML). */
export const manifest = (serviceAccount: ServiceAccount): string =>
  JSON.stringify({
    apiVersion: "v1",
    kind: "ServiceAccount",
    metadata: {
      namespace: serviceAccount.namespace,
      name: serviceAccount.name,
      annotations: Object.fromEntries(serviceAccount.annotations),
    },
  });

/**
 * What vendors' own webhooks make of a ServiceAccount and a pod, a row each, read in their sources and pages; and where
 * Podpass makes something else of the same, with the reason.
 */

import { cwii } from "./cwii-rows.ts";
import type { Made, Vendor } from "./vendor.ts";

const POLICY = "policy: { podOverrides: [expiration-seconds] }\n";

const ROLE = "arn:aws:iam::123456789012:role/my-api";
const AWS_ENV = {
  AWS_ROLE_ARN: ROLE,
  AWS_WEB_IDENTITY_TOKEN_FILE: "/var/run/secrets/eks.amazonaws.com/serviceaccount/token",
  AWS_REGION: "eu-west-1",
  AWS_DEFAULT_REGION: "eu-west-1",
};
const AWS: Made = {
  audience: "sts.amazonaws.com",
  seconds: 86_400,
  file: "/var/run/secrets/eks.amazonaws.com/serviceaccount/token",
  env: AWS_ENV,
};
const arn = { "eks.amazonaws.com/role-arn": ROLE };

const aws: Vendor = {
  config: `nativeAnnotations: [aws]\nproviders: { aws: { preset: aws, parameters: { region: { default: eu-west-1 } } } }\n${POLICY}`,
  rows: [
    { about: "a role", account: arn, vendor: AWS },
    { about: "no role", account: {}, vendor: null },
    {
      about: "another audience",
      account: { ...arn, "eks.amazonaws.com/audience": "vault" },
      vendor: { ...AWS, audience: "vault" },
    },
    {
      about: "a lifetime on the ServiceAccount",
      account: { ...arn, "eks.amazonaws.com/token-expiration": "7200" },
      vendor: { ...AWS, seconds: 7200 },
    },
    {
      about: "a lifetime on the pod, which wins",
      account: { ...arn, "eks.amazonaws.com/token-expiration": "7200" },
      annotations: { "eks.amazonaws.com/token-expiration": "1800" },
      vendor: { ...AWS, seconds: 1800 },
    },
    {
      about: "a lifetime that is too short, which is raised",
      account: { ...arn, "eks.amazonaws.com/token-expiration": "60" },
      vendor: { ...AWS, seconds: 600 },
    },
    {
      about: "a lifetime that is no number, which is passed over",
      account: { ...arn, "eks.amazonaws.com/token-expiration": "1h" },
      vendor: AWS,
      warns: ['is ignored: "1h"; allowed: digits'],
    },
    {
      about: "a lifetime beyond the provider's bounds",
      account: { ...arn, "eks.amazonaws.com/token-expiration": "172800" },
      vendor: { ...AWS, seconds: 172_800 },
      podpass: { made: { seconds: 86_400 }, why: "the platform's bounds replace the vendor's" },
      warns: ["172800 s becomes 86400 s"],
    },
    {
      about: "a container that is skipped",
      account: arn,
      annotations: { "eks.amazonaws.com/skip-containers": "app,other" },
      vendor: null,
      warns: ['names "other"'],
    },
    {
      about: "the label that opts out",
      account: arn,
      labels: { "eks.amazonaws.com/skip-pod-identity-webhook": "" },
      vendor: null,
    },
    {
      about: "a role that is none",
      account: { "eks.amazonaws.com/role-arn": "my-api" },
      vendor: { ...AWS, env: { ...AWS_ENV, AWS_ROLE_ARN: "my-api" } },
      podpass: { made: "refused", why: "an identity that cannot work is a mistake, and is said where it is made" },
    },
    {
      about: "the regional endpoint of STS",
      account: { ...arn, "eks.amazonaws.com/sts-regional-endpoints": "true" },
      vendor: { ...AWS, env: { ...AWS_ENV, AWS_STS_REGIONAL_ENDPOINTS: "regional" } },
      podpass: {
        made: { env: AWS_ENV },
        why: "where tokens are sent is the platform's to say; SDKs do so by themselves",
      },
    },
  ],
};

const CLIENT = "11111111-2222-3333-4444-555555555555";
const TENANT = "99999999-2222-3333-4444-555555555555";
const AZURE: Made = {
  audience: "api://AzureADTokenExchange",
  seconds: 3600,
  file: "/var/run/secrets/azure/tokens/azure-identity-token",
  env: {
    AZURE_CLIENT_ID: CLIENT,
    AZURE_TENANT_ID: TENANT,
    AZURE_FEDERATED_TOKEN_FILE: "/var/run/secrets/azure/tokens/azure-identity-token",
    AZURE_AUTHORITY_HOST: "https://login.microsoftonline.com/",
  },
};
const client = { "azure.workload.identity/client-id": CLIENT };
const use = { "azure.workload.identity/use": "true" };

const azure: Vendor = {
  config: `nativeAnnotations: true\nproviders: { azure: { preset: azure, parameters: { tenant-id: { default: ${TENANT} } } } }\n${POLICY}`,
  rows: [
    { about: "a client and the label", account: client, labels: use, vendor: AZURE },
    { about: "a client without the label", account: client, vendor: null },
    {
      about: "a label that is not true",
      account: client,
      labels: { "azure.workload.identity/use": "yes" },
      vendor: null,
    },
    {
      about: "the label without a client",
      account: {},
      labels: use,
      vendor: { ...AZURE, env: { ...AZURE.env, AZURE_CLIENT_ID: "" } },
      podpass: { made: null, why: "nothing on the ServiceAccount asks for an identity" },
    },
    {
      about: "another tenant",
      account: { ...client, "azure.workload.identity/tenant-id": "contoso.example.com" },
      labels: use,
      vendor: { ...AZURE, env: { ...AZURE.env, AZURE_TENANT_ID: "contoso.example.com" } },
    },
    {
      about: "lifetimes on both, of which the pod's wins",
      account: { ...client, "azure.workload.identity/service-account-token-expiration": "7200" },
      labels: use,
      annotations: { "azure.workload.identity/service-account-token-expiration": "5400" },
      vendor: { ...AZURE, seconds: 5400 },
    },
    {
      about: "a lifetime outside",
      account: { ...client, "azure.workload.identity/service-account-token-expiration": "600" },
      labels: use,
      vendor: "refused",
      podpass: { made: AZURE, why: "brought inside the bounds, as every lifetime" },
      warns: ["600 s becomes 3600 s"],
    },
    {
      about: "a lifetime that is no number",
      account: { ...client, "azure.workload.identity/service-account-token-expiration": "1h" },
      labels: use,
      vendor: "refused",
    },
    {
      about: "a container that is skipped",
      account: client,
      labels: use,
      annotations: { "azure.workload.identity/skip-containers": "istio-proxy; app" },
      vendor: null,
      warns: ['names "istio-proxy"'],
    },
    {
      about: "the proxy",
      account: client,
      labels: use,
      annotations: { "azure.workload.identity/inject-proxy-sidecar": "true" },
      vendor: AZURE,
      warns: ["no proxy is injected"],
    },
    {
      about: "an identity binding",
      account: client,
      labels: use,
      annotations: { "azure.workload.identity/use-identity-binding": "true" },
      vendor: AZURE,
      warns: ["identity bindings are not made"],
    },
  ],
};

const POOL = "projects/123456789012/locations/global/workloadIdentityPools/my-pool/providers/my-cluster";
const GCP_FILE = "/var/run/secrets/podpass.dev/gcp/credentials.json";
const MOVED = "token and file lie in one volume, at a path of Podpass' own, which variables and file name";
const GCP: Made = {
  audience: "sts.googleapis.com",
  seconds: 86_400,
  file: "/var/run/secrets/sts.googleapis.com/serviceaccount/token",
  env: { GOOGLE_APPLICATION_CREDENTIALS: "/var/run/secrets/workload-identity/federation.json" },
};
const GCP_OURS: Partial<Made> = {
  file: "/var/run/secrets/podpass.dev/gcp/token",
  env: { GOOGLE_APPLICATION_CREDENTIALS: GCP_FILE, CLOUDSDK_AUTH_CREDENTIAL_FILE_OVERRIDE: GCP_FILE },
};
const pool = {
  "cloud.google.com/workload-identity-provider": POOL,
  "cloud.google.com/service-account-email": "my-api@my-project.iam.gserviceaccount.com",
  "cloud.google.com/injection-mode": "direct",
};

const gcp: Vendor = {
  config: `nativeAnnotations: [gcp]\nproviders: { gcp: { preset: gcp } }\n${POLICY}`,
  rows: [
    { about: "direct mode", account: pool, vendor: GCP, podpass: { made: GCP_OURS, why: MOVED } },
    {
      about: "gcloud mode",
      account: { ...pool, "cloud.google.com/injection-mode": "gcloud" },
      vendor: { ...GCP, env: { GOOGLE_APPLICATION_CREDENTIALS: "/var/run/secrets/gcloud/config/federation.json" } },
      podpass: { made: GCP_OURS, why: MOVED },
      warns: ["no gcloud init container"],
    },
    {
      about: "another audience",
      account: { ...pool, "cloud.google.com/audience": "mine" },
      vendor: { ...GCP, audience: "mine" },
      podpass: { made: { ...GCP_OURS, audience: "mine" }, why: MOVED },
    },
    {
      about: "a lifetime that is too short, which is raised",
      account: { ...pool, "cloud.google.com/token-expiration": "600" },
      vendor: { ...GCP, seconds: 3600 },
      podpass: { made: { ...GCP_OURS, seconds: 3600 }, why: MOVED },
    },
    {
      about: "a lifetime that is no number",
      account: { ...pool, "cloud.google.com/token-expiration": "1d" },
      vendor: "refused",
    },
    {
      about: "no e-mail",
      account: {
        "cloud.google.com/workload-identity-provider": POOL,
        "cloud.google.com/injection-mode": "direct",
      },
      vendor: "refused",
      podpass: { made: { ...GCP, ...GCP_OURS }, why: "the pool's own principal needs none" },
    },
    {
      about: "a container that is skipped",
      account: pool,
      annotations: { "cloud.google.com/skip-containers": "app" },
      vendor: null,
    },
  ],
};

const EMAIL = "my-api-1a2b3c4d@sa.stackit.cloud";
const STACKIT: Made = {
  audience: "sts.accounts.stackit.cloud",
  seconds: 600,
  file: "/var/run/secrets/stackit.cloud/serviceaccount/token",
  env: { STACKIT_SERVICE_ACCOUNT_EMAIL: EMAIL },
};
const STACKIT_OURS: Partial<Made> = {
  env: { ...STACKIT.env, STACKIT_FEDERATED_TOKEN_FILE: "/var/run/secrets/stackit.cloud/serviceaccount/token" },
};
const NAMED = "the variable says the same as the SDK's default";
const email = { "workload-identity.stackit.cloud/service-account-email": EMAIL };
const SKIP = "workload-identity.stackit.cloud/skip-pod-identity-webhook";

const stackit: Vendor = {
  config: `nativeAnnotations: [stackit]\nproviders: { stackit: { preset: stackit } }\n${POLICY}`,
  rows: [
    { about: "an e-mail", account: email, vendor: STACKIT, podpass: { made: STACKIT_OURS, why: NAMED } },
    { about: "opted out on the ServiceAccount", account: { ...email, [SKIP]: "true" }, vendor: null },
    { about: "opted out on the pod", account: email, annotations: { [SKIP]: "true" }, vendor: null },
    { about: "opted out by the pod's label", account: email, labels: { [SKIP]: "no" }, vendor: null },
    {
      about: "audience, lifetime and the access token's",
      account: {
        ...email,
        "workload-identity.stackit.cloud/audience": "mine",
        "workload-identity.stackit.cloud/service-account-token-expiration-seconds": "1200",
        "workload-identity.stackit.cloud/idp-token-expiration-seconds": "900",
      },
      vendor: {
        ...STACKIT,
        audience: "mine",
        seconds: 1200,
        env: { ...STACKIT.env, STACKIT_IDP_TOKEN_EXPIRATION_SECONDS: "900" },
      },
      podpass: { made: { env: { ...STACKIT_OURS.env, STACKIT_IDP_TOKEN_EXPIRATION_SECONDS: "900" } }, why: NAMED },
    },
    {
      about: "an endpoint",
      account: { ...email, "workload-identity.stackit.cloud/idp-token-endpoint": "https://idp.example.com" },
      vendor: { ...STACKIT, env: { ...STACKIT.env, STACKIT_IDP_TOKEN_ENDPOINT: "https://idp.example.com" } },
      podpass: { made: STACKIT_OURS, why: "whoever writes a ServiceAccount must not say where tokens are sent" },
      warns: ["the platform's to say"],
    },
  ],
};

const ALIBABA: Made = {
  audience: "sts.aliyuncs.com",
  seconds: 3600,
  file: "/var/run/secrets/ack.alibabacloud.com/rrsa-tokens/token",
  env: {
    ALIBABA_CLOUD_ROLE_ARN: "acs:ram::1234567890123456:role/my-api",
    ALIBABA_CLOUD_OIDC_PROVIDER_ARN: "acs:ram::1234567890123456:oidc-provider/my-cluster",
    ALIBABA_CLOUD_OIDC_TOKEN_FILE: "/var/run/secrets/ack.alibabacloud.com/rrsa-tokens/token",
  },
};
const role = { "pod-identity.alibabacloud.com/role-name": "my-api" };

const alibaba: Vendor = {
  config: `nativeAnnotations: [alibaba]\nproviders: { alibaba: { preset: alibaba, parameters: { provider-arn: { value: "acs:ram::1234567890123456:oidc-provider/my-cluster" } } } }\n${POLICY}`,
  rows: [
    { about: "a role's name", account: role, vendor: ALIBABA },
    {
      about: "a lifetime that is no number",
      account: { ...role, "pod-identity.alibabacloud.com/service-account-token-expiration": "1h" },
      vendor: ALIBABA,
      warns: ['is ignored: "1h"; allowed: digits'],
    },
    {
      about: "a lifetime outside",
      account: { ...role, "pod-identity.alibabacloud.com/service-account-token-expiration": "90000" },
      vendor: ALIBABA,
      podpass: { made: { seconds: 43_200 }, why: "brought inside the bounds, as every lifetime" },
      warns: ["90000 s becomes 43200 s"],
    },
    {
      about: "only another container",
      account: role,
      annotations: { "pod-identity.alibabacloud.com/only-containers": "other" },
      vendor: null,
      warns: ['names "other"'],
    },
    {
      about: "only this container, which is skipped too",
      account: role,
      annotations: {
        "pod-identity.alibabacloud.com/only-containers": "app",
        "pod-identity.alibabacloud.com/skip-containers": "app",
      },
      vendor: null,
    },
    {
      about: "variables that override",
      account: role,
      annotations: { "pod-identity.alibabacloud.com/override-env": "true" },
      vendor: ALIBABA,
      warns: ["are kept as they are"],
    },
  ],
};

const COREWEAVE: Made = {
  audience: "https://coreweave.com/iam",
  seconds: 3600,
  file: "/var/run/secrets/podpass.dev/coreweave-object-storage/token",
  env: {
    AWS_CONTAINER_CREDENTIALS_FULL_URI: "https://api.coreweave.com/v1/cwobject/temporary-credentials/oidc/abc123",
    AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: "/var/run/secrets/podpass.dev/coreweave-object-storage/token",
    AWS_REGION: "US-EAST-04A",
    AWS_DEFAULT_REGION: "US-EAST-04A",
  },
};

/** Audience, lifetime and path are not published: these are Podpass' own. */
const coreweave: Vendor = {
  config:
    "nativeAnnotations: true\nproviders: { coreweave-object-storage: { preset: coreweave-object-storage, parameters: { organization-id: { value: abc123 }, region: { default: US-EAST-04A } } } }\n",
  rows: [
    {
      about: "the trigger",
      account: { "caios.coreweave.com/inject": "true" },
      vendor: COREWEAVE,
      podpass: {
        made: { env: { ...COREWEAVE.env, AWS_ENDPOINT_URL_S3: "https://cwobject.com" } },
        why: "the endpoint that the webhook leaves to the program",
      },
    },
    { about: "a trigger that is not true", account: { "caios.coreweave.com/inject": "yes" }, vendor: null },
  ],
};

/** By name. */
export const VENDORS: Readonly<Record<string, Vendor>> = { aws, azure, gcp, stackit, alibaba, coreweave, cwii };

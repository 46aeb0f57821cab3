/** What cwii makes of its own keys, for three providers, as its source and its pages say; it was not run. */
import type { Made, Vendor } from "./vendor.ts";

const ROLE = "arn:aws:iam::123456789012:role/my-api";
const OTHER = "arn:aws:iam::123456789012:role/other";
const CLIENT = "11111111-2222-3333-4444-555555555555";
const TENANT = "99999999-2222-3333-4444-555555555555";
const POOL = "projects/123456789012/locations/global/workloadIdentityPools/my-pool/providers/my-cluster";

const made = (name: string, audience: string, env: Readonly<Record<string, string>>): Made => ({
  audience,
  seconds: 3600,
  file: `/var/run/secrets/cwii.dev/${name}/token`,
  env,
});

const AWS = made("aws", "sts.amazonaws.com", {
  AWS_ROLE_ARN: ROLE,
  AWS_WEB_IDENTITY_TOKEN_FILE: "/var/run/secrets/cwii.dev/aws/token",
});
const AWS_FILE = "/var/run/secrets/eks.amazonaws.com/serviceaccount/token";
const awsOurs = (env: Readonly<Record<string, string>> = {}): Partial<Made> => ({
  file: AWS_FILE,
  env: { AWS_ROLE_ARN: ROLE, AWS_WEB_IDENTITY_TOKEN_FILE: AWS_FILE, ...env },
});
const AZURE = made("az", "api://AzureADTokenExchange", {
  AZURE_CLIENT_ID: CLIENT,
  AZURE_TENANT_ID: TENANT,
  AZURE_FEDERATED_TOKEN_FILE: "/var/run/secrets/cwii.dev/az/token",
});
const AZURE_FILE = "/var/run/secrets/azure/tokens/azure-identity-token";
const AZURE_OURS: Partial<Made> = {
  file: AZURE_FILE,
  env: {
    ...AZURE.env,
    AZURE_FEDERATED_TOKEN_FILE: AZURE_FILE,
    AZURE_AUTHORITY_HOST: "https://login.microsoftonline.com/",
  },
};
const GCP = made("gcp", `//iam.googleapis.com/${POOL}`, {
  GOOGLE_APPLICATION_CREDENTIALS: "/var/run/secrets/cwii.dev/gcp-creds/credentials.json",
});
const GCP_FILE = "/var/run/secrets/podpass.dev/gcp/credentials.json";
const GCP_OURS: Partial<Made> = {
  file: "/var/run/secrets/podpass.dev/gcp/token",
  env: { GOOGLE_APPLICATION_CREDENTIALS: GCP_FILE, CLOUDSDK_AUTH_CREDENTIAL_FILE_OVERRIDE: GCP_FILE },
};

const MOVED = "the token lies at the provider's path, which variables and file name";
/** Nobody says a region, as nobody does to cwii. */
const NO_REGION = "which nobody sets";
const NO_SETTING = "an identity that cannot work is a mistake, and is said where it is made";

const aws = { "cwii.dev/aws-inject": "true", "cwii.dev/aws-role-arn": ROLE };
const az = { "cwii.dev/az-inject": "true", "cwii.dev/az-client-id": CLIENT, "cwii.dev/az-tenant-id": TENANT };
const gcp = { "cwii.dev/gcp-inject": "true", "cwii.dev/gcp-audience": `//iam.googleapis.com/${POOL}` };

/** With its `nativeAnnotations` on, where rows have Amazon's keys too. */
export const cwii: Vendor = {
  config:
    "nativeAnnotations: true\nproviders: { aws: { preset: aws }, azure: { preset: azure }, gcp: { preset: gcp } }\npolicy: { podOverrides: [expiration-seconds] }\n",
  rows: [
    { about: "aws: a role", account: aws, vendor: AWS, podpass: { made: awsOurs(), why: MOVED }, warns: [NO_REGION] },
    { about: "aws: a role without the trigger", account: { "cwii.dev/aws-role-arn": ROLE }, vendor: null },
    {
      about: "aws: a trigger that says no",
      account: { ...aws, "cwii.dev/aws-inject": "false" },
      vendor: null,
    },
    {
      about: "aws: a trigger in another case",
      account: { ...aws, "cwii.dev/aws-inject": "True" },
      vendor: AWS,
      podpass: { made: null, why: "booleans are written in one way" },
    },
    {
      about: "aws: the trigger without a role",
      account: { "cwii.dev/aws-inject": "true" },
      vendor: null,
      podpass: { made: "refused", why: NO_SETTING },
    },
    { about: "aws: a pod that says no", account: aws, annotations: { "cwii.dev/aws-inject": "false" }, vendor: null },
    {
      about: "aws: region, session, audience and lifetime",
      account: {
        ...aws,
        "cwii.dev/aws-region": "eu-west-1",
        "cwii.dev/aws-role-session-name": "reports",
        "cwii.dev/aws-audience": "vault",
        "cwii.dev/aws-token-expiration": "7200",
      },
      vendor: {
        ...AWS,
        audience: "vault",
        seconds: 7200,
        env: { ...AWS.env, AWS_REGION: "eu-west-1", AWS_ROLE_SESSION_NAME: "reports" },
      },
      podpass: {
        made: awsOurs({
          AWS_REGION: "eu-west-1",
          AWS_DEFAULT_REGION: "eu-west-1",
          AWS_ROLE_SESSION_NAME: "reports",
        }),
        why: `${MOVED}; the two variables of the region come together`,
      },
    },
    {
      about: "aws: a lifetime that is too short, which is raised",
      account: { ...aws, "cwii.dev/aws-token-expiration": "60" },
      vendor: { ...AWS, seconds: 600 },
      podpass: { made: awsOurs(), why: MOVED },
      warns: [NO_REGION],
    },
    {
      about: "aws: a lifetime that is no number, which is passed over",
      account: { ...aws, "cwii.dev/aws-token-expiration": "soon" },
      vendor: AWS,
      podpass: { made: awsOurs(), why: MOVED },
      warns: [NO_REGION, 'is ignored: "soon"; allowed: digits'],
    },
    {
      about: "aws: a lifetime on the pod, which wins",
      account: { ...aws, "cwii.dev/aws-token-expiration": "7200" },
      annotations: { "cwii.dev/aws-token-expiration": "1800" },
      vendor: { ...AWS, seconds: 1800 },
      podpass: { made: awsOurs(), why: MOVED },
      warns: [NO_REGION],
    },
    {
      about: "aws: a role on the pod",
      account: aws,
      annotations: { "cwii.dev/aws-role-arn": OTHER },
      vendor: { ...AWS, env: { ...AWS.env, AWS_ROLE_ARN: OTHER } },
      podpass: { made: awsOurs(), why: "whoever writes pods must not choose their role" },
      warns: ["is read on the ServiceAccount only", NO_REGION],
    },
    {
      about: "aws: verified",
      account: { ...aws, "cwii.dev/aws-verify": "true" },
      vendor: AWS,
      podpass: { made: awsOurs(), why: MOVED },
      warns: ["no init container verifies", NO_REGION],
    },
    {
      about: "aws: beside Amazon's keys, which it beats",
      account: { ...aws, "eks.amazonaws.com/role-arn": OTHER, "eks.amazonaws.com/audience": " " },
      vendor: AWS,
      podpass: { made: awsOurs(), why: MOVED },
      warns: [NO_REGION],
    },
    {
      about: "aws: what is left over of it beside Amazon's keys, as Amazon's webhook sees it",
      account: {
        "cwii.dev/aws-role-arn": OTHER,
        "cwii.dev/aws-token-expiration": "1800",
        "eks.amazonaws.com/role-arn": ROLE,
      },
      vendor: {
        ...AWS,
        seconds: 86_400,
        file: AWS_FILE,
        env: { AWS_ROLE_ARN: ROLE, AWS_WEB_IDENTITY_TOKEN_FILE: AWS_FILE },
      },
      warns: [NO_REGION],
    },
    { about: "azure: a client and a tenant", account: az, vendor: AZURE, podpass: { made: AZURE_OURS, why: MOVED } },
    {
      about: "azure: no tenant",
      account: { "cwii.dev/az-inject": "true", "cwii.dev/az-client-id": CLIENT },
      vendor: null,
      podpass: { made: "refused", why: NO_SETTING },
    },
    {
      about: "azure: another authority",
      account: { ...az, "cwii.dev/az-authority-host": "https://login.example.com/" },
      vendor: { ...AZURE, env: { ...AZURE.env, AZURE_AUTHORITY_HOST: "https://login.example.com/" } },
      podpass: { made: AZURE_OURS, why: "whoever writes a ServiceAccount must not say where tokens are sent" },
      warns: ["the platform's to say"],
    },
    {
      about: "azure: a short lifetime",
      account: { ...az, "cwii.dev/az-token-expiration": "900" },
      vendor: { ...AZURE, seconds: 900 },
      podpass: { made: { ...AZURE_OURS, seconds: 3600 }, why: "the provider's bounds" },
      warns: ["900 s becomes 3600 s"],
    },
    { about: "gcp: a pool's provider", account: gcp, vendor: GCP, podpass: { made: GCP_OURS, why: MOVED } },
    {
      about: "gcp: a service account, and how the file is to come",
      account: {
        ...gcp,
        "cwii.dev/gcp-service-account": "my-api@my-project.iam.gserviceaccount.com",
        "cwii.dev/gcp-delivery": "init-container",
      },
      vendor: GCP,
      podpass: { made: GCP_OURS, why: MOVED },
      warns: ["the file comes by an annotation"],
    },
    {
      about: "gcp: an audience that names no pool",
      account: { ...gcp, "cwii.dev/gcp-audience": "mine" },
      vendor: { ...GCP, audience: "mine" },
      podpass: { made: "refused", why: "the file needs the pool's provider" },
    },
    {
      about: "gcp: no audience",
      account: { "cwii.dev/gcp-inject": "true" },
      vendor: null,
      podpass: { made: "refused", why: NO_SETTING },
    },
  ],
};

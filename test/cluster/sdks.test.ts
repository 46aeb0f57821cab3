import { join } from "node:path";
import { beforeAll, expect, it, onTestFinished } from "vitest";
import { createAuthority } from "../../scripts/certificates.ts";
import { createPod, createServiceAccount, describeOnCluster, timeouts, useCluster } from "./harness.ts";
import { runContainer } from "./node.ts";
import { tokenPod } from "./pod-parts.ts";
import { anthropic } from "./relying-parties/anthropic.ts";
import { awsSts } from "./relying-parties/aws-sts.ts";
import { azure } from "./relying-parties/azure.ts";
import { coreweave } from "./relying-parties/coreweave.ts";
import { gcp } from "./relying-parties/gcp.ts";
import type { Handle } from "./relying-parties/listen.ts";
import { openAi } from "./relying-parties/openai.ts";
import { s3 } from "./relying-parties/s3.ts";
import { canServeVendorHosts, serveVendorHosts } from "./relying-parties/vendor-hosts.ts";
import { type Trust, trustCluster } from "./relying-parties/verify.ts";
import {
  anthropicProgram,
  azureProgram,
  gcpProgram,
  openAiProgram,
  type SdkProgram,
  s3Program,
} from "./sdk-programs.ts";

const subject = "system:serviceaccount:default:app";
const tokenDirectory = "/var/run/secrets/tokens";
const tokenFile = `${tokenDirectory}/token`;
const caFile = "/etc/test-ca.pem";
const roleArn = "arn:aws:iam::123456789012:role/app";
const provider = "projects/1/locations/global/workloadIdentityPools/pool/providers/k8s";
const tenantId = "99999999-2222-3333-4444-555555555555";
const email = "app@example.iam.gserviceaccount.com";
const report = { name: "november.txt", content: "42 pods" };
const authority = await createAuthority("podpass test vendors");
// Where the package is found from, and where the program lies in the container.
const programFile = join(import.meta.dirname, "program.mjs");

const isInstalled = ({ locateSdk }: SdkProgram): boolean => {
  try {
    return locateSdk?.() !== "";
  } catch {
    return false;
  }
};

interface Case {
  readonly program: SdkProgram;
  readonly audience: string;
  readonly names: readonly string[];
  readonly handles: (trust: Trust) => readonly Handle[];
  readonly env: Readonly<Record<string, string>>;
  readonly files?: Readonly<Record<string, string>>;
  readonly prints: string;
}

const awsSessions = new Map();
const objects = new Map([["reports/2026/november.txt", Buffer.from(report.content)]]);
const googleObjects = new Map([[`reports/${report.name}`, report.content]]);
const googleNames = ["sts.googleapis.com", "iamcredentials.googleapis.com", "storage.googleapis.com"];
const googleCredentials = (extra: Readonly<Record<string, string>>) =>
  JSON.stringify({
    type: "external_account",
    audience: `//iam.googleapis.com/${provider}`,
    subject_token_type: "urn:ietf:params:oauth:token-type:jwt",
    token_url: "https://sts.googleapis.com/v1/token",
    credential_source: { file: tokenFile, format: { type: "text" } },
    ...extra,
  });
const googleEnv = { GOOGLE_APPLICATION_CREDENTIALS: "/etc/credentials.json", GOOGLE_CLOUD_PROJECT: "test" };
const impersonation = `https://iamcredentials.googleapis.com/v1/projects/-/serviceAccounts/${email}:generateAccessToken`;

const cases: Readonly<Record<string, Case>> = {
  aws: {
    program: s3Program,
    audience: "sts.amazonaws.com",
    names: ["sts.eu-west-1.amazonaws.com", "reports.s3.eu-west-1.amazonaws.com"],
    handles: (trust) => [
      awsSts({ trust, roleArn, sessions: awsSessions }),
      s3({ sessions: awsSessions, region: "eu-west-1", objects, virtualHostsOf: "s3.eu-west-1.amazonaws.com" }),
    ],
    env: { AWS_ROLE_ARN: roleArn, AWS_WEB_IDENTITY_TOKEN_FILE: tokenFile, AWS_REGION: "eu-west-1" },
    prints: report.content,
  },
  coreweave: {
    program: s3Program,
    audience: "https://coreweave.com/iam",
    names: ["api.coreweave.com", "reports.cwobject.com"],
    handles: (trust) => [
      coreweave({ trust, organizationId: "org1", sessions: awsSessions }),
      s3({ sessions: awsSessions, region: "US-EAST-04A", objects, virtualHostsOf: "cwobject.com" }),
    ],
    env: {
      AWS_CONTAINER_CREDENTIALS_FULL_URI: "https://api.coreweave.com/v1/cwobject/temporary-credentials/oidc/org1",
      AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: tokenFile,
      AWS_ENDPOINT_URL_S3: "https://cwobject.com",
      AWS_REGION: "US-EAST-04A",
    },
    prints: report.content,
  },
  gcp: {
    program: gcpProgram,
    audience: `https://iam.googleapis.com/${provider}`,
    names: googleNames,
    handles: (trust) => [gcp({ trust, workloadIdentityProvider: provider, objects: googleObjects })],
    env: googleEnv,
    files: { "/etc/credentials.json": googleCredentials({}) },
    prints: report.content,
  },
  "gcp, impersonated": {
    program: gcpProgram,
    audience: `https://iam.googleapis.com/${provider}`,
    names: googleNames,
    handles: (trust) => [
      gcp({ trust, workloadIdentityProvider: provider, objects: googleObjects, serviceAccountEmail: email }),
    ],
    env: googleEnv,
    files: { "/etc/credentials.json": googleCredentials({ service_account_impersonation_url: impersonation }) },
    prints: report.content,
  },
  azure: {
    program: azureProgram,
    audience: "api://AzureADTokenExchange",
    names: ["login.microsoftonline.com"],
    handles: (trust) => [azure({ trust, tenantId, clientId: "client-1" })],
    env: {
      AZURE_CLIENT_ID: "client-1",
      AZURE_TENANT_ID: tenantId,
      AZURE_FEDERATED_TOKEN_FILE: tokenFile,
      AZURE_AUTHORITY_HOST: "https://login.microsoftonline.com/",
    },
    prints: "eyJ0.test.",
  },
  anthropic: {
    program: anthropicProgram,
    audience: "https://api.anthropic.com",
    names: ["api.anthropic.com"],
    handles: (trust) => [anthropic({ trust, federationRuleId: "fdrl_1", organizationId: "org-1" })],
    env: {
      ANTHROPIC_FEDERATION_RULE_ID: "fdrl_1",
      ANTHROPIC_ORGANIZATION_ID: "org-1",
      ANTHROPIC_IDENTITY_TOKEN_FILE: tokenFile,
    },
    prints: `Hello ${subject}`,
  },
  openai: {
    program: openAiProgram,
    audience: "https://api.openai.com/v1",
    names: ["auth.openai.com", "api.openai.com"],
    handles: (trust) => [openAi({ trust, identityProviderId: "idp_1", serviceAccountId: "user-1" })],
    env: { OPENAI_IDENTITY_PROVIDER_ID: "idp_1", OPENAI_SERVICE_ACCOUNT_ID: "user-1" },
    prints: `Hello ${subject}`,
  },
};

describeOnCluster("unmodified SDKs with hand-written identities", { timeout: timeouts.test }, () => {
  const current = useCluster();
  beforeAll(() => createServiceAccount(current(), "app").then(() => undefined));

  const run = async (name: string, { program, audience, names, handles, env, files }: Case, tokenAudience: string) => {
    const cluster = current();
    const trust = await trustCluster(cluster, { audience, subjects: [subject] });
    const vendor = await serveVendorHosts(authority, names, handles(trust));
    onTestFinished(() => vendor.stop());
    const parts = tokenPod({ audience: tokenAudience, path: "token" }, tokenDirectory);
    const pod = await createPod(cluster, { name, serviceAccountName: "app", ...parts });
    const result = await runContainer({
      cluster,
      pod,
      container: "main",
      command: ["node", programFile],
      env: { ...env, NODE_EXTRA_CA_CERTS: caFile, HOME: "/nonexistent" },
      files: { ...files, [programFile]: program.source, [caFile]: authority.ca },
      hosts: vendor.hosts,
    });
    return { ...result, statuses: new Set(vendor.calls.map(({ status }) => status)) };
  };

  for (const [index, [name, parts]] of Object.entries(cases).entries()) {
    const isPossible = process.env["CI"] === "true" || (canServeVendorHosts() && isInstalled(parts.program));
    it.skipIf(!isPossible)(`${name}: works with its own audience`, async () => {
      const { exitCode, stdout, stderr, statuses } = await run(`right-${index}`, parts, parts.audience);
      expect({ exitCode, stdout, stderr }).toEqual({ exitCode: 0, stdout: `${parts.prints}\n`, stderr: "" });
      expect([...statuses]).toEqual([200]);
    });

    it.skipIf(!isPossible)(`${name}: fails with another audience`, async () => {
      const { exitCode, stdout, statuses } = await run(`wrong-${index}`, parts, "https://other.example.com");
      expect({ hasFailed: exitCode !== 0, stdout }).toEqual({ hasFailed: true, stdout: "" });
      expect([...statuses].some((status) => status === 400 || status === 401)).toBe(true);
    });
  }
});

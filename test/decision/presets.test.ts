import { describe, expect, it } from "vitest";
import { presetNames } from "../../src/configuration/compile.ts";
import type { Pod } from "../../src/pod/pod.ts";
import { applied, containerOf, decideOn, recorded } from "../support/pods.ts";

const UUID = "11111111-2222-3333-4444-555555555555";
const POOL = "projects/123456789012/locations/global/workloadIdentityPools/my-pool/providers/my-cluster";
const ENKRYPTIFY_API = "https://api.enkryptify.com";

/**
 * What the service's own SDK reads, taken from runs of the SDKs, their source and the vendors' pages, and not from the
 * presets: variables, and for each file the token's audience or the file's content.
 */
interface Read {
  readonly review: string;
  readonly container: string;
  readonly annotations: Readonly<Record<string, string>>;
  /** The platform's parameters. */
  readonly platform?: Readonly<Record<string, string>>;
  readonly env: Readonly<Record<string, string>>;
  /** Path to audience. */
  readonly tokens: Readonly<Record<string, string>>;
  /** Path to content; JSON is compared as a value. */
  readonly files?: Readonly<Record<string, unknown>>;
}

const READ: Readonly<Record<string, Read>> = {
  aws: {
    review: "deployment",
    container: "web",
    annotations: { "role-arn": "arn:aws:iam::123456789012:role/my-api", region: "eu-west-1", "session-name": "my-api" },
    env: {
      AWS_ROLE_ARN: "arn:aws:iam::123456789012:role/my-api",
      AWS_WEB_IDENTITY_TOKEN_FILE: "/var/run/secrets/eks.amazonaws.com/serviceaccount/token",
      AWS_ROLE_SESSION_NAME: "my-api",
      AWS_REGION: "eu-west-1",
      AWS_DEFAULT_REGION: "eu-west-1",
    },
    tokens: { "/var/run/secrets/eks.amazonaws.com/serviceaccount/token": "sts.amazonaws.com" },
  },
  gcp: {
    review: "job-native-sidecar",
    container: "train",
    annotations: {
      "workload-identity-provider": POOL,
      "service-account-email": "my-api@my-project.iam.gserviceaccount.com",
      "project-id": "my-project",
    },
    env: {
      GOOGLE_APPLICATION_CREDENTIALS: "/var/run/secrets/podpass.dev/gcp/credentials.json",
      CLOUDSDK_AUTH_CREDENTIAL_FILE_OVERRIDE: "/var/run/secrets/podpass.dev/gcp/credentials.json",
      GOOGLE_CLOUD_PROJECT: "my-project",
    },
    tokens: { "/var/run/secrets/podpass.dev/gcp/token": `https://iam.googleapis.com/${POOL}` },
    files: {
      "/var/run/secrets/podpass.dev/gcp/credentials.json": {
        type: "external_account",
        audience: `//iam.googleapis.com/${POOL}`,
        subject_token_type: "urn:ietf:params:oauth:token-type:jwt",
        token_url: "https://sts.googleapis.com/v1/token",
        service_account_impersonation_url:
          "https://iamcredentials.googleapis.com/v1/projects/-/serviceAccounts/my-api@my-project.iam.gserviceaccount.com:generateAccessToken",
        credential_source: { file: "/var/run/secrets/podpass.dev/gcp/token", format: { type: "text" } },
      },
    },
  },
  azure: {
    review: "no-volumes",
    container: "app",
    annotations: { "client-id": UUID, "tenant-id": UUID },
    env: {
      AZURE_CLIENT_ID: UUID,
      AZURE_TENANT_ID: UUID,
      AZURE_FEDERATED_TOKEN_FILE: "/var/run/secrets/azure/tokens/azure-identity-token",
      AZURE_AUTHORITY_HOST: "https://login.microsoftonline.com/",
    },
    tokens: { "/var/run/secrets/azure/tokens/azure-identity-token": "api://AzureADTokenExchange" },
  },
  openai: {
    review: "newer-fields",
    container: "app",
    annotations: { "identity-provider-id": "idp_abc123", "service-account-id": "user-abc123" },
    env: { OPENAI_IDENTITY_PROVIDER_ID: "idp_abc123", OPENAI_SERVICE_ACCOUNT_ID: "user-abc123" },
    tokens: { "/var/run/secrets/tokens/token": "https://api.openai.com/v1" },
  },
  enkryptify: {
    review: "smallest",
    container: "app",
    annotations: {},
    env: { ENKRYPTIFY_TOKEN_PATH: "/var/run/secrets/tokens/token", ENKRYPTIFY_API_URL: ENKRYPTIFY_API },
    tokens: { "/var/run/secrets/tokens/token": "enkryptify" },
  },
  "coreweave-object-storage": {
    review: "big",
    container: "app-3",
    annotations: { "organization-id": "abc123", region: "US-EAST-04A", "addressing-style": "virtual" },
    env: {
      AWS_CONTAINER_CREDENTIALS_FULL_URI: "https://api.coreweave.com/v1/cwobject/temporary-credentials/oidc/abc123",
      AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: "/var/run/secrets/podpass.dev/coreweave-object-storage/token",
      AWS_REGION: "US-EAST-04A",
      AWS_DEFAULT_REGION: "US-EAST-04A",
      AWS_ENDPOINT_URL_S3: "https://cwobject.com",
      AWS_CONFIG_FILE: "/var/run/secrets/podpass.dev/coreweave-object-storage/aws-config",
    },
    tokens: { "/var/run/secrets/podpass.dev/coreweave-object-storage/token": "https://coreweave.com/iam" },
    files: {
      "/var/run/secrets/podpass.dev/coreweave-object-storage/aws-config":
        "[default]\ns3 =\n  addressing_style = virtual\n",
    },
  },
  anthropic: {
    review: "deployment",
    container: "web",
    annotations: {
      "federation-rule-id": "fdrl_1",
      "organization-id": UUID,
      "service-account-id": "svac_1",
      "workspace-id": "default",
    },
    env: {
      ANTHROPIC_FEDERATION_RULE_ID: "fdrl_1",
      ANTHROPIC_ORGANIZATION_ID: UUID,
      ANTHROPIC_SERVICE_ACCOUNT_ID: "svac_1",
      ANTHROPIC_WORKSPACE_ID: "default",
      ANTHROPIC_IDENTITY_TOKEN_FILE: "/var/run/secrets/anthropic.com/token",
    },
    tokens: { "/var/run/secrets/anthropic.com/token": "https://api.anthropic.com" },
  },
  "openai-codex": {
    review: "smallest",
    container: "app",
    annotations: { "federation-rule-id": "idpm_1" },
    env: {
      OPENAI_FEDERATION_RULE_ID: "idpm_1",
      OPENAI_IDENTITY_TOKEN_FILE: "/var/run/secrets/openai.com/identity-token",
    },
    tokens: { "/var/run/secrets/openai.com/identity-token": "https://api.openai.com/v1" },
  },
  databricks: {
    review: "statefulset",
    container: "backup",
    annotations: { "client-id": UUID },
    platform: { host: "https://dbc-1.cloud.databricks.com", "token-audience": UUID },
    env: {
      DATABRICKS_HOST: "https://dbc-1.cloud.databricks.com",
      DATABRICKS_AUTH_TYPE: "file-oidc",
      DATABRICKS_OIDC_TOKEN_FILEPATH: "/var/run/secrets/podpass.dev/databricks/token",
      DATABRICKS_CLIENT_ID: UUID,
    },
    tokens: { "/var/run/secrets/podpass.dev/databricks/token": UUID },
  },
  wandb: {
    review: "smallest",
    container: "app",
    annotations: {},
    platform: { "token-audience": "https://api.wandb.ai", "base-url": "https://wandb.example.com" },
    env: {
      WANDB_IDENTITY_TOKEN_FILE: "/var/run/secrets/podpass.dev/wandb/token",
      WANDB_CREDENTIALS_FILE: "/tmp/wandb-credentials.json",
      WANDB_BASE_URL: "https://wandb.example.com",
    },
    tokens: { "/var/run/secrets/podpass.dev/wandb/token": "https://api.wandb.ai" },
  },
  tailscale: {
    review: "smallest",
    container: "app",
    annotations: { "client-id": "k1CNTRL", "advertise-tags": "tag:a,tag:b" },
    env: {
      TS_CLIENT_ID: "k1CNTRL",
      TS_ID_TOKEN: "file:/var/run/secrets/podpass.dev/tailscale/token",
      TS_EXTRA_ARGS: "--advertise-tags=tag:a,tag:b",
    },
    tokens: { "/var/run/secrets/podpass.dev/tailscale/token": "api.tailscale.com/k1CNTRL" },
  },
  alibaba: {
    review: "smallest",
    container: "app",
    annotations: { "role-arn": "acs:ram::1:role/my-api", "session-name": "my-api" },
    platform: { "provider-arn": "acs:ram::1:oidc-provider/my-cluster", "sts-region": "eu-central-1" },
    env: {
      ALIBABA_CLOUD_ROLE_ARN: "acs:ram::1:role/my-api",
      ALIBABA_CLOUD_OIDC_PROVIDER_ARN: "acs:ram::1:oidc-provider/my-cluster",
      ALIBABA_CLOUD_OIDC_TOKEN_FILE: "/var/run/secrets/ack.alibabacloud.com/rrsa-tokens/token",
      ALIBABA_CLOUD_ROLE_SESSION_NAME: "my-api",
      ALIBABA_CLOUD_STS_REGION: "eu-central-1",
    },
    tokens: { "/var/run/secrets/ack.alibabacloud.com/rrsa-tokens/token": "sts.aliyuncs.com" },
  },
  stackit: {
    review: "smallest",
    container: "app",
    annotations: { "service-account-email": "a@sa.stackit.cloud", "idp-token-expiration-seconds": "900" },
    platform: { "idp-token-endpoint": "https://accounts.example.com/token" },
    env: {
      STACKIT_SERVICE_ACCOUNT_EMAIL: "a@sa.stackit.cloud",
      STACKIT_FEDERATED_TOKEN_FILE: "/var/run/secrets/stackit.cloud/serviceaccount/token",
      STACKIT_IDP_TOKEN_ENDPOINT: "https://accounts.example.com/token",
      STACKIT_IDP_TOKEN_EXPIRATION_SECONDS: "900",
    },
    tokens: { "/var/run/secrets/stackit.cloud/serviceaccount/token": "sts.accounts.stackit.cloud" },
  },
  vault: {
    review: "smallest",
    container: "app",
    annotations: { role: "my-api" },
    platform: { "token-audience": "https://vault.example.com", address: "https://vault.example.com:8200" },
    env: { VAULT_ADDR: "https://vault.example.com:8200" },
    tokens: { "/var/run/secrets/podpass.dev/vault/token": "https://vault.example.com" },
  },
  mongodb: {
    review: "smallest",
    container: "app",
    annotations: {},
    platform: { "token-audience": "https://mongodb.example.com" },
    env: { AZURE_FEDERATED_TOKEN_FILE: "/var/run/secrets/podpass.dev/mongodb/token" },
    tokens: { "/var/run/secrets/podpass.dev/mongodb/token": "https://mongodb.example.com" },
  },
};

const configOf = (name: string, platform: Readonly<Record<string, string>> = {}): string => {
  const parameters = Object.fromEntries(Object.entries(platform).map(([key, value]) => [key, { value }]));
  return `providers: ${JSON.stringify({ [name]: { preset: name, parameters } })}\n`;
};

const injected = (name: string, read: Read): Pod => {
  const { pod, namespace } = recorded(read.review);
  const annotations = Object.entries(read.annotations).map(([key, value]) => [`${name}.podpass.dev/${key}`, value]);
  const account = { "podpass.dev/federate": name, ...Object.fromEntries(annotations) };
  const decision = decideOn({ pod, namespace, account, config: configOf(name, read.platform) });
  expect(decision).toMatchObject({ outcome: "patched", reason: "injected", providers: [name] });
  return applied(pod, decision.patch);
};

/** What the kubelet would put under each path of the container: `{ audience, seconds }` of a token, or a content. */
const filesOf = (pod: Pod, containerName: string): ReadonlyMap<string, unknown> => {
  const files = new Map<string, unknown>();
  for (const mount of containerOf(pod, containerName).volumeMounts ?? []) {
    const sources = pod.spec.volumes?.find((volume) => volume.name === mount.name)?.projected?.sources ?? [];
    for (const { serviceAccountToken: token, downwardAPI } of sources) {
      if (token) files.set(`${mount.mountPath}/${token.path}`, token.audience);
      for (const { path, fieldRef } of downwardAPI?.items ?? []) {
        const [, key = ""] = /^metadata\.annotations\['(.*)'\]$/.exec(fieldRef?.fieldPath ?? "") ?? [];
        files.set(`${mount.mountPath}/${path}`, pod.metadata?.annotations?.[key]);
      }
    }
  }
  return files;
};

const parsed = (content: unknown): unknown => {
  try {
    return JSON.parse(String(content));
  } catch {
    return content;
  }
};

describe("what the service's own SDK reads is there after an injection into a real pod:", () => {
  it("every preset is looked at", () => {
    expect(Object.keys(READ).sort()).toEqual([...presetNames].sort());
  });

  it.each(Object.entries(READ))("%s", (name, read) => {
    const pod = injected(name, read);
    const env = new Map(
      (containerOf(pod, read.container).env ?? []).map((variable) => [variable.name, variable.value]),
    );
    for (const [variable, value] of Object.entries(read.env)) {
      expect(env.get(variable), variable).toBe(value);
    }
    const files = filesOf(pod, read.container);
    for (const [path, audience] of Object.entries(read.tokens)) expect(files.get(path), path).toBe(audience);
    for (const [path, content] of Object.entries(read.files ?? {}))
      expect(parsed(files.get(path)), path).toEqual(content);
  });

  it("Anthropic's token never lives longer than the hour that its issuers allow", () => {
    const { annotations } = READ["anthropic"] ?? { annotations: {} };
    const account = Object.fromEntries(
      Object.entries(annotations).map(([key, value]) => [`anthropic.podpass.dev/${key}`, value]),
    );
    const { patch } = decideOn({
      account: { ...account, "podpass.dev/federate": "anthropic", "anthropic.podpass.dev/expiration-seconds": "86400" },
    });
    expect(JSON.stringify(patch)).toContain('"expirationSeconds":3600');
  });

  it("a direct GCP identity has no impersonation in its file", () => {
    const account = { "podpass.dev/federate": "gcp", "gcp.podpass.dev/workload-identity-provider": POOL };
    const { patch } = decideOn({ account });
    expect(JSON.stringify(patch)).not.toContain("impersonation");
  });

  it("CoreWeave without virtual addressing has no file", () => {
    const account = {
      "podpass.dev/federate": "coreweave-object-storage",
      "coreweave-object-storage.podpass.dev/organization-id": "abc123",
    };
    const { patch } = decideOn({ account });
    expect(JSON.stringify(patch)).not.toMatch(/AWS_CONFIG_FILE|downwardAPI/);
  });
});

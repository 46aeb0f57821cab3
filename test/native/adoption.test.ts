import { describe, expect, it } from "vitest";
import type { Pod } from "../../src/pod/pod.ts";
import { applied, asPod, container, decideOn, pod, tokenVolume } from "../support/pods.ts";
import { VENDORS } from "./rows.ts";

/** What a vendor's webhook leaves behind in a pod with one container. */
interface Traces {
  readonly vendor: string;
  readonly about: string;
  readonly account: Readonly<Record<string, string>>;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly env: Readonly<Record<string, string>>;
  /** Volumes, each with its mount. */
  readonly volumes: readonly (readonly [volume: object, mountPath: string])[];
  /** Variables that Podpass adds to it, which the vendor leaves out. */
  readonly adds?: readonly string[];
}

const ROLE = "arn:aws:iam::123456789012:role/my-api";
const AWS_PATH = "/var/run/secrets/eks.amazonaws.com/serviceaccount";
const CLIENT = "11111111-2222-3333-4444-555555555555";
const AZURE_TOKEN = { audience: "api://AzureADTokenExchange", expirationSeconds: 3600 };
const POOL = "projects/123456789012/locations/global/workloadIdentityPools/my-pool/providers/my-cluster";

const azureEnv = (file: string) => ({
  AZURE_CLIENT_ID: CLIENT,
  AZURE_TENANT_ID: "99999999-2222-3333-4444-555555555555",
  AZURE_FEDERATED_TOKEN_FILE: file,
  AZURE_AUTHORITY_HOST: "https://login.microsoftonline.com/",
});

const azure = (about: string, name: string, directory: string, path: string): Traces => ({
  vendor: "azure",
  about,
  account: { "azure.workload.identity/client-id": CLIENT },
  labels: { "azure.workload.identity/use": "true" },
  env: azureEnv(`${directory}/${path}`),
  volumes: [[tokenVolume(name, { ...AZURE_TOKEN, path }), directory]],
});

const gcpToken: readonly [object, string] = [
  tokenVolume("gcp-iam-token", { audience: "sts.googleapis.com", expirationSeconds: 86_400, path: "token" }),
  "/var/run/secrets/sts.googleapis.com/serviceaccount",
];

const TRACES: readonly Traces[] = [
  {
    vendor: "aws",
    about: "its volume",
    account: { "eks.amazonaws.com/role-arn": ROLE },
    env: {
      AWS_STS_REGIONAL_ENDPOINTS: "regional",
      AWS_DEFAULT_REGION: "eu-west-1",
      AWS_REGION: "eu-west-1",
      AWS_ROLE_ARN: ROLE,
      AWS_WEB_IDENTITY_TOKEN_FILE: `${AWS_PATH}/token`,
    },
    volumes: [
      [
        tokenVolume("aws-iam-token", { audience: "sts.amazonaws.com", expirationSeconds: 86_400, path: "token" }),
        AWS_PATH,
      ],
    ],
  },
  azure("0.8 to 1.5", "azure-identity-token", "/var/run/secrets/azure/tokens", "azure-identity-token"),
  azure("1.6.0", "azure-workload-identity-reserved-1a2b3c", "/var/run/secrets/azure/wi/token", "azure-identity-token"),
  azure(
    "later",
    "azure-workload-identity-reserved-1a2b3c",
    "/var/run/secrets/azure/wi/1a2b/token",
    "azure-identity-token",
  ),
  {
    vendor: "gcp",
    about: "direct mode",
    account: {
      "cloud.google.com/workload-identity-provider": POOL,
      "cloud.google.com/service-account-email": "my-api@my-project.iam.gserviceaccount.com",
      "cloud.google.com/injection-mode": "direct",
    },
    annotations: { "cloud.google.com/external-credentials-json": "{}" },
    env: {
      GOOGLE_APPLICATION_CREDENTIALS: "/var/run/secrets/workload-identity/federation.json",
      CLOUDSDK_COMPUTE_REGION: "",
      CLOUDSDK_CORE_PROJECT: "my-project",
    },
    volumes: [
      gcpToken,
      [
        {
          name: "external-credential-config",
          downwardAPI: {
            items: [
              {
                path: "federation.json",
                fieldRef: { fieldPath: "metadata.annotations['cloud.google.com/external-credentials-json']" },
              },
            ],
          },
        },
        "/var/run/secrets/workload-identity",
      ],
    ],
  },
  {
    vendor: "stackit",
    about: "its volume",
    account: { "workload-identity.stackit.cloud/service-account-email": "my-api-1a2b3c4d@sa.stackit.cloud" },
    env: { STACKIT_SERVICE_ACCOUNT_EMAIL: "my-api-1a2b3c4d@sa.stackit.cloud" },
    volumes: [
      [
        tokenVolume("stackit-workload-identity", {
          audience: "sts.accounts.stackit.cloud",
          expirationSeconds: 600,
          path: "token",
        }),
        "/var/run/secrets/stackit.cloud/serviceaccount",
      ],
    ],
    adds: ["STACKIT_FEDERATED_TOKEN_FILE"],
  },
  {
    vendor: "alibaba",
    about: "its volume",
    account: { "pod-identity.alibabacloud.com/role-name": "my-api" },
    env: {
      ALIBABA_CLOUD_ROLE_ARN: "acs:ram::1234567890123456:role/my-api",
      ALIBABA_CLOUD_OIDC_PROVIDER_ARN: "acs:ram::1234567890123456:oidc-provider/my-cluster",
      ALIBABA_CLOUD_OIDC_TOKEN_FILE: "/var/run/secrets/ack.alibabacloud.com/rrsa-tokens/token",
    },
    volumes: [
      [
        tokenVolume("rrsa-oidc-token", { audience: "sts.aliyuncs.com", expirationSeconds: 3600, path: "token" }),
        "/var/run/secrets/ack.alibabacloud.com/rrsa-tokens",
      ],
    ],
  },
];

const metadataOf = ({ labels, annotations }: Traces): object => ({ name: "my-pod", labels, annotations });

/** The pod behind the vendor's webhook. */
const behindVendor = (traces: Traces): Pod =>
  asPod({
    ...pod({
      containers: [
        container({
          env: Object.entries(traces.env).map(([name, value]) => ({ name, value })),
          volumeMounts: traces.volumes.map(([volume, mountPath]) => ({
            name: (volume as { name: string }).name,
            mountPath,
            readOnly: true,
          })),
        }),
      ],
      volumes: traces.volumes.map(([volume]) => volume),
    }),
    metadata: metadataOf(traces),
  });

/** The vendor's webhook behind Podpass: what is there by name stays, the rest is appended. */
const thenVendor = (before: Pod, traces: Traces): Pod => {
  const vendors = behindVendor(traces);
  const containers = before.spec.containers.map((one) => {
    const [theirs] = vendors.spec.containers;
    const names = new Set((one.env ?? []).map(({ name }) => name));
    const added = (theirs?.env ?? []).filter(({ name }) => !names.has(name));
    return {
      ...one,
      env: [...(one.env ?? []), ...added],
      volumeMounts: [...(one.volumeMounts ?? []), ...(theirs?.volumeMounts ?? [])],
    };
  });
  const volumes = [...(before.spec.volumes ?? []), ...(vendors.spec.volumes ?? [])];
  return asPod({ ...before, spec: { ...before.spec, containers, volumes } });
};

const decisionOn = ({ account, vendor }: Traces, given: Pod) =>
  decideOn({ account, config: VENDORS[vendor]?.config ?? "", pod: given });

/** The warnings that are not about the vendor's keys. */
const surprises = (decision: ReturnType<typeof decideOn>): readonly string[] =>
  decision.warnings.filter(({ reason }) => reason !== "native-unsupported").map(({ text }) => text);

describe.each(TRACES.map((traces) => [`${traces.vendor}: ${traces.about}`, traces] as const))("%s", (_name, traces) => {
  it("is adopted: no second volume, no second mount, nothing that surprises", () => {
    const before = behindVendor(traces);
    const decision = decisionOn(traces, before);
    expect(decision.outcome).not.toBe("denied");
    const after = applied(before, decision.patch);
    expect(after.spec.volumes).toStrictEqual(before.spec.volumes);
    const [one, other] = [before.spec.containers[0], after.spec.containers[0]];
    expect(other?.volumeMounts).toStrictEqual(one?.volumeMounts);
    const names = new Set(one?.env?.map(({ name }) => name));
    expect(other?.env?.map(({ name }) => name).filter((name) => !names.has(name))).toStrictEqual(traces.adds ?? []);
    expect(surprises(decision)).toStrictEqual([]);
    expect(["already-present", "injected"]).toContain(decision.reason);
    expect(decisionOn(traces, after).patch).toStrictEqual([]);
  });

  it("comes behind Podpass, which then changes nothing and loses nothing", () => {
    const plain = asPod({ ...pod(), metadata: metadataOf(traces) });
    const ours = applied(plain, decisionOn(traces, plain).patch);
    const both = thenVendor(ours, traces);
    const again = decisionOn(traces, both);
    expect(again.patch).toStrictEqual([]);
    expect(surprises(again)).toStrictEqual([]);
    // Two of one path: the API server would refuse them, so that a vendor's webhook comes first, or not at all.
    const paths = both.spec.containers[0]?.volumeMounts?.map(({ mountPath }) => mountPath) ?? [];
    expect(new Set(paths).size === paths.length).toBe(
      !["aws", "stackit", "alibaba"].includes(traces.vendor) && traces.about !== "0.8 to 1.5",
    );
  });
});

describe("what looks like a vendor's work and is none", () => {
  it("is said: the token is for somebody else", () => {
    const traces = azure("1.6.0", "mine", "/mine", "t");
    const [[volume]] = traces.volumes as [readonly [object, string]];
    const other = JSON.parse(JSON.stringify(volume).replace("api://AzureADTokenExchange", "api://mine"));
    const decision = decisionOn(traces, behindVendor({ ...traces, volumes: [[other, "/mine"]] }));
    expect(decision.warnings.map(({ reason }) => reason)).toStrictEqual(["manages-itself"]);
  });
});

it.each([
  [256, "already-present"],
  [257, "manages-itself"],
])(
  "a token whose path has %i characters is %s: paths are compared with every mount, so only short ones are",
  (length, reason) => {
    const name = "azure-identity-token";
    const directory = `/var/run/secrets/azure/${"a".repeat(length - 24 - name.length)}`;
    const traces = azure("a long path", name, directory, name);
    expect(traces.env["AZURE_FEDERATED_TOKEN_FILE"]).toHaveLength(length);
    const { reports } = decisionOn(traces, behindVendor(traces));
    expect(reports.map(({ placement }) => placement)).toStrictEqual([reason]);
  },
);

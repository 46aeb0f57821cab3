/**
 * Pods as those in the vendors' own tests, told in our words: which of them each is like says `like`. What the vendor's
 * webhook makes of it, container by container, is what its test expects; where Podpass makes something else, the reason is
 * beside it. Read in the webhooks of AWS (pkg/handler/testdata), Azure (pkg/webhook/webhook_test.go) and pfnet
 * (webhooks/*_test.go), autumn 2026.
 */
import { tokenVolume } from "../support/pods.ts";

/** What a container finds. */
export interface Found {
  /** Its variables, but for those of the vendor that name a file. */
  readonly env?: Readonly<Record<string, string>>;
  /** The token's audience and seconds, at the very path that a variable or the file behind it names; without: none. */
  readonly token?: readonly [audience: string, seconds: number];
}

/** By the container's name; a pod that is refused has none. */
export type Result = Readonly<Record<string, Found>> | "refused";

/** A pod of a ServiceAccount. */
export interface Situation {
  /** The case in the vendor's tests. */
  readonly like: string;
  readonly account?: Readonly<Record<string, string>>;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  /** Of the pod; one container `app` unless told. */
  readonly spec?: object;
  readonly vendor: Result;
  /** Where Podpass makes another pod. */
  readonly podpass?: { readonly result: Result; readonly why: string };
  /** Parts of the warnings, each. */
  readonly warns?: readonly string[];
}

/** One vendor's. */
export interface VendorSituations {
  /** The configuration below its header; the first provider is the vendor's. */
  readonly config: string;
  /** Annotations of the ServiceAccount in every situation. */
  readonly account: Readonly<Record<string, string>>;
  readonly labels?: Readonly<Record<string, string>>;
  /** The variables that name a file. */
  readonly files: readonly string[];
  readonly situations: readonly Situation[];
}

const env = (values: Readonly<Record<string, string>>) => ({
  env: Object.entries(values).map(([name, value]) => ({ name, value })),
});
const app = (fields: object = {}) => ({ name: "app", image: "x", ...fields });
const named = (name: string, fields: object = {}) => ({ name, image: "x", ...fields });

const ROLE = "arn:aws:iam::123456789012:role/reader";
const AWS_PATH = "/var/run/secrets/eks.amazonaws.com/serviceaccount";
const STS: Found["token"] = ["sts.amazonaws.com", 86_400];
const REGION = { AWS_REGION: "eu-west-1", AWS_DEFAULT_REGION: "eu-west-1" };
const AWS_FOUND: Found = { env: { ...REGION, AWS_ROLE_ARN: ROLE }, token: STS };
const OWN_REGION = { AWS_REGION: "eu-north-1" };
const OWN_STS = { ...OWN_REGION, AWS_STS_REGIONAL_ENDPOINTS: "regional" };

const aws: VendorSituations = {
  config:
    "nativeAnnotations: [aws]\nproviders: { aws: { preset: aws, parameters: { region: { default: eu-west-1 } } } }\npolicy: { podOverrides: [expiration-seconds] }\n",
  account: { "eks.amazonaws.com/role-arn": ROLE },
  files: ["AWS_WEB_IDENTITY_TOKEN_FILE"],
  situations: [
    { like: "rawPodWithoutVolumes, rawPodNeedsRegion", vendor: { app: AWS_FOUND } },
    {
      like: "rawPodWithVolumes",
      spec: { volumes: [{ name: "mine", emptyDir: {} }] },
      vendor: { app: AWS_FOUND },
    },
    {
      like: "rawPodWithGRPC, rawPodWithsecCompProfile",
      spec: {
        containers: [app({ readinessProbe: { grpc: { port: 5000 } } })],
        securityContext: { seccompProfile: { type: "RuntimeDefault" } },
      },
      vendor: { app: AWS_FOUND },
    },
    {
      like: "rawPodWithInitContainer, initPodNeedsRegion",
      spec: { initContainers: [named("init"), named("sidecar", { restartPolicy: "Always" })], containers: [app()] },
      vendor: { init: AWS_FOUND, sidecar: AWS_FOUND, app: AWS_FOUND },
    },
    {
      like: "windowsPodWithoutVolumes, betaWindowsPodWithoutVolumes",
      spec: { nodeSelector: { "kubernetes.io/os": "windows" } },
      vendor: { app: AWS_FOUND },
    },
    {
      like: "rawPodRegionPresent",
      spec: { containers: [app(env(OWN_REGION))] },
      vendor: { app: { env: { ...OWN_REGION, AWS_ROLE_ARN: ROLE }, token: STS } },
    },
    {
      like: "rawPodHasSTS",
      spec: { containers: [app(env(OWN_STS))] },
      vendor: { app: { env: { ...OWN_STS, AWS_ROLE_ARN: ROLE }, token: STS } },
    },
    {
      like: "rawPodNeedsSTS",
      account: { "eks.amazonaws.com/sts-regional-endpoints": "true" },
      vendor: { app: { env: { ...AWS_FOUND.env, AWS_STS_REGIONAL_ENDPOINTS: "regional" }, token: STS } },
      podpass: { result: { app: AWS_FOUND }, why: "where tokens are sent is the platform's to say" },
    },
    {
      like: "rawPodNoSTSAnnotationOverride",
      account: { "eks.amazonaws.com/sts-regional-endpoints": "false" },
      vendor: { app: AWS_FOUND },
    },
    {
      like: "rawPodHasAll: role, region and STS are the container's own, and nothing is mounted",
      spec: { containers: [app(env({ ...OWN_STS, AWS_ROLE_ARN: ROLE }))] },
      vendor: { app: { env: { ...OWN_STS, AWS_ROLE_ARN: ROLE } } },
      podpass: {
        result: { app: { env: { ...OWN_STS, AWS_ROLE_ARN: ROLE }, token: STS } },
        why: "the role is the one that the ServiceAccount has, and of no use without its token",
      },
    },
    {
      like: "rawPodHasTokenExpiration",
      annotations: { "eks.amazonaws.com/token-expiration": "3600" },
      vendor: { app: { ...AWS_FOUND, token: ["sts.amazonaws.com", 3600] } },
    },
    {
      like: "rawPodMinTokenExpiration",
      annotations: { "eks.amazonaws.com/token-expiration": "0" },
      vendor: { app: { ...AWS_FOUND, token: ["sts.amazonaws.com", 600] } },
    },
    {
      like: "rawPodHasTokenVolume: one container has all of it, a second one nothing",
      spec: {
        containers: [
          app({
            ...env({ ...REGION, AWS_ROLE_ARN: ROLE, AWS_WEB_IDENTITY_TOKEN_FILE: `${AWS_PATH}/token` }),
            volumeMounts: [{ name: "aws-iam-token", mountPath: AWS_PATH, readOnly: true }],
          }),
          named("second"),
        ],
        volumes: [tokenVolume("aws-iam-token", { audience: STS[0], expirationSeconds: STS[1], path: "token" })],
      },
      vendor: { app: AWS_FOUND, second: AWS_FOUND },
    },
    {
      like: "rawPodHasForeignTokenVolume: a volume of that name with a token for somebody else",
      spec: { volumes: [tokenVolume("aws-iam-token", { audience: "vault", expirationSeconds: 3600, path: "token" })] },
      vendor: { app: {} },
      podpass: { result: { app: AWS_FOUND }, why: "volumes are known by what they are, and not by their names" },
    },
    {
      like: "rawPodHasVolumeMount: a volume of that name which is a directory of the node, and mounted",
      spec: {
        containers: [app({ volumeMounts: [{ name: "aws-iam-token", mountPath: "/elsewhere" }] })],
        volumes: [{ name: "aws-iam-token", hostPath: { path: "/elsewhere" } }],
      },
      vendor: { app: { env: AWS_FOUND.env ?? {} } },
      podpass: { result: { app: AWS_FOUND }, why: "variables without a token are of no use" },
    },
    {
      like: "rawPodSkip: one container is skipped, the other has a role of its own",
      annotations: { "eks.amazonaws.com/skip-containers": "sidecar" },
      spec: { containers: [named("sidecar"), app(env({ AWS_ROLE_ARN: "mine" }))] },
      vendor: { sidecar: {}, app: { env: { ...REGION, AWS_ROLE_ARN: "mine" } } },
      podpass: {
        result: { sidecar: {}, app: { env: { ...REGION, AWS_ROLE_ARN: "mine" }, token: STS } },
        why: "the container's own role needs the token as well, which the webhook mounts without saying where",
      },
      warns: ["not the ServiceAccount's"],
    },
    {
      like: "rawPodNoBaseArn: a role without its ARN, which a flag of the webhook completes",
      account: { "eks.amazonaws.com/role-arn": "reader" },
      vendor: { app: AWS_FOUND },
      podpass: { result: "refused", why: "whose role it is has to be written" },
    },
  ],
};

const CLIENT = "11111111-2222-3333-4444-555555555555";
const TENANT = "99999999-2222-3333-4444-555555555555";
const EXCHANGE = "api://AzureADTokenExchange";
const HOST = "https://login.microsoftonline.com/";
const AZURE_FOUND: Found = {
  env: { AZURE_CLIENT_ID: CLIENT, AZURE_TENANT_ID: TENANT, AZURE_AUTHORITY_HOST: HOST },
  token: [EXCHANGE, 4800],
};
const AZURE_PATH = "/var/run/secrets/azure/wi/1a2b";
const withInit = { initContainers: [named("init")], containers: [app()] };

const azure: VendorSituations = {
  config: `nativeAnnotations: [azure]\nproviders: { azure: { preset: azure, parameters: { tenant-id: { default: ${TENANT} } } } }\npolicy: { podOverrides: [expiration-seconds] }\n`,
  account: {
    "azure.workload.identity/client-id": CLIENT,
    "azure.workload.identity/service-account-token-expiration": "4800",
  },
  labels: { "azure.workload.identity/use": "true" },
  files: ["AZURE_FEDERATED_TOKEN_FILE"],
  situations: [
    { like: "service account in cache", spec: withInit, vendor: { init: AZURE_FOUND, app: AZURE_FOUND } },
    {
      like: "skip container and pod token expiration",
      annotations: {
        "azure.workload.identity/service-account-token-expiration": "7200",
        "azure.workload.identity/skip-containers": "init",
      },
      spec: withInit,
      vendor: { init: {}, app: { ...AZURE_FOUND, token: [EXCHANGE, 7200] } },
    },
    {
      like: "pod has the required label, restart policy in init container",
      spec: { initContainers: [named("init", { restartPolicy: "Always" })], containers: [app()] },
      vendor: { init: AZURE_FOUND, app: AZURE_FOUND },
    },
    {
      like: "multiple skip containers defined with extra space",
      annotations: { "azure.workload.identity/skip-containers": "app; second" },
      spec: { containers: [app(), named("second"), named("third")] },
      vendor: { app: {}, second: {}, third: AZURE_FOUND },
    },
    {
      like: "proxy init and sidecar, but for the containers of the proxy",
      annotations: {
        "azure.workload.identity/inject-proxy-sidecar": "true",
        "azure.workload.identity/proxy-sidecar-port": "9000",
      },
      vendor: { app: AZURE_FOUND },
      warns: ["no proxy is injected"],
    },
    {
      like: "custom token endpoint with CA config map, but for the endpoint's variables",
      annotations: { "azure.workload.identity/use-custom": "true" },
      vendor: { app: { ...AZURE_FOUND, token: ["custom-audience", 4800] } },
      podpass: { result: { app: AZURE_FOUND }, why: "identity bindings are not made" },
      warns: ["identity bindings are not made"],
    },
    {
      like: "pod-level resources from a newer Kubernetes API, unknown field",
      spec: { resources: { limits: { cpu: "200m" } }, panda: "bamboo", containers: [app()] },
      vendor: { app: AZURE_FOUND },
    },
    {
      like: "environment variables added to existing list, volume mount added to existing volume mounts",
      spec: {
        containers: [app({ ...env({ MINE: "x" }), volumeMounts: [{ name: "mine", mountPath: "/var/run/pods" }] })],
        volumes: [{ name: "mine", emptyDir: {} }],
      },
      vendor: { app: { ...AZURE_FOUND, env: { MINE: "x", ...AZURE_FOUND.env } } },
    },
    {
      like: "existing environment variables not replaced",
      spec: { containers: [app(env({ AZURE_CLIENT_ID: "mine", AZURE_TENANT_ID: "mine" }))] },
      vendor: {
        app: {
          env: { AZURE_CLIENT_ID: "mine", AZURE_TENANT_ID: "mine", AZURE_AUTHORITY_HOST: HOST },
          token: [EXCHANGE, 4800],
        },
      },
      warns: ["AZURE_"],
    },
    {
      like: "azure-identity-token projected volume already exists, reinvocation with stable identity",
      spec: {
        containers: [
          app({
            ...env({ ...AZURE_FOUND.env, AZURE_FEDERATED_TOKEN_FILE: `${AZURE_PATH}/azure-identity-token` }),
            volumeMounts: [{ name: "azure-workload-identity-reserved-1a2b", mountPath: AZURE_PATH, readOnly: true }],
          }),
        ],
        volumes: [
          tokenVolume("azure-workload-identity-reserved-1a2b", {
            audience: EXCHANGE,
            expirationSeconds: 4800,
            path: "azure-identity-token",
          }),
        ],
      },
      vendor: { app: AZURE_FOUND },
    },
    {
      like: "existing projected service account token volume overridden with desired audience",
      spec: {
        volumes: [
          tokenVolume("azure-workload-identity-reserved-1a2b", {
            audience: "aud",
            expirationSeconds: 3600,
            path: "mine",
          }),
        ],
      },
      vendor: { app: AZURE_FOUND },
    },
    {
      like: "pod token expiry annotation invalid",
      annotations: { "azure.workload.identity/service-account-token-expiration": "3600s" },
      vendor: "refused",
      podpass: { result: { app: AZURE_FOUND }, why: "an annotation on a pod that cannot be read is ignored, and said" },
      warns: ["3600s"],
    },
    {
      like: "service account token expiry annotation invalid",
      account: { "azure.workload.identity/service-account-token-expiration": "3600s" },
      vendor: "refused",
    },
    {
      like: "invalid token expiry < 3600",
      annotations: { "azure.workload.identity/service-account-token-expiration": "3599" },
      vendor: "refused",
      podpass: {
        result: { app: { ...AZURE_FOUND, token: [EXCHANGE, 3600] } },
        why: "lifetimes are brought inside the bounds, and said",
      },
      warns: ["3599 s becomes 3600 s"],
    },
    {
      like: "invalid token expiry > 86400",
      annotations: { "azure.workload.identity/service-account-token-expiration": "86401" },
      vendor: "refused",
      podpass: {
        result: { app: { ...AZURE_FOUND, token: [EXCHANGE, 86_400] } },
        why: "lifetimes are brought inside the bounds, and said",
      },
      warns: ["86401 s becomes 86400 s"],
    },
    {
      like: "client id not present, environment variables are not added when empty",
      account: { "azure.workload.identity/client-id": "" },
      vendor: { app: { ...AZURE_FOUND, env: { AZURE_TENANT_ID: TENANT, AZURE_AUTHORITY_HOST: HOST } } },
      podpass: { result: { app: {} }, why: "nothing on the ServiceAccount asks for an identity" },
    },
  ],
};

const POOL = "projects/123456789012/locations/global/workloadIdentityPools/my-pool/providers/my-cluster";
const GCP_FOUND: Found = {
  env: { CLOUDSDK_CORE_PROJECT: "my-project", CLOUDSDK_COMPUTE_REGION: "" },
  token: ["sts.googleapis.com", 86_400],
};
/** The project is the platform's, and named to the client libraries too; no region is set. */
const PROJECT = { CLOUDSDK_CORE_PROJECT: "my-project", GOOGLE_CLOUD_PROJECT: "my-project" };
const GCP_OURS: Found = { ...GCP_FOUND, env: PROJECT };
const NO_REGION = "an empty region is not set, and the project is named to the client libraries as well";
const GCLOUD = ["no gcloud init container"];

const gcp: VendorSituations = {
  config:
    "nativeAnnotations: [gcp]\nproviders: { gcp: { preset: gcp, parameters: { project-id: { default: my-project } } } }\npolicy: { podOverrides: [expiration-seconds] }\n",
  account: {
    "cloud.google.com/workload-identity-provider": POOL,
    "cloud.google.com/service-account-email": "my-api@my-project.iam.gserviceaccount.com",
  },
  files: ["GOOGLE_APPLICATION_CREDENTIALS", "CLOUDSDK_CONFIG", "CLOUDSDK_AUTH_CREDENTIAL_FILE_OVERRIDE"],
  situations: [
    {
      like: "passed Pod doesn't have conflicted and no override fields, but for the container gcloud-setup",
      spec: withInit,
      vendor: { init: GCP_FOUND, app: GCP_FOUND },
      podpass: { result: { init: GCP_OURS, app: GCP_OURS }, why: NO_REGION },
      warns: GCLOUD,
    },
    {
      like: "should inject gcloud configurations",
      account: {
        "cloud.google.com/audience": "mine",
        "cloud.google.com/token-expiration": "3600",
        "cloud.google.com/gcloud-run-as-user": "1000",
      },
      spec: withInit,
      vendor: { init: { ...GCP_FOUND, token: ["mine", 3600] }, app: { ...GCP_FOUND, token: ["mine", 3600] } },
      podpass: {
        result: { init: { ...GCP_OURS, token: ["mine", 3600] }, app: { ...GCP_OURS, token: ["mine", 3600] } },
        why: NO_REGION,
      },
      warns: [...GCLOUD, "there is no gcloud init container"],
    },
    {
      like: "passed Pod has unparsed token expiration annotation",
      annotations: { "cloud.google.com/token-expiration": "not-integer" },
      vendor: "refused",
      podpass: { result: { app: GCP_OURS }, why: "an annotation on a pod that cannot be read is ignored, and said" },
      warns: [...GCLOUD, "not-integer"],
    },
    {
      like: "passed Pod does have conflicted and override fields: variables and a volume of its own",
      annotations: { "cloud.google.com/token-expiration": "3601" },
      spec: {
        containers: [
          app({
            ...env({ GOOGLE_APPLICATION_CREDENTIALS: "mine", CLOUDSDK_COMPUTE_REGION: "mine" }),
            volumeMounts: [{ name: "gcp-iam-token", mountPath: "/mine" }],
          }),
        ],
        volumes: [{ name: "gcp-iam-token", emptyDir: {} }],
      },
      vendor: {
        app: {
          env: { CLOUDSDK_CORE_PROJECT: "my-project", CLOUDSDK_COMPUTE_REGION: "mine" },
          token: ["sts.googleapis.com", 3601],
        },
      },
      podpass: {
        result: { app: { env: { CLOUDSDK_COMPUTE_REGION: "mine" } } },
        why: "a container that brings credentials of its own is left alone, and that is said",
      },
      warns: [...GCLOUD, "has its own settings for gcp"],
    },
  ],
};

/** By name. */
export const SITUATIONS: Readonly<Record<string, VendorSituations>> = { aws, azure, gcp };

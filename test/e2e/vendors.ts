/**
 * What vendors' webhooks make of a pod: those of AWS, Azure, Google Cloud (pfnet) and STACKIT as read in their sources, that
 * of Alibaba Cloud as its page says. They look at names and nothing else, and never at what another webhook has added.
 */
import { containersOf, type EnvVar, type Pod, type Volume, type VolumeMount } from "../cluster/node/pod.ts";

/** The vendors. */
export type Vendor = "aws" | "azure" | "gcp" | "stackit" | "alibaba";

type Texts = Readonly<Record<string, string>>;

/** What a vendor's webhook adds to each container. */
interface Made {
  readonly volumes: readonly Volume[];
  readonly mounts: readonly VolumeMount[];
  readonly env: readonly EnvVar[];
  readonly annotations?: Texts;
  /** Refuses a pod that has one of its variables, its volume or a mount of it; the others leave out what is there. */
  readonly refusesOwn?: boolean;
}

const tokenVolume = (name: string, audience: string, seconds: number, path: string): Volume => ({
  name,
  projected: { sources: [{ serviceAccountToken: { audience, expirationSeconds: seconds, path } }] },
});

const mount = (name: string, mountPath: string): VolumeMount => ({ name, mountPath, readOnly: true });

const AWS_PATH = "/var/run/secrets/eks.amazonaws.com/serviceaccount";
const AZURE_PATH = "/var/run/secrets/azure/wi/token";
const GCP_PATH = "/var/run/secrets/sts.googleapis.com/serviceaccount";
const GCP_CONFIG = "/var/run/secrets/workload-identity";

const secondsOf = (annotations: Texts, key: string, otherwise: number) => Number(annotations[key] ?? otherwise);

const aws = (account: Texts): Made | undefined => {
  const role = account["eks.amazonaws.com/role-arn"];
  if (role === undefined) return undefined;
  const seconds = secondsOf(account, "eks.amazonaws.com/token-expiration", 86_400);
  return {
    volumes: [
      tokenVolume("aws-iam-token", account["eks.amazonaws.com/audience"] ?? "sts.amazonaws.com", seconds, "token"),
    ],
    mounts: [mount("aws-iam-token", AWS_PATH)],
    env: [
      { name: "AWS_ROLE_ARN", value: role },
      { name: "AWS_WEB_IDENTITY_TOKEN_FILE", value: `${AWS_PATH}/token` },
    ],
  };
};

const azure = (account: Texts, { metadata }: Pod): Made | undefined => {
  if (metadata.labels?.["azure.workload.identity/use"] !== "true") return undefined;
  const seconds = secondsOf(account, "azure.workload.identity/service-account-token-expiration", 3600);
  const name = "azure-workload-identity-reserved-1a2b3c";
  return {
    volumes: [tokenVolume(name, "api://AzureADTokenExchange", seconds, "azure-identity-token")],
    mounts: [mount(name, AZURE_PATH)],
    env: [
      { name: "AZURE_CLIENT_ID", value: account["azure.workload.identity/client-id"] ?? "" },
      { name: "AZURE_TENANT_ID", value: account["azure.workload.identity/tenant-id"] ?? "" },
      { name: "AZURE_FEDERATED_TOKEN_FILE", value: `${AZURE_PATH}/azure-identity-token` },
      { name: "AZURE_AUTHORITY_HOST", value: "https://login.microsoftonline.com/" },
    ].filter(({ value }) => value !== ""),
  };
};

const gcp = (account: Texts): Made | undefined => {
  const provider = account["cloud.google.com/workload-identity-provider"];
  if (provider === undefined) return undefined;
  const key = "cloud.google.com/external-credentials-json";
  const items = [{ path: "federation.json", fieldRef: { fieldPath: `metadata.annotations['${key}']` } }];
  const audience = account["cloud.google.com/audience"] ?? "sts.googleapis.com";
  const seconds = secondsOf(account, "cloud.google.com/token-expiration", 86_400);
  return {
    volumes: [
      tokenVolume("gcp-iam-token", audience, seconds, "token"),
      { name: "external-credential-config", downwardAPI: { items } },
    ],
    mounts: [mount("gcp-iam-token", GCP_PATH), mount("external-credential-config", GCP_CONFIG)],
    env: [{ name: "GOOGLE_APPLICATION_CREDENTIALS", value: `${GCP_CONFIG}/federation.json` }],
    annotations: { [key]: JSON.stringify({ audience: `//iam.googleapis.com/${provider}` }) },
  };
};

/** The OIDC provider of the made-up cluster at Alibaba Cloud. */
export const ALIBABA_PROVIDER = "acs:ram::1234567890123456:oidc-provider/my-cluster";

const STACKIT_DOMAIN = "workload-identity.stackit.cloud";
const STACKIT_FILE = "/var/run/secrets/stackit.cloud/serviceaccount/token";

const stackit = (account: Texts, { metadata }: Pod): Made | undefined => {
  const of = (name: string) => account[`${STACKIT_DOMAIN}/${name}`] ?? "";
  const skip = `${STACKIT_DOMAIN}/skip-pod-identity-webhook`;
  const isSkipped = [account, metadata.annotations, metadata.labels].some((texts) => texts?.[skip] === "true");
  const email = of("service-account-email");
  if (email === "" || isSkipped) return undefined;
  const file = of("federated-token-file") || STACKIT_FILE;
  const end = file.lastIndexOf("/");
  const name = "stackit-workload-identity";
  const seconds = Number(of("service-account-token-expiration-seconds") || 600);
  return {
    volumes: [tokenVolume(name, of("audience") || "sts.accounts.stackit.cloud", seconds, file.slice(end + 1))],
    mounts: [mount(name, file.slice(0, end))],
    env: [
      { name: "STACKIT_SERVICE_ACCOUNT_EMAIL", value: email },
      { name: "STACKIT_FEDERATED_TOKEN_FILE", value: of("federated-token-file") },
      { name: "STACKIT_IDP_TOKEN_ENDPOINT", value: of("idp-token-endpoint") },
      { name: "STACKIT_IDP_TOKEN_EXPIRATION_SECONDS", value: of("idp-token-expiration-seconds") },
    ].filter(({ value }) => value !== ""),
    refusesOwn: true,
  };
};

const ALIBABA_DOMAIN = "pod-identity.alibabacloud.com";
const ALIBABA_PATH = "/var/run/secrets/ack.alibabacloud.com/rrsa-tokens";

/** Of a cluster whose account and region are made up. */
const alibaba = (account: Texts, { metadata }: Pod): Made | undefined => {
  const role = account[`${ALIBABA_DOMAIN}/role-name`] ?? "";
  if (role === "" || metadata.labels?.[`${ALIBABA_DOMAIN}/injection`] !== "on") return undefined;
  const key = `${ALIBABA_DOMAIN}/service-account-token-expiration`;
  const wanted = secondsOf({ ...account, ...metadata.annotations }, key, 3600);
  const seconds = wanted >= 600 && wanted <= 43_200 ? wanted : 3600;
  return {
    volumes: [tokenVolume("rrsa-oidc-token", "sts.aliyuncs.com", seconds, "token")],
    mounts: [mount("rrsa-oidc-token", ALIBABA_PATH)],
    env: [
      { name: "ALIBABA_CLOUD_ROLE_ARN", value: `acs:ram::1234567890123456:role/${role}` },
      { name: "ALIBABA_CLOUD_OIDC_PROVIDER_ARN", value: ALIBABA_PROVIDER },
      { name: "ALIBABA_CLOUD_OIDC_TOKEN_FILE", value: `${ALIBABA_PATH}/token` },
      { name: "ALIBABA_CLOUD_STS_REGION", value: "cn-hangzhou" },
    ],
  };
};

const MAKERS: Readonly<Record<Vendor, (account: Texts, pod: Pod) => Made | undefined>> = {
  aws,
  azure,
  gcp,
  stackit,
  alibaba,
};

const lacking = <T extends { readonly name: string }>(wanted: readonly T[], there: readonly T[] = []): readonly T[] =>
  wanted.filter(({ name }) => !there.some((one) => one.name === name));

/** Lists written anew, as these webhooks write them. */
const patched = (pod: Pod, made: Made): readonly object[] => [
  {
    op: "add",
    path: "/spec/volumes",
    value: [...(pod.spec.volumes ?? []), ...lacking(made.volumes, pod.spec.volumes ?? [])],
  },
  {
    op: "add",
    path: "/spec/containers",
    value: pod.spec.containers.map((container) => ({
      ...container,
      volumeMounts: [...(container.volumeMounts ?? []), ...lacking(made.mounts, container.volumeMounts)],
      env: [...(container.env ?? []), ...lacking(made.env, container.env)],
    })),
  },
  { op: "add", path: "/metadata/annotations", value: { ...pod.metadata.annotations, ...made.annotations } },
];

/** What is there of its own already, as STACKIT's webhook says it; undefined where nothing is. */
const ownIn = (pod: Pod, { volumes, mounts, env }: Made): string | undefined => {
  const isAmong = (wanted: readonly { readonly name: string }[]) => {
    const names = new Set(wanted.map(({ name }) => name));
    return ({ name }: { readonly name: string }) => names.has(name);
  };
  const volume = pod.spec.volumes?.find(isAmong(volumes));
  if (volume !== undefined) return `volume with name "${volume.name}" already exists in pod spec`;
  for (const container of containersOf(pod)) {
    const found = container.volumeMounts?.find(isAmong(mounts)) ?? container.env?.find(isAmong(env));
    if (found !== undefined) return `failed to mutate container "${container.name}": "${found.name}" already exists`;
  }
  return undefined;
};

/** What the webhook of `vendor` answers: a JSON Patch, or why the pod is refused. */
export const answerOf = (
  vendor: Vendor,
  account: Texts,
  pod: Pod,
): { readonly patch: readonly object[] } | { readonly refused: string } => {
  const made = MAKERS[vendor](account, pod);
  if (made === undefined) return { patch: [] };
  const refused = made.refusesOwn === true ? ownIn(pod, made) : undefined;
  return refused === undefined ? { patch: patched(pod, made) } : { refused };
};

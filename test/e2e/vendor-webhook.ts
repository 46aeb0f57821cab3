/**
 * Stand-ins for vendors' webhooks: what those of AWS, Azure and Google Cloud (pfnet) add to a pod, as read in their
 * sources. They look at names and nothing else, and never at what another webhook has added.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { createAuthority } from "../../scripts/certificates.ts";
import type { ApiObject } from "../cluster/api-client.ts";
import type { Cluster } from "../cluster/cluster.ts";
import type { EnvVar, Pod, Volume, VolumeMount } from "../cluster/node/pod.ts";
import { type Handle, json, jsonBody, listen } from "../cluster/relying-parties/listen.ts";

/** The vendors. */
export type Vendor = "aws" | "azure" | "gcp";

type Texts = Readonly<Record<string, string>>;

/** What a vendor's webhook adds to each container. */
interface Made {
  readonly volumes: readonly Volume[];
  readonly mounts: readonly VolumeMount[];
  readonly env: readonly EnvVar[];
  readonly annotations?: Texts;
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

const MAKERS: Readonly<Record<Vendor, (account: Texts, pod: Pod) => Made | undefined>> = { aws, azure, gcp };

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

const handleFor =
  (vendor: Vendor, cluster: Cluster): Handle =>
  async (incoming) => {
    const { request } = jsonBody(incoming) as { request: { uid: string; namespace: string; object: Pod } };
    const { uid, namespace, object: pod } = request;
    const path = `/api/v1/namespaces/${namespace}/serviceaccounts/${pod.spec.serviceAccountName}`;
    const { metadata } = await cluster.must<ApiObject>("GET", path);
    const made = MAKERS[vendor](metadata.annotations ?? {}, pod);
    const patch = made === undefined ? [] : patched(pod, made);
    const response = {
      uid,
      allowed: true,
      patchType: "JSONPatch",
      patch: Buffer.from(JSON.stringify(patch)).toString("base64"),
    };
    return json(200, { apiVersion: "admission.k8s.io/v1", kind: "AdmissionReview", response });
  };

const CONFIGURATIONS = "/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations";

/** A vendor's webhook at work. */
export interface VendorWebhook {
  /** Registers it under `name`, whose place in the alphabet decides when it is called, and waits until it is. */
  register(name: string): Promise<void>;
  /** Takes its registration away, and waits until it is called no more. */
  unregister(name: string): Promise<void>;
  /** Takes all that is left of it away. */
  stop(): Promise<void>;
}

const configurationOf = (name: string, url: string, caPem: string) => ({
  apiVersion: "admissionregistration.k8s.io/v1",
  kind: "MutatingWebhookConfiguration",
  metadata: { name },
  webhooks: [
    {
      name: "vendor.example.com",
      clientConfig: { url: `${url}/`, caBundle: Buffer.from(caPem).toString("base64") },
      rules: [{ apiGroups: [""], apiVersions: ["v1"], operations: ["CREATE"], resources: ["pods"] }],
      failurePolicy: "Fail",
      sideEffects: "None",
      admissionReviewVersions: ["v1"],
    },
  ],
});

/** Starts the stand-in for the webhook of `vendor`; it is called once it is registered. */
export const startVendorWebhook = async (cluster: Cluster, vendor: Vendor): Promise<VendorWebhook> => {
  const authority = await createAuthority("a vendor");
  const tls = await authority.issue({ names: ["127.0.0.1"] });
  const listener = await listen([handleFor(vendor, cluster)], { tls });
  const isCalled = async (): Promise<boolean> => {
    const before = listener.calls.length;
    const metadata = { name: "vendor-canary" };
    const spec = { serviceAccountName: "podpass-canary", containers: [{ name: "main", image: "example.com/none" }] };
    await cluster.must("POST", "/api/v1/namespaces/default/pods?dryRun=All", {
      apiVersion: "v1",
      kind: "Pod",
      metadata,
      spec,
    });
    return listener.calls.length > before;
  };
  const until = async (wanted: boolean): Promise<void> => {
    const deadline = Date.now() + 30_000;
    while ((await isCalled()) !== wanted) {
      if (Date.now() > deadline) throw new Error("the API server does not follow the registration");
      await sleep(50);
    }
  };
  const names = new Set<string>();
  return {
    async register(name) {
      names.add(name);
      await cluster.must("POST", CONFIGURATIONS, configurationOf(name, listener.url, authority.ca));
      await until(true);
    },
    async unregister(name) {
      names.delete(name);
      await cluster.must("DELETE", `${CONFIGURATIONS}/${name}`);
      await until(false);
    },
    async stop() {
      for (const name of names) await cluster.request("DELETE", `${CONFIGURATIONS}/${name}`);
      await listener.stop();
    },
  };
};

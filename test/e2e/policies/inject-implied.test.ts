/** The API server serves pods of accounts that vendors' annotations or a namespace federate, as the webhook would. */
import { beforeAll, expect, it } from "vitest";
import { renderPolicies } from "../../../src/policies/render.ts";
import { createServiceAccount, describeWithMutatingPolicies, useCluster } from "../../cluster/harness.ts";
import { applyPolicies } from "../../cluster/policies.ts";
import { asPod, settingsOf } from "../../support/pods.ts";
import { compare, TWIN } from "./injection.ts";

const ROLE = "arn:aws:iam::123456789012:role/my-api";
const settings = settingsOf(`
nativeAnnotations: true
providers:
  aws: { preset: aws, parameters: { region: { default: eu-west-1 } } }
  azure: { preset: azure, parameters: { tenant-id: { default: contoso.example.com } } }
  gcp: { preset: gcp }
  demo: { token: { audience: demo }, parameters: { place: { scope: platform }, size: {} }, env: { DEMO: "\${token.file}", PLACE: "\${parameter.place}", SIZE: "\${parameter.size}" } }
defaults:
  - { namespaces: ["nowhere-*"], provider: demo, parameters: { place: nowhere } }
  - { namespaces: [default], provider: demo, parameters: { place: here, size: "it's $5" } }
`);
const { objects } = renderPolicies(settings, { name: "podpass", minor: 36, mode: "exact", digest: "x" });

const pool = "projects/123456789012/locations/global/workloadIdentityPools/my-pool/providers/my-cluster";
const use = { "azure.workload.identity/use": "true" };
const client = { "azure.workload.identity/client-id": "11111111-2222-3333-4444-555555555555" };

const cwii = {
  "cwii.dev/aws-inject": "true",
  "cwii.dev/aws-role-arn": "arn:aws:iam::123456789012:role/cwii",
  "cwii.dev/aws-token-expiration": "1800",
};

const pod = (metadata: object = {}) =>
  asPod({
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name: "pod", ...metadata },
    spec: { containers: [{ name: "main", image: "example.com/none" }] },
  });

const CASES: readonly (readonly [
  about: string,
  annotations: Record<string, string>,
  metadata: object,
  outcome: string,
])[] = [
  ["a namespace", {}, {}, "served"],
  ["a vendor's annotation beside the namespace", { "eks.amazonaws.com/role-arn": ROLE }, {}, "served"],
  [
    "ours, the vendor's and the namespace's",
    {
      "podpass.dev/federate": "gcp",
      "gcp.podpass.dev/workload-identity-provider": pool,
      "eks.amazonaws.com/role-arn": ROLE,
      "demo.podpass.dev/size": "9",
    },
    {},
    "served",
  ],
  [
    "a lifetime that is raised",
    { "eks.amazonaws.com/role-arn": ROLE, "eks.amazonaws.com/token-expiration": "60" },
    {},
    "served",
  ],
  [
    "a lifetime that is passed over",
    { "eks.amazonaws.com/role-arn": ROLE, "eks.amazonaws.com/token-expiration": "1h" },
    {},
    "served",
  ],
  ["a vendor's own audience", { "cloud.google.com/workload-identity-provider": pool }, {}, "served"],
  [
    "another audience",
    { "cloud.google.com/workload-identity-provider": pool, "cloud.google.com/audience": "mine" },
    {},
    "alone",
  ],
  ["another vendor's", cwii, {}, "served"],
  [
    "both vendors', of which the first counts",
    { ...cwii, "eks.amazonaws.com/role-arn": ROLE, "eks.amazonaws.com/token-expiration": "7200" },
    {},
    "served",
  ],
  [
    "one vendor's, and what is left over of the other's",
    { ...cwii, "cwii.dev/aws-inject": "false", "eks.amazonaws.com/role-arn": ROLE },
    {},
    "served",
  ],
  [
    "one that a pod declines, and the other vendor's",
    { ...cwii, "eks.amazonaws.com/role-arn": ROLE },
    { annotations: { "cwii.dev/aws-inject": "false" } },
    "served",
  ],
  [
    "declined by the pod, which leaves the namespace",
    cwii,
    { annotations: { "cwii.dev/aws-inject": "false" } },
    "served",
  ],
  [
    "a parameter that is a part of the value",
    { "cwii.dev/gcp-inject": "true", "cwii.dev/gcp-audience": `//iam.googleapis.com/${pool}` },
    {},
    "alone",
  ],
  [
    "a parameter that is a part of the value, for our own annotation",
    {
      "cwii.dev/gcp-service-account": "my-api@my-project.iam.gserviceaccount.com",
      "podpass.dev/federate": "gcp",
      "gcp.podpass.dev/audience": "sts.googleapis.com",
      "cwii.dev/gcp-audience": `//iam.googleapis.com/${pool}`,
    },
    {},
    "served",
  ],
  ["a label that is there", client, { labels: use }, "served"],
  ["a label that is not there, which leaves the namespace", client, {}, "served"],
  [
    "a label that opts out, which leaves the namespace",
    { "eks.amazonaws.com/role-arn": ROLE },
    { labels: { "eks.amazonaws.com/skip-pod-identity-webhook": "" } },
    "served",
  ],
  ["declined", { "podpass.dev/inject": "false", "eks.amazonaws.com/role-arn": ROLE }, {}, "alone"],
  [
    "a vendor's filter",
    { "eks.amazonaws.com/role-arn": ROLE },
    { annotations: { "eks.amazonaws.com/skip-containers": "main" } },
    "alone",
  ],
];

describeWithMutatingPolicies("accounts that are federated without our annotation", () => {
  const cluster = useCluster({ controllerManager: true });
  beforeAll(async () => {
    await applyPolicies(
      cluster(),
      objects.filter(({ metadata }) => /^podpass-(label|inject)\./.test(metadata.name)),
    );
    // The namespace federates every account that does not decline.
    await createServiceAccount(cluster(), TWIN, { "podpass.dev/inject": "false" });
    for (const [index, [, annotations]] of CASES.entries())
      await createServiceAccount(cluster(), `account-${index}`, annotations);
    await new Promise((resolve) => setTimeout(resolve, 1000));
  });

  it.each(CASES.map((one, index) => [one[0], index, one] as const))(
    "%s",
    async (_about, index, [, annotations, metadata, outcome]) => {
      const account = {
        namespace: "default",
        name: `account-${index}`,
        annotations: new Map(Object.entries(annotations)),
      };
      expect(await compare(cluster(), pod(metadata), { account, settings })).toStrictEqual(outcome);
    },
  );
});

import { expect, it } from "vitest";
import type { ApiObject } from "../cluster/api-client.ts";
import { describeOnCluster, timeouts } from "../cluster/harness.ts";
import type { Container, Pod } from "../cluster/node/pod.ts";
import { bindPod, runContainer } from "../cluster/node.ts";
import { verifyToken } from "../cluster/relying-parties/verify.ts";
import { useEnvironment } from "./environment.ts";
import { podpassTrust, trustFrom } from "./trust.ts";

const accounts = [
  {
    name: "aws",
    annotations: {
      "podpass.dev/federate": "aws",
      "aws.podpass.dev/role-arn": "arn:aws:iam::123456789012:role/reports",
      "aws.podpass.dev/region": "eu-west-1",
    },
  },
  {
    name: "openai",
    annotations: {
      "podpass.dev/federate": "openai",
      "openai.podpass.dev/identity-provider-id": "idp_1",
      "openai.podpass.dev/service-account-id": "user-1",
    },
  },
  {
    name: "gcp",
    annotations: {
      "podpass.dev/federate": "gcp",
      "gcp.podpass.dev/workload-identity-provider":
        "projects/1/locations/global/workloadIdentityPools/pool/providers/k8s",
    },
  },
];

type Mounts = NonNullable<Container["volumeMounts"]>;
interface Case {
  readonly account: string;
  readonly mounts: Mounts;
  /** Where the token is in the end; a program finds it by `read`. */
  readonly file: string;
  readonly read: string;
  readonly warning: RegExp;
  readonly isReadOnlyRoot?: boolean;
}

const scratch = (mountPath: string, readOnly = false) => ({ name: "scratch", mountPath, readOnly });
const elsewhere = /"\/var\/run\/secrets\/eks\.amazonaws\.com\/serviceaccount\\?" is taken; aws is elsewhere/u;
const awsVariable = 'cat "$AWS_WEB_IDENTITY_TOKEN_FILE"';
const fallback = (provider: string) => `/var/run/secrets/podpass.dev/${provider}/token`;
const lastResort = (provider: string) => `/podpass.dev/${provider}/token`;

/** Real containers with volumes of their own at or above our paths. */
const cases: Readonly<Record<string, Case>> = {
  "nothing in the way": {
    account: "aws",
    mounts: [],
    file: "/var/run/secrets/eks.amazonaws.com/serviceaccount/token",
    read: awsVariable,
    warning: /^$/u,
  },
  "a read-only volume above our path": {
    account: "aws",
    mounts: [scratch("/var/run/secrets/eks.amazonaws.com", true)],
    file: fallback("aws"),
    read: awsVariable,
    warning: elsewhere,
  },
  "a read-only volume above our path and above its replacement": {
    account: "aws",
    mounts: [scratch("/var/run/secrets", true)],
    file: lastResort("aws"),
    read: awsVariable,
    warning: elsewhere,
  },
  "a read-only volume above, called /run": {
    account: "aws",
    mounts: [scratch("/run/secrets", true)],
    file: lastResort("aws"),
    read: awsVariable,
    warning: elsewhere,
  },
  "a read-only volume at the root of it all": {
    account: "aws",
    mounts: [scratch("/var/run", true)],
    file: lastResort("aws"),
    read: awsVariable,
    warning: elsewhere,
  },
  "a ConfigMap above our path, which no node mounts writable": {
    account: "aws",
    mounts: [{ name: "settings", mountPath: "/var/run/secrets" }],
    file: lastResort("aws"),
    read: awsVariable,
    warning: elsewhere,
  },
  "a writable volume above our path, in which mount points can be made": {
    account: "aws",
    mounts: [scratch("/var/run/secrets")],
    file: "/var/run/secrets/eks.amazonaws.com/serviceaccount/token",
    read: awsVariable,
    warning: /^$/u,
  },
  "another volume at our very path, called /run": {
    account: "aws",
    mounts: [scratch("/run/secrets/eks.amazonaws.com/serviceaccount")],
    file: fallback("aws"),
    read: awsVariable,
    warning: elsewhere,
  },
  "a read-only root file system": {
    account: "aws",
    mounts: [],
    isReadOnlyRoot: true,
    file: "/var/run/secrets/eks.amazonaws.com/serviceaccount/token",
    read: awsVariable,
    warning: /^$/u,
  },
  "a path that programs have hard-coded, read as /run": {
    account: "openai",
    mounts: [],
    file: "/var/run/secrets/tokens/token",
    read: "cat /run/secrets/tokens/token",
    warning: /^$/u,
  },
  "a hard-coded path with a writable volume above it": {
    account: "openai",
    mounts: [scratch("/run/secrets")],
    file: "/var/run/secrets/tokens/token",
    read: "cat /var/run/secrets/tokens/token",
    warning: /^$/u,
  },
  "files that name the token, with a writable volume above": {
    account: "gcp",
    mounts: [scratch("/run/secrets")],
    file: fallback("gcp"),
    read: `cat "$(sed -E 's/.*"file": *"([^"]+)".*/\\1/' "$GOOGLE_APPLICATION_CREDENTIALS" | tr -d '\\n')"`,
    warning: /^$/u,
  },
};

describeOnCluster("paths", { timeout: timeouts.test }, () => {
  const current = useEnvironment({}, async ({ cluster, create }) => {
    const data = { "app.conf": "colour=red" };
    const settings = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "settings" }, data };
    await cluster.must("POST", "/api/v1/namespaces/default/configmaps", settings);
    await create(accounts);
  });

  const create = async (index: number, { account, mounts, isReadOnlyRoot = false }: Case) => {
    const { cluster } = current();
    const used = new Set(mounts.map(({ name }) => name));
    const volumes = [
      { name: "scratch", emptyDir: {} },
      { name: "settings", configMap: { name: "settings" } },
    ].filter(({ name }) => used.has(name));
    const main = {
      name: "main",
      image: "example.com/none",
      volumeMounts: mounts,
      securityContext: { readOnlyRootFilesystem: isReadOnlyRoot },
    };
    const { status, headers, body } = await cluster.request<Pod & ApiObject>(
      "POST",
      "/api/v1/namespaces/default/pods",
      {
        apiVersion: "v1",
        kind: "Pod",
        metadata: { name: `pod-${index}` },
        spec: { serviceAccountName: account, automountServiceAccountToken: false, containers: [main], volumes },
      },
    );
    expect([status, body.message]).toEqual([201, undefined]);
    return { pod: await bindPod(cluster, body), warning: [headers["warning"] ?? []].flat().join("\n") };
  };

  it.each(Object.entries(cases).map(([name, parts], index) => [name, parts, index] as const))(
    "a process reads its token: %s",
    async (_, parts, index) => {
      const { cluster } = current();
      const { pod, warning } = await create(index, parts);
      expect(warning).toMatch(parts.warning);
      const run = (script: string) => runContainer({ cluster, pod, container: "main", command: ["sh", "-c", script] });
      const { exitCode, stdout, stderr, startError } = await run(parts.read);
      expect({ exitCode, stderr, startError }).toEqual({ exitCode: 0, stderr: "", startError: undefined });
      const trust = trustFrom(await podpassTrust(cluster, parts.account, `default/${parts.account}`));
      expect(await verifyToken(stdout, trust)).toMatchObject({ kind: "accepted" });
      expect((await run(`cat ${parts.file}`)).exitCode).toBe(0);
      const own = pod.spec.containers[0]?.volumeMounts?.filter(({ name }) => name.startsWith("podpass-"));
      expect(own).toMatchObject([{ mountPath: parts.file.replace(/\/[^/]+$/u, ""), readOnly: true }]);
    },
  );
});

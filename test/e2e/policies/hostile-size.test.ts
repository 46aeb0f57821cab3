import { beforeAll, expect, it, vi } from "vitest";
import { MUTATING_SINCE } from "../../../src/policies/installation.ts";
import { createServiceAccount, describeOnCluster, kubernetesMinor, useCluster } from "../../cluster/harness.ts";
import { applyPolicies } from "../../cluster/policies.ts";
import { judgePod, policiesOf, token } from "./pods.ts";

/** What a loop over 256 KiB of commas took until the API server gave up is 34 s. */
const SOON_MS = 15_000;
const LENGTH = 250_000;

const AWS = { "podpass.dev/federate": "aws", "aws.podpass.dev/role-arn": "arn:aws:iam::123456789012:role/a" };
const MARK = "podpass.dev/injected";

/** Those of them that this Kubernetes has. */
const NAMES = [
  ...["identity", "annotations", "annotations-bindings"],
  ...(kubernetesMinor < MUTATING_SINCE ? [] : ["label"]),
];

const POOL = "projects/1/locations/global/workloadIdentityPools/p/providers/x";
const GCP = { "gcp.podpass.dev/workload-identity-provider": POOL };
const GOOGLE = `https://iam.googleapis.com/${POOL}`;
const AUDIENCES = {
  providers: { gcp: { preset: "gcp" }, aws: { preset: "aws" } },
  policy: { tokens: { audiences: {} } },
};

const SECRET = { secret: { name: "s" } };

const LISTS = {
  commas: ",".repeat(LENGTH),
  "white space": " ".repeat(LENGTH),
  "commas and rare white space": "\u00a0,\u2003,\u0085,".repeat(LENGTH / 10),
};

/** Values of `federate`, and whether `gcp` is among the providers. */
const FEDERATE: Readonly<Record<string, readonly [list: string, isNamed: boolean]>> = {
  "nothing but commas": [",".repeat(LENGTH), false],
  "a name behind commas": [`${",".repeat(LENGTH)}gcp`, true],
  "a name behind white space": [`${" ".repeat(LENGTH)}gcp`, true],
  "a name amid rare white space": [`${"\u2003".repeat(LENGTH / 7)}gcp${"\u00a0".repeat(LENGTH / 7)}`, true],
  "32 names that are one": [`${"gcp,".repeat(32)}${" ,".repeat(LENGTH / 2)}`, true],
  "32 names far from each other": [`${" ".repeat(LENGTH / 40)}gcp,`.repeat(32), true],
  "more names than are read": ["gcp,".repeat(LENGTH / 4), false],
  "one long name": ["g".repeat(LENGTH), false],
};

describeOnCluster("policies, whatever the size of what they look at", () => {
  const cluster = useCluster();
  const pods = "/api/v1/namespaces/default/pods?dryRun=All";
  const send = async (serviceAccountName: string, annotations: object = {}, volumes: readonly object[] = []) => {
    const { status, body } = await cluster().request<{ message?: string }>(
      "POST",
      pods,
      {
        apiVersion: "v1",
        kind: "Pod",
        metadata: { generateName: "pod-", annotations },
        spec: { serviceAccountName, volumes, containers: [{ name: "main", image: "example.com/none" }] },
      },
      { timeoutMs: SOON_MS },
    );
    return { status, message: body.message ?? "" };
  };
  const admitted = { status: 201, message: "" };
  const refused = (message: RegExp) => ({ status: 403, message: expect.stringMatching(message) });

  beforeAll(async () => {
    await createServiceAccount(cluster(), "plain");
    await createServiceAccount(cluster(), "fed", AWS);
    await applyPolicies(cluster(), policiesOf({}, ...NAMES));
  });

  it.each(Object.entries(LISTS))(
    "judge every pod beside an account with nothing but %s in its list",
    async (_, list) => {
      const name = `list-${list.codePointAt(0)}`;
      const path = "/api/v1/namespaces/default/serviceaccounts";
      const annotations = { "podpass.dev/federate": list };
      const account = { apiVersion: "v1", kind: "ServiceAccount", metadata: { name, annotations } };
      expect((await cluster().request("POST", path, account, { timeoutMs: SOON_MS })).status).toBe(201);
      await expect.poll(() => send(name)).toEqual(admitted);
      expect(await send("plain")).toEqual(admitted);
      expect(await send("fed")).toEqual(refused(/is federated, but the pod does not carry/));
      await cluster().must("PATCH", `${path}/${name}`, {
        metadata: { annotations: { "podpass.dev/federate": `${list}x` } },
      });
      await expect.poll(() => send(name)).toEqual(refused(/is federated, but the pod does not carry/));
    },
  );

  it("refuse a mark that is longer than any that Podpass writes", async () => {
    expect(await send("fed", { [MARK]: ",".repeat(LENGTH) })).toEqual(admitted);
    expect(await send("fed", { [MARK]: "aws,".repeat(LENGTH / 5) })).toEqual(refused(/has no token for "aws"/));
  });

  it("refuse a federated pod with more sources than are looked through", async () => {
    const sources = Array.from({ length: 40_000 }, () => SECRET);
    const volumes = [{ name: "v", projected: { sources } }];
    expect(await send("fed", { [MARK]: "aws" }, volumes)).toEqual(
      refused(/spec.volumes has more than 5,000 projected sources and items/),
    );
  });

  it("keep the annotations of a pod with more sources than are looked through", async () => {
    const volumes = [{ name: "v", projected: { sources: Array.from({ length: 40_000 }, () => SECRET) } }];
    const path = "/api/v1/namespaces/default/pods";
    await cluster().must("POST", path, {
      apiVersion: "v1",
      kind: "Pod",
      metadata: { name: "large" },
      spec: { serviceAccountName: "plain", volumes, containers: [{ name: "main", image: "example.com/none" }] },
    });
    const patch = (annotations: object) =>
      cluster().request("PATCH", `${path}/large?dryRun=All`, { metadata: { annotations } }, { timeoutMs: SOON_MS });
    expect((await patch({ a: "b" })).status).toBe(200);
    const many = Object.fromEntries(Array.from({ length: 30 }, (_, index) => [`p${index}.podpass.dev/file`, "x"]));
    expect((await patch(many)).status).toBe(403);
  });

  it("refuse a binding with more annotations than are looked through", async () => {
    const annotations = Object.fromEntries(Array.from({ length: 30_000 }, (_, index) => [`a${index}`, ""]));
    const { status, body } = await cluster().request<{ message: string }>(
      "POST",
      "/api/v1/namespaces/default/bindings?dryRun=All",
      {
        apiVersion: "v1",
        kind: "Binding",
        metadata: { name: "nobody", annotations },
        target: { kind: "Node", name: "node-1" },
      },
      { timeoutMs: SOON_MS },
    );
    expect({ status, message: body.message }).toEqual(
      refused(/binding default\/nobody: it has 30000 annotations; allowed: 1000/),
    );
  });

  it("refuse the mark of a pod whose account has more annotations than are looked through", async () => {
    const others = Object.fromEntries(Array.from({ length: 20_000 }, (_, index) => [`a${index}`, ""]));
    await createServiceAccount(cluster(), "crowded", { ...AWS, ...others });
    await expect.poll(() => send("crowded", { [MARK]: "aws" })).toEqual(refused(/has no token for "aws"/));
  });
});

describeOnCluster("the audience of an account with a large list of providers", () => {
  const cluster = useCluster();

  beforeAll(() => applyPolicies(cluster(), policiesOf(AUDIENCES, "audiences", "own-audiences")));

  it.each(Object.entries(FEDERATE))("is judged soon, and as the webhook does: %s", async (what, [list, isNamed]) => {
    const account = what.replaceAll(" ", "-");
    await createServiceAccount(cluster(), account, { ...GCP, "podpass.dev/federate": list });
    const judge = () =>
      judgePod(cluster(), {
        what,
        account,
        volumes: [token(GOOGLE)],
        timeoutMs: SOON_MS,
        ...(!isNamed && { refused: /serviceAccountToken.audience is "https:\/\/iam.googleapis.com/ }),
      });
    // Until then the API server does not know the ServiceAccount.
    await vi.waitFor(judge, { timeout: SOON_MS, interval: 50 });
    await judge();
  });
});

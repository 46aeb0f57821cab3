import { beforeAll, expect, it } from "vitest";
import { createServiceAccount, describeOnCluster, useCluster } from "../../cluster/harness.ts";
import { enforce, policiesOf } from "./pods.ts";

const objects = policiesOf({}, "identity");

const token = (audience: string) => ({
  name: "token",
  projected: { sources: [{ serviceAccountToken: { audience, path: "token" } }] },
});

interface Case {
  readonly what: string;
  readonly account: string;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly volumes?: readonly object[];
  /** Undefined: admitted. */
  readonly refused?: RegExp;
}

const ROLE = "aws.podpass.dev/role-arn";

const NOTHING_DECIDED =
  /pod default\/[a-z0-9-]+; ServiceAccount "fed" is federated, but the pod does not carry podpass.dev\/injected: nothing has decided on it; is Podpass running\? podpass check says more/;
const NO_TOKEN = /but the pod has no token for "aws", which podpass.dev\/injected names/;

const CASES: readonly Case[] = [
  { what: "of an account that is not federated", account: "plain" },
  { what: "without the mark", account: "fed", refused: NOTHING_DECIDED },
  { what: "with an annotation of its own only", account: "fed", annotations: { a: "b" }, refused: NOTHING_DECIDED },
  { what: "that opted out", account: "fed", annotations: { "podpass.dev/inject": "false" } },
  {
    what: "that says inject: no",
    account: "fed",
    annotations: { "podpass.dev/inject": "no" },
    refused: NOTHING_DECIDED,
  },
  { what: "with an empty mark", account: "fed", annotations: { "podpass.dev/injected": "" } },
  { what: "with a mark alone", account: "fed", annotations: { "podpass.dev/injected": "aws" }, refused: NO_TOKEN },
  {
    what: "with a volume without sources",
    account: "fed",
    annotations: { "podpass.dev/injected": "aws" },
    volumes: [{ name: "token", projected: {} }],
    refused: NO_TOKEN,
  },
  {
    what: "with a token for somebody else",
    account: "fed",
    annotations: { "podpass.dev/injected": "aws" },
    volumes: [token("https://evil.example.com")],
    refused: NO_TOKEN,
  },
  {
    what: "with the mark and its token",
    account: "fed",
    annotations: { "podpass.dev/injected": "aws" },
    volumes: [token("sts.amazonaws.com")],
  },
  ...["bad", "lacking"].map((account) => ({
    what: `with the mark and a token, of an account that has no identity: ${account}`,
    account,
    annotations: { "podpass.dev/injected": "aws" },
    volumes: [token("sts.amazonaws.com")],
    refused: NO_TOKEN,
  })),
];

describeOnCluster("the identity policy", () => {
  const cluster = useCluster({ controllerManager: true });

  beforeAll(async () => {
    await createServiceAccount(cluster(), "plain");
    await createServiceAccount(cluster(), "fed", {
      "podpass.dev/federate": "aws",
      [ROLE]: "arn:aws:iam::123456789012:role/a",
    });
    await createServiceAccount(cluster(), "bad", { "podpass.dev/federate": "aws", [ROLE]: "nobody" });
    await createServiceAccount(cluster(), "lacking", { "podpass.dev/federate": "aws" });
    await enforce(cluster(), objects);
  });

  it.each(CASES)("judges a pod $what", async ({ account, annotations = {}, volumes, refused }) => {
    const { status, body } = await cluster().request<{ message?: string }>(
      "POST",
      "/api/v1/namespaces/default/pods?dryRun=All",
      {
        apiVersion: "v1",
        kind: "Pod",
        metadata: { generateName: "pod-", annotations },
        spec: { serviceAccountName: account, volumes, containers: [{ name: "main", image: "example.com/none" }] },
      },
    );
    if (refused === undefined) expect({ status, message: body.message }).toEqual({ status: 201, message: undefined });
    else {
      expect(body.message).toMatch(refused);
      expect(status).toBe(403);
    }
  });
});

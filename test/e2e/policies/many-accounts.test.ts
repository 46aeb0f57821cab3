import { beforeAll, expect, it } from "vitest";
import { createServiceAccount, describeWithMutatingPolicies, useCluster } from "../../cluster/harness.ts";
import type { Pod } from "../../cluster/node/pod.ts";
import { applyPolicies } from "../../cluster/policies.ts";
import { containersWithout } from "../identity.ts";
import { policiesOf } from "./pods.ts";

/** A condition that goes through all annotations took 34 s, after which the API server gave up: once for each account. */
const SOON_MS = 15_000;
const ACCOUNTS = 30;
const ANNOTATIONS = 8_000;

const AWS = { "podpass.dev/federate": "aws", "aws.podpass.dev/role-arn": "arn:aws:iam::123456789012:role/a" };

describeWithMutatingPolicies("injection inside the API server, beside many federated accounts", () => {
  const cluster = useCluster();

  beforeAll(async () => {
    await createServiceAccount(cluster(), "plain");
    await applyPolicies(cluster(), policiesOf({}, "identity", "label", "inject"));
    for (let index = 0; index < ACCOUNTS; index++) await createServiceAccount(cluster(), `fed-${index}`, AWS);
  });

  it.each(["plain", "fed-0"])("looks through a pod's annotations for its own account alone: %s", async (account) => {
    const many = Object.fromEntries(Array.from({ length: ANNOTATIONS }, (_, index) => [`a${index}`, ""]));
    const send = () =>
      cluster().request<Pod>(
        "POST",
        "/api/v1/namespaces/default/pods?dryRun=All",
        {
          apiVersion: "v1",
          kind: "Pod",
          metadata: { generateName: "pod-", annotations: many },
          spec: { serviceAccountName: account, containers: [{ name: "main", image: "example.com/none" }] },
        },
        { timeoutMs: SOON_MS },
      );
    const { status, body } = await send();
    expect(status).toBe(201);
    expect(containersWithout(body, account === "plain" ? [] : ["sts.amazonaws.com"])).toEqual([]);
  });
});

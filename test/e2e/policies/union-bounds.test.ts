/** While one configuration becomes another, a provider that both imply counts once: a pod that both admit is admitted. */
import { beforeAll, expect, it } from "vitest";
import { renderUnion } from "../../../src/policies/render-union.ts";
import { ACCOUNT_LIMITS } from "../../../src/reasons/limits.ts";
import { createServiceAccount, describeOnCluster, useCluster } from "../../cluster/harness.ts";
import { settingsOf } from "../../support/pods.ts";
import { enforce, token } from "./pods.ts";

const { max } = ACCOUNT_LIMITS["too-many-providers"];
const ROLE = "arn:aws:iam::123456789012:role/my-api";

const withRegion = (region: string) =>
  settingsOf(`
nativeAnnotations: true
providers: { aws: { preset: aws, parameters: { region: { value: ${region} } } } }
policy: { tokens: { audiences: { allow: [other], violation: Deny } } }
`);

/** With so many names in our own annotation, beside the vendor's role. */
const named = (count: number): Readonly<Record<string, string>> => ({
  "podpass.dev/federate": Array.from({ length: count }, (_, index) => `p${index}`).join(","),
  "eks.amazonaws.com/role-arn": ROLE,
  "aws.podpass.dev/audience": "mine",
});

const ACCOUNTS = { few: 3, most: max - 1, more: max } as const;

describeOnCluster("the union of two configurations that imply the same provider", () => {
  const cluster = useCluster({ controllerManager: true });

  beforeAll(async () => {
    for (const [name, count] of Object.entries(ACCOUNTS)) await createServiceAccount(cluster(), name, named(count));
    const installation = { name: "podpass", minor: 34, mode: "exact", digest: "sha256:0" } as const;
    const { objects } = renderUnion(withRegion("eu-west-1"), withRegion("eu-west-2"), installation);
    const names = ["podpass-identity.", "podpass-tokens."];
    await enforce(
      cluster(),
      objects.filter(({ metadata }) => names.some((name) => metadata.name.startsWith(name))),
    );
  });

  it.each<readonly [keyof typeof ACCOUNTS, number]>([
    ["few", 201],
    ["most", 201],
    ["more", 403],
  ])("has the bound of each of them: %s", async (account, status) => {
    const answer = await cluster().request<{ message?: string }>("POST", "/api/v1/namespaces/default/pods?dryRun=All", {
      apiVersion: "v1",
      kind: "Pod",
      metadata: { generateName: "pod-", annotations: { "podpass.dev/injected": "aws" } },
      spec: {
        serviceAccountName: account,
        volumes: [token("mine")],
        containers: [{ name: "main", image: "example.com/none" }],
      },
    });
    expect([answer.status, answer.body.message]).toEqual([
      status,
      status === 201 ? undefined : expect.stringContaining("podpass.dev/injected"),
    ]);
  });
});

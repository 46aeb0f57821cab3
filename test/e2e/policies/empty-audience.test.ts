import { beforeAll, expect, it } from "vitest";
import type { ConfigurationFile } from "../../../src/configuration/schema.ts";
import { createServiceAccount, describeOnCluster, useCluster } from "../../cluster/harness.ts";
import { enforce, policiesOf } from "./pods.ts";

describeOnCluster("the token-requests policies where a parameter is the whole audience", () => {
  const cluster = useCluster({ controllerManager: true });

  beforeAll(async () => {
    await createServiceAccount(cluster(), "plain");
    await createServiceAccount(cluster(), "own", { "podpass.dev/federate": "own", "own.podpass.dev/p": "mine" });
    const file: Partial<ConfigurationFile> = {
      providers: { own: { token: { audience: "${parameter.p}" }, parameters: { p: {} } } },
      policy: { tokens: { audiences: {}, requests: "Deny", apiServerAudiences: ["api"] } },
    };
    await enforce(cluster(), policiesOf(file, "token-requests", "own-token-requests"));
  });

  it.each([
    { account: "plain", audience: "", wanted: 403 },
    { account: "plain", audience: "mine", wanted: 403 },
    { account: "own", audience: "", wanted: 403 },
    { account: "own", audience: "mine", wanted: 201 },
  ])("answer $wanted to a request of $account for $audience", async ({ account, audience, wanted }) => {
    const path = `/api/v1/namespaces/default/serviceaccounts/${account}/token`;
    const { status } = await cluster().request("POST", path, { spec: { audiences: [audience] } });
    expect(status).toBe(wanted);
  });
});

import { setTimeout as sleep } from "node:timers/promises";
import { beforeAll, describe, expect, it } from "vitest";
import type { Cluster } from "../../cluster/cluster.ts";
import { createServiceAccount, describeOnCluster, useCluster } from "../../cluster/harness.ts";
import { enforce, policiesOf } from "./pods.ts";

const POLICIES = policiesOf({ policy: { tokens: { legacySecrets: "Deny" } } }, "legacy-secrets");

const TYPE = "kubernetes.io/service-account-token";
const ACCOUNT = "kubernetes.io/service-account.name";
const SECRETS = "/api/v1/namespaces/default/secrets";

const secret = (name: string, account: string | undefined, type: string | undefined = TYPE): object => ({
  apiVersion: "v1",
  kind: "Secret",
  type,
  metadata: { name, annotations: account === undefined ? undefined : { [ACCOUNT]: account } },
});

const refusal = (name: string, account: string, namespace = "default"): RegExp =>
  new RegExp(
    `Secret ${namespace}/${name}: type is ${TYPE}, for ServiceAccount "${account}": its token has no end and no audience; allowed: a projected token in a pod, or kubectl create token \\(policy.tokens.legacySecrets\\)$`,
  );

const send = async (
  cluster: Cluster,
  method: "POST" | "PUT" | "PATCH",
  path: string,
  body: object,
): Promise<{ status: number; message: string | undefined }> => {
  const answer = await cluster.request<{ message?: string }>(method, path, body);
  return { status: answer.status, message: answer.body.message };
};

describeOnCluster("the legacy-secrets policy", () => {
  const cluster = useCluster({ controllerManager: true });

  beforeAll(async () => {
    await createServiceAccount(cluster(), "old");
    await createServiceAccount(cluster(), "other");
    await cluster().must("POST", SECRETS, secret("before", "old"));
    await cluster().must("POST", "/api/v1/namespaces/kube-system/secrets", secret("system", "default"));
    await enforce(cluster(), POLICIES);
  });

  it.each([
    { what: "for an account", name: "a", account: "old", refused: refusal("a", "old") },
    {
      what: "for an account with a hostile name",
      name: "b",
      account: "a\nb\u001b[2J",
      refused: /for ServiceAccount a text of 7 characters that cannot be shown: its token/,
    },
  ])("refuses a new one $what", async ({ name, account, refused }) => {
    const { status, message } = await send(cluster(), "POST", SECRETS, secret(name, account));
    expect(message).toMatch(refused);
    expect(status).toBe(403);
  });

  it.each([
    { what: "without annotations", object: secret("c", undefined) },
    { what: "with an empty name", object: secret("c", "") },
  ])("leaves one $what to the API server", async ({ object }) => {
    const { status, message } = await send(cluster(), "POST", SECRETS, object);
    expect({ status, message }).toMatchObject({ status: 422, message: expect.stringContaining(ACCOUNT) });
  });

  it.each([
    { what: "of another type", object: secret("d", "old", "example.com/none") },
    { what: "without a type", object: { apiVersion: "v1", kind: "Secret", metadata: { name: "e" } } },
    { what: "with an empty type", object: { apiVersion: "v1", kind: "Secret", type: "", metadata: { name: "f" } } },
  ])("admits a Secret $what", async ({ object }) =>
    expect(await send(cluster(), "POST", SECRETS, object)).toEqual({ status: 201, message: undefined }),
  );

  it("refuses one without a name of its own", async () => {
    const object = { ...secret("", "old"), metadata: { generateName: "g-", annotations: { [ACCOUNT]: "old" } } };
    const { status, message } = await send(cluster(), "POST", SECRETS, object);
    expect(message).toMatch(refusal("g-[a-z0-9]+", "old"));
    expect(status).toBe(403);
  });

  it("admits one in an exempt namespace", async () =>
    expect(await send(cluster(), "POST", "/api/v1/namespaces/kube-system/secrets", secret("later", "default"))).toEqual(
      { status: 201, message: undefined },
    ));

  describe("of a Secret that is there already", () => {
    const patch = (annotations: object, extra = {}) =>
      send(cluster(), "PATCH", `${SECRETS}/before`, { metadata: { annotations }, ...extra });

    it("refuses to point it at another account", async () => {
      const { status, message } = await patch({ [ACCOUNT]: "other" });
      expect(message).toMatch(refusal("before", "other"));
      expect(status).toBe(403);
    });

    it("admits every other change", async () => {
      expect(await patch({ team: "a" }, { metadata: { labels: { team: "a" } } })).toMatchObject({ status: 200 });
      expect(await patch({ team: "a" })).toMatchObject({ status: 200 });
    });

    it("lets the token controller write the token again", async () => {
      interface Data {
        readonly data?: { readonly token?: string } | null;
      }
      await cluster().must("PATCH", `${SECRETS}/before`, { data: null });
      for (let tries = 0; tries < 50; tries++) {
        const { data } = await cluster().must<Data>("GET", `${SECRETS}/before`);
        if (data?.token !== undefined) return;
        await sleep(100);
      }
      throw new Error("no token was written");
    });
  });
});

/** ServiceAccounts judged where they are written: a real API server, and Podpass as a process with manifests. */
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, it } from "vitest";
import { createAuthority } from "../../scripts/certificates.ts";
import type { ApiResponse } from "../cluster/api-client.ts";
import { describeOnCluster, useCluster } from "../cluster/harness.ts";
import { eventually } from "../support/eventually.ts";
import { temporaryFolder, writeFiles } from "../support/folder.ts";
import { type ServeProcess, spawnServe } from "../support/processes.ts";
import { configuration } from "./podpass.ts";

const ACCOUNTS = "/api/v1/namespaces/default/serviceaccounts";
const WEBHOOKS = "/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations";
/** A webhook configuration that is changed is in force after some hundred milliseconds. */
const SETTLING_MS = 2000;

interface Account {
  readonly message?: string;
  readonly metadata: { readonly resourceVersion: string; readonly labels?: object; readonly annotations?: object };
}

const GOOD = {
  "podpass.dev/federate": "openai",
  "openai.podpass.dev/identity-provider-id": "idp_1",
  "openai.podpass.dev/service-account-id": "user-1",
};
const BAD = { "podpass.dev/federate": "awss" };
const REFUSED =
  /^admission webhook "serviceaccounts\.podpass\.dev" denied the request: ServiceAccount default\/[a-z0-9-]+ cannot be resolved: annotation "podpass\.dev\/federate" names "awss"; allowed: /;

const own = (where: string, prefix: string): string =>
  `(has(${where}.metadata.annotations) && ${where}.metadata.annotations.exists(k, k.startsWith('${prefix}/') || k.contains('.${prefix}/')))`;

/** As the chart writes it. */
const webhook = (url: string, ca: string, prefix: string) => ({
  apiVersion: "admissionregistration.k8s.io/v1",
  kind: "ValidatingWebhookConfiguration",
  metadata: { name: `podpass-${prefix.replaceAll(".", "-")}` },
  webhooks: [
    {
      name: "serviceaccounts.podpass.dev",
      admissionReviewVersions: ["v1"],
      clientConfig: { url: `${url}/validate/serviceaccounts`, caBundle: Buffer.from(ca).toString("base64") },
      rules: [
        {
          operations: ["CREATE", "UPDATE"],
          apiGroups: [""],
          apiVersions: ["v1"],
          resources: ["serviceaccounts"],
          scope: "Namespaced",
        },
      ],
      matchConditions: [
        {
          name: "has-own-annotations",
          expression: `${own("object", prefix)} || (oldObject != null && ${own("oldObject", prefix)})`,
        },
      ],
      sideEffects: "None",
      failurePolicy: "Ignore",
      timeoutSeconds: 5,
    },
  ],
});

describeOnCluster("the webhook for ServiceAccounts", () => {
  const cluster = useCluster();

  const body = (name: string, annotations: object = {}, more: object = {}) => ({
    apiVersion: "v1",
    kind: "ServiceAccount",
    metadata: { name, annotations, ...more },
  });
  const create = (name: string, annotations: object, query = "") =>
    cluster().request<Account>("POST", `${ACCOUNTS}${query}`, body(name, annotations));
  const patch = (name: string, metadata: object) =>
    cluster().request<Account>(
      "PATCH",
      `${ACCOUNTS}/${name}`,
      { metadata },
      { contentType: "application/merge-patch+json" },
    );
  const warningsOf = ({ headers }: ApiResponse<unknown>): string => String(headers["warning"]);

  /** Starts Podpass for one test, and registers it. */
  const serve = async (sections: Readonly<Record<string, unknown>>, prefix: string): Promise<ServeProcess> => {
    const authority = await createAuthority();
    const { cert, key } = await authority.issue({ names: ["127.0.0.1", "localhost"] });
    const folder = temporaryFolder();
    const at = (name: string) => join(folder, name);
    const none = "apiVersion: v1\nkind: ServiceAccount\nmetadata: { name: none }\n";
    await writeFiles(folder, {
      "config.yaml": configuration(sections),
      "tls.crt": cert,
      "tls.key": key,
      "manifests/none.yaml": none,
    });
    const files = { manifests: at("manifests"), tlsCert: at("tls.crt"), tlsKey: at("tls.key") };
    const started = spawnServe({ config: at("config.yaml"), ...files });
    const url = String((await started.line("serving"))["url"]);
    await cluster().must("POST", WEBHOOKS, webhook(url, authority.ca, prefix));
    await sleep(SETTLING_MS);
    return started;
  };

  const refuses = async (): Promise<void> => {
    for (const query of ["", "?dryRun=All"]) {
      const { status, body: refused } = await create("bad", BAD, query);
      expect(refused.message).toMatch(REFUSED);
      expect(status).toBe(403);
    }
    const { metadata } = (await create("replaced", {})).body;
    const replacement = body("replaced", BAD, { resourceVersion: metadata.resourceVersion });
    const put = await cluster().request<Account>("PUT", `${ACCOUNTS}/replaced`, replacement);
    expect(put.body.message).toMatch(REFUSED);
    expect((await patch("replaced", { annotations: BAD })).body.message).toMatch(REFUSED);
  };

  const warns = async (): Promise<void> => {
    const labelled = await patch("old-faults", { labels: { team: "a" } });
    expect(labelled.status).toBe(200);
    expect(warningsOf(labelled)).toContain('names \\"awss\\"');
    expect((await patch("old-faults", { annotations: { "aws.podpass.dev/region": "x" } })).status).toBe(403);
    expect((await patch("old-faults", { annotations: { "podpass.dev/federate": null } })).status).toBe(200);
    const typo = await create("typo", { "podpass.dev/federat": "aws" });
    expect(typo.status).toBe(201);
    expect(warningsOf(typo)).toContain('did you mean \\"federate\\"?');
  };

  it("refuses, warns and lets pass, and lets everything pass while it is down", async () => {
    await create("old-faults", BAD);
    const serving = await serve({}, "podpass.dev");
    expect((await create("good", GOOD)).status).toBe(201);
    expect((await create("plain", { note: "x" })).status).toBe(201);
    await refuses();
    await warns();
    expect((await cluster().request("DELETE", `${ACCOUNTS}/good`)).status).toBe(200);
    const judged = (name: string) => serving.lines().find((one) => one["serviceAccount"] === name);
    await eventually(() => expect(judged("typo")).toBeDefined());
    const [resource, level] = ["serviceaccounts", "info"];
    expect(judged("good")).toMatchObject({ level, resource, outcome: "unchanged", reason: "resolved" });
    expect(judged("bad")).toMatchObject({ level, resource, outcome: "denied", reason: "invalid-service-account" });
    // The match condition keeps it away.
    expect(judged("plain")).toBeUndefined();
    serving.child.kill("SIGKILL");
    await serving.ended;
    expect((await create("while-down", BAD)).status).toBe(201);
  });

  it("reads another prefix", async () => {
    await serve({ annotationPrefix: "identity.example.com" }, "identity.example.com");
    const { status, body: refused } = await create("other-prefix", { "identity.example.com/federate": "awss" });
    expect(refused.message).toContain('annotation "identity.example.com/federate" names "awss"');
    expect(status).toBe(403);
  });
});

import { decodeJwt } from "jose";
import { beforeAll, expect, it } from "vitest";
import type { ApiObject } from "./api-client.ts";
import { createPod, createServiceAccount, describeOnCluster, timeouts, useCluster } from "./harness.ts";
import type { Pod } from "./node/pod.ts";
import { requestToken } from "./node/token.ts";
import { runContainer } from "./node.ts";
import { tokenPod } from "./pod-parts.ts";

const audience = "https://api.example.com";
const mountPath = "/var/run/secrets/tokens";

describeOnCluster("a node", { timeout: timeouts.test }, () => {
  const current = useCluster({ nodes: ["node-1", "node-2"] });
  beforeAll(() => createServiceAccount(current(), "app").then(() => undefined));

  const run = (pod: Awaited<ReturnType<typeof createPod>>, ...command: string[]) =>
    runContainer({ cluster: current(), pod, container: "main", command });

  it("shows a container its token at the real path, bound to pod and node", async () => {
    const parts = tokenPod({ audience, expirationSeconds: 600, path: "token" }, mountPath);
    const pod = await createPod(current(), { name: "cat", serviceAccountName: "app", ...parts });
    const { exitCode, stdout } = await run(pod, "cat", `${mountPath}/token`);
    expect(exitCode).toBe(0);
    const { aud, sub, iss, exp = 0, iat = 0, ...claims } = decodeJwt(stdout);
    expect({ aud, sub, iss, lifetime: exp - iat }).toEqual({
      aud: [audience],
      sub: "system:serviceaccount:default:app",
      iss: current().issuer,
      lifetime: 600,
    });
    expect(claims["kubernetes.io"]).toMatchObject({ pod: { name: "cat" }, node: { name: "node-1" } });
  });

  it("runs programs that know nothing of the test", async () => {
    const parts = tokenPod({ audience, path: "token" }, mountPath);
    const pod = await createPod(current(), { name: "node-e", serviceAccountName: "app", ...parts });
    const script = `console.log(fs.readFileSync("${mountPath}/token", "utf8").split(".").length, process.cwd())`;
    expect(await run(pod, "node", "-e", script)).toEqual({ exitCode: 0, stdout: "3 /\n", stderr: "" });
  });

  it("lays files out read-only behind ..data, and gives the machine's own files back untouched", async () => {
    const parts = tokenPod({ audience, path: "token" }, "/podpass.dev/example");
    const pod = await createPod(current(), { name: "layout", serviceAccountName: "app", ...parts });
    const script = `readlink /podpass.dev/example/token; touch /podpass.dev/example/x 2>&1; touch /usr/podpass-was-here && echo written`;
    const first = await run(pod, "sh", "-c", script);
    expect(first.stdout).toMatch(/^\.\.data\/token\n.*Read-only file system\n/u);
    const second = await run(pod, "sh", "-c", "ls /usr/podpass-was-here 2>&1");
    expect(second.stdout).toContain("No such file");
  });

  it("makes the environment as kubelet does", async () => {
    const cluster = current();
    const configMap = {
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: { name: "settings" },
      data: { COLOUR: "red", A: "cm" },
    };
    await cluster.must("POST", "/api/v1/namespaces/default/configmaps", configMap);
    const env = [
      { name: "A", value: "a" },
      { name: "B", value: "$(A) $$(A) $(LATER) $(COLOUR) $$$$" },
      { name: "LATER", value: "x" },
      { name: "POD", valueFrom: { fieldRef: { fieldPath: "metadata.name" } } },
      { name: "NOTE", valueFrom: { fieldRef: { fieldPath: "metadata.annotations['example.com/note']" } } },
    ];
    const container = {
      env,
      envFrom: [{ configMapRef: { name: "settings" } }],
      command: ["printenv"],
      args: ["$(A)", "B"],
    };
    const annotations = { "example.com/note": "two\nlines" };
    const pod = await createPod(cluster, { name: "env", serviceAccountName: "app", container, annotations });
    const all = await run(pod, "env", "-0");
    const seen = Object.fromEntries(all.stdout.split("\0").map((line) => line.split(/=(.*)/su).slice(0, 2)));
    expect(seen).toMatchObject({ A: "a", B: "a $(A) $(LATER) red $$", POD: "env", NOTE: "two\nlines", COLOUR: "red" });
    expect(seen).toMatchObject({ HOSTNAME: "env", KUBERNETES_SERVICE_HOST: "127.0.0.1" });
    expect(Object.hasOwn(seen, "npm_command")).toBe(false);
    const own = await runContainer({ cluster, pod, container: "main" });
    expect(own.stdout).toBe("a $(A) $(LATER) red $$\n");
  });

  it("projects annotations beside the token", async () => {
    const items = [
      { path: "conf/client.json", fieldRef: { fieldPath: "metadata.annotations['example.com/client.json']" } },
    ];
    const sources = [{ serviceAccountToken: { audience, path: "token" } }, { downwardAPI: { items } }];
    const container = { volumeMounts: [{ name: "v", mountPath }] };
    const spec = { volumes: [{ name: "v", projected: { sources, defaultMode: 0o440 } }] };
    const annotations = { "example.com/client.json": '{"a":1}' };
    const pod = await createPod(current(), { name: "files", serviceAccountName: "app", container, spec, annotations });
    const { stdout } = await run(
      pod,
      "sh",
      "-c",
      `cat ${mountPath}/conf/client.json; stat -Lc " %a" ${mountPath}/token`,
    );
    expect(stdout).toBe('{"a":1} 440\n');
  });

  it("runs init containers and sidecars, which share an emptyDir", async () => {
    const volumeMounts = [{ name: "shared", mountPath: "/shared" }];
    const initContainers = [
      { name: "prepare", image: "example.com/none", volumeMounts },
      { name: "sidecar", image: "example.com/none", restartPolicy: "Always", volumeMounts },
    ];
    const spec = { initContainers, volumes: [{ name: "shared", emptyDir: {} }] };
    const pod = await createPod(current(), {
      name: "init",
      serviceAccountName: "app",
      spec,
      container: { volumeMounts },
    });
    const cluster = current();
    await runContainer({ cluster, pod, container: "prepare", command: ["sh", "-c", "echo one >/shared/file"] });
    await runContainer({ cluster, pod, container: "sidecar", command: ["sh", "-c", "echo two >>/shared/file"] });
    expect((await run(pod, "cat", "/shared/file")).stdout).toBe("one\ntwo\n");
  });

  it("cannot make a mount point inside a read-only parent", async () => {
    const parent = { name: "parent", mountPath: "/var/run/secrets", readOnly: true };
    const child = { name: "identity", mountPath };
    const volumes = [
      { name: "identity", projected: { sources: [{ serviceAccountToken: { audience, path: "token" } }] } },
      { name: "parent", emptyDir: {} },
    ];
    const create = (name: string, readOnly: boolean) => {
      const container = { volumeMounts: [child, { ...parent, readOnly }] };
      return createPod(current(), { name, serviceAccountName: "app", container, spec: { volumes } });
    };
    const refused = await run(await create("ro-parent", true), "true");
    expect(refused).toMatchObject({ exitCode: 128, startError: expect.stringMatching(/Read-only file system/u) });
    expect(await run(await create("rw-parent", false), "test", "-s", `${mountPath}/token`)).toMatchObject({
      exitCode: 0,
    });
  });

  it("gets no token for an audience that the pod does not name, and none for a pod of another node", async () => {
    const cluster = current();
    const parts = tokenPod({ audience, path: "token" }, mountPath);
    const pod = await createPod(cluster, { name: "audience", serviceAccountName: "app", ...parts });
    const volumes = [
      { name: "identity", projected: { sources: [{ serviceAccountToken: { audience: "vault", path: "token" } }] } },
    ];
    const forged = { ...pod, spec: { ...pod.spec, volumes } };
    expect((await run(forged, "true")).startError).toMatch(
      // As Kubernetes says it up to 1.36, and since.
      /audience "vault" not found in pod spec volume|not authorized to request tokens for audience "vault"/u,
    );
    const stolen = { ...pod, spec: { ...pod.spec, nodeName: "node-2" } };
    expect((await run(stolen, "true")).startError).toMatch(/node-2.*|no relationship found/u);
  });

  it("gets tokens of pods that the API server made just now, before its watch shows them to it", async () => {
    const cluster = current();
    const source = { audience, path: "token" };
    const { container, spec } = tokenPod(source, mountPath);
    const containers = [{ name: "main", image: "example.com/app:1", ...container }];
    const body = { apiVersion: "v1", kind: "Pod", metadata: { generateName: "just-made-" } };
    // About 3 of 100 are asked for too early.
    for (let count = 0; count < 200; count += 1) {
      const pod = await cluster.must<Pod & ApiObject>("POST", "/api/v1/namespaces/default/pods", {
        ...body,
        spec: { ...spec, containers, nodeName: "node-1", serviceAccountName: "app" },
      });
      expect(await requestToken(cluster, "node-1", pod, source)).toMatch(/^ey/u);
    }
  });

  it("has a hosts file, a time limit and read-only roots of its own", async () => {
    const cluster = current();
    const container = { securityContext: { readOnlyRootFilesystem: true } };
    const pod = await createPod(cluster, { name: "limits", serviceAccountName: "app", container });
    const hosts = { "auth.example.com": "127.9.8.7" };
    const base = { cluster, pod, container: "main" };
    const resolved = await runContainer({ ...base, hosts, command: ["getent", "hosts", "auth.example.com"] });
    expect(resolved.stdout).toMatch(/^127\.9\.8\.7/u);
    const written = await runContainer({ ...base, command: ["touch", "/x", "/usr/x", "/tmp/x"] });
    expect(written.stderr.match(/Read-only file system/gu)).toHaveLength(3);
    const sleeping = await runContainer({ ...base, command: ["sleep", "60"], timeoutMs: 500 });
    expect(sleeping.exitCode).toBe(137);
  });
});

describeOnCluster("a node of a cluster with controllers", { timeout: timeouts.test }, () => {
  const current = useCluster({ controllerManager: true });

  it("gives containers what they need to call the API server", async () => {
    const cluster = current();
    const folder = "/var/run/secrets/kubernetes.io/serviceaccount";
    const env = [
      { name: "NODE_EXTRA_CA_CERTS", value: `${folder}/ca.crt` },
      { name: "URL", value: "https://$(KUBERNETES_SERVICE_HOST):$(KUBERNETES_SERVICE_PORT)/apis" },
    ];
    const spec = { automountServiceAccountToken: true };
    const pod = await createPod(cluster, { name: "client", serviceAccountName: "default", container: { env }, spec });
    const script = `
      const authorization = "Bearer " + fs.readFileSync("${folder}/token", "utf8");
      fetch(process.env.URL, { headers: { authorization } }).then(({ status }) =>
        console.log(status, fs.readFileSync("${folder}/namespace", "utf8")));`;
    const result = await runContainer({ cluster, pod, container: "main", command: ["node", "-e", script] });
    expect(result).toEqual({ exitCode: 0, stdout: "200 default\n", stderr: "" });
  });
});

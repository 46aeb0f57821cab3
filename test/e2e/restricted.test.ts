import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { ApiObject, ApiResponse } from "../cluster/api-client.ts";
import { describeOnCluster } from "../cluster/harness.ts";
import type { Pod } from "../cluster/node/pod.ts";
import { type Environment, useEnvironment } from "./environment.ts";
import { containersWithout, containersWithoutAny, injected } from "./identity.ts";
import { configuration } from "./podpass.ts";
import { annotationsFor, everyProvider, presets } from "./presets.ts";

const namespace = "restricted";
const which = ["required", "all"] as const;
const accountName = (preset: string, parameters: (typeof which)[number]) => `${preset}-${parameters}`;
const allAtOnce = Object.assign({}, ...presets.map((preset) => annotationsFor(preset, "all")), {
  "podpass.dev/federate": presets.map(({ name }) => name).join(),
});

const restrictedContainer = {
  image: "example.com/none",
  securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] } },
};
const securityContext = { runAsNonRoot: true, seccompProfile: { type: "RuntimeDefault" } };
const main = { name: "main", ...restrictedContainer };

/** Pods that the level allows, of every shape that injection has to deal with. */
const shapes: Readonly<Record<string, object>> = {
  smallest: { securityContext, containers: [main] },
  "many containers": {
    securityContext,
    initContainers: [
      { ...main, name: "prepare" },
      { ...main, name: "proxy", restartPolicy: "Always" },
    ],
    containers: [main, { ...main, name: "second", env: [{ name: "A", value: "$(AWS_REGION)" }] }],
  },
  "own volumes": {
    securityContext: { ...securityContext, fsGroup: 2000, runAsUser: 1000 },
    hostUsers: false,
    volumes: [{ name: "scratch", emptyDir: {} }],
    containers: [
      {
        ...main,
        securityContext: { ...main.securityContext, readOnlyRootFilesystem: true },
        volumeMounts: [{ name: "scratch", mountPath: "/scratch" }],
      },
    ],
  },
  "paths taken": {
    securityContext,
    volumes: [{ name: "scratch", emptyDir: {} }],
    containers: [
      { ...main, volumeMounts: [{ name: "scratch", mountPath: "/var/run/secrets", readOnly: true }] },
      { ...main, name: "second", volumeMounts: [{ name: "scratch", mountPath: "/run/secrets/tokens" }] },
    ],
  },
  windows: {
    os: { name: "windows" },
    securityContext: { runAsNonRoot: true },
    containers: [{ name: "main", image: "example.com/none" }],
  },
};

const create = (environment: Environment, serviceAccountName: string, spec: object, within = namespace) =>
  environment.cluster.request<Pod & ApiObject>("POST", `/api/v1/namespaces/${within}/pods`, {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { generateName: "pod-" },
    spec: { ...spec, serviceAccountName },
  });

const outcome = ({ status, body, headers }: ApiResponse<Pod & ApiObject>) => ({
  status,
  message: body.message,
  injected: status === 201 ? injected(body) : undefined,
  podSecurity: [headers["warning"] ?? []].flat().filter((warning) => warning.includes("PodSecurity")),
});

// MongoDB's one variable is Azure's too, Codex's is LiteLLM's, and CoreWeave's configuration file is AWS' for a second role; the
// first of each pair comes first.
const LEFT_OUT = ["coreweave-object-storage", "mongodb", "openai-codex"];
const withoutConflicts = presets.map(({ name }) => name).filter((name) => !LEFT_OUT.includes(name));

const accepted = (providers: string) => ({ status: 201, message: undefined, injected: providers, podSecurity: [] });

const recordings = new URL("../data/admission-reviews/", import.meta.url);
const recorded = readdirSync(recordings).map((file) => {
  const { spec } = JSON.parse(readFileSync(new URL(file, recordings), "utf8")).request.object;
  return [file.replace(".json", ""), spec] as const;
});

describeOnCluster("the API server, with every preset", () => {
  const current = useEnvironment({ config: configuration({ providers: everyProvider }) }, async (environment) => {
    const { cluster } = environment;
    const labels = {
      "pod-security.kubernetes.io/enforce": "restricted",
      "pod-security.kubernetes.io/warn": "restricted",
    };
    const object = { apiVersion: "v1", kind: "Namespace", metadata: { name: namespace, labels } };
    await cluster.must("POST", "/api/v1/namespaces", object);
    const accounts = presets.flatMap((preset) =>
      which.map((parameters) => ({
        name: accountName(preset.name, parameters),
        annotations: annotationsFor(preset, parameters),
      })),
    );
    const everywhere = [...accounts, { name: "all-at-once", annotations: allAtOnce }];
    await environment.create([
      ...everywhere.map((account) => ({ ...account, namespace })),
      ...everywhere.map((account) => ({ ...account, namespace: "default" })),
    ]);
  });

  it("refuses what the restricted level refuses, in this namespace", async () => {
    const volumes = [{ name: "host", hostPath: { path: "/" } }];
    const response = await create(current(), "aws-all", { ...shapes["smallest"], volumes });
    expect(response).toMatchObject({ status: 403, body: { message: expect.stringContaining('"restricted:latest"') } });
  });

  describe.each(presets.map(({ name }) => name))("%s", (preset) => {
    it.each(Object.entries(shapes))("accepts the patched pod: %s", async (shape, spec) => {
      for (const parameters of which) {
        const response = await create(current(), accountName(preset, parameters), spec);
        expect(outcome(response)).toEqual(accepted(preset));
        // Where a file has to name the token's path and that is taken, the container is left out.
        if (shape !== "paths taken") expect(containersWithoutAny(response.body)).toEqual([]);
      }
    });

    it.each(recorded)("accepts the patched pod as it was recorded: %s", async (_, spec) => {
      // Neither a node nor a priority class of the cluster of the recording is here.
      const { nodeName: _node, priorityClassName: _class, priority: _priority, ...portable } = spec;
      const response = await create(current(), accountName(preset, "all"), portable, "default");
      expect(outcome(response)).toMatchObject({ status: 201, injected: expect.any(String) });
    });
  });

  it.each(Object.entries(shapes))("accepts a pod with all identities at once: %s", async (_, spec) => {
    const response = await create(current(), "all-at-once", spec);
    expect(outcome(response)).toEqual(accepted(withoutConflicts.join()));
  });

  it("has a token for each audience in the patched pod", async () => {
    const { body } = await create(current(), "all-at-once", shapes["many containers"] ?? {});
    const audiences = ["sts.amazonaws.com", "api://AzureADTokenExchange", "https://api.openai.com/v1", "enkryptify"];
    expect(containersWithout(body, audiences)).toEqual([]);
    expect(containersWithout(body, ["https://nobody.example.com"])).toEqual(["prepare", "proxy", "main", "second"]);
  });
});

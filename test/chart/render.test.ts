import { expect, it } from "vitest";
import { readConfiguration, showProblems } from "../../src/configuration/read.ts";
import { chart, describeWithHelm, helm, type Rendered, render, type Values } from "../cluster/helm/harness.ts";
import { valueSets } from "./value-sets.ts";

const one = (objects: readonly Rendered[], kind: string, name?: string): Rendered => {
  const found = objects.filter(
    (object) => object.kind === kind && (name === undefined || object.metadata.name === name),
  );
  if (found.length !== 1 || found[0] === undefined) throw new Error(`${found.length} of ${kind} ${name ?? ""}`);
  return found[0];
};
const kindsOf = (objects: readonly Rendered[]): readonly string[] =>
  objects.map(({ kind, metadata }) => `${kind} ${metadata.name}`).sort();

const isPolicy = ({ kind }: Rendered): boolean => kind.includes("AdmissionPolicy");

/** What `path` leads to, step by step; undefined where there is nothing. */
const at = (value: unknown, path: string): unknown =>
  path.split(".").reduce<unknown>((here, step) => (here as Record<string, unknown> | undefined)?.[step], value);

const pod = "spec.template.spec";
const container = `${pod}.containers.0`;
const webhook = "webhooks.0";
/** To report drift of what Kubernetes has by Helm's own word. */
const READS_POLICIES = {
  apiGroups: ["admissionregistration.k8s.io"],
  resources: [
    "validatingadmissionpolicies",
    "validatingadmissionpolicybindings",
    "mutatingadmissionpolicies",
    "mutatingadmissionpolicybindings",
  ],
  verbs: ["get"],
};
const fail = { webhook: { failurePolicy: "Fail" } };

/** Values, and what they do to one object: kind, path, value. */
const rows: readonly (readonly [what: string, values: Values, kind: string, path: string, value: unknown])[] = [
  ["replicas", { replicas: 3 }, "Deployment", "spec.replicas", 3],
  ["an autoscaler owns replicas", { autoscaling: { enabled: true } }, "Deployment", "spec.replicas", undefined],
  ["autoscaling", { autoscaling: { enabled: true } }, "HorizontalPodAutoscaler", "spec.minReplicas", 2],
  ["tag", { image: { repository: "r/p", tag: "1" } }, "Deployment", `${container}.image`, "r/p:1"],
  [
    "digest",
    valueSets["everything extra"] ?? {},
    "Deployment",
    `${container}.image`,
    `registry.example.com/podpass@sha256:${"0".repeat(64)}`,
  ],
  ["pullPolicy", { image: { pullPolicy: "Never" } }, "Deployment", `${container}.imagePullPolicy`, "Never"],
  [
    "podStatus",
    { podStatus: { enabled: true } },
    "ClusterRole",
    "rules.3",
    { apiGroups: [""], resources: ["pods"], verbs: ["list"] },
  ],
  [
    "podStatus' webhook, where nothing else reads it",
    { podStatus: { enabled: true }, certificates: { mode: "cert-manager" } },
    "ClusterRole",
    "rules.2",
    {
      apiGroups: ["admissionregistration.k8s.io"],
      resources: ["mutatingwebhookconfigurations"],
      resourceNames: ["podpass"],
      verbs: ["get"],
    },
  ],
  [
    "podStatus' namespaces, where their labels count",
    { podStatus: { enabled: true }, webhook: { namespaceSelector: { matchLabels: { a: "b" } } } },
    "ClusterRole",
    "rules.4",
    { apiGroups: [""], resources: ["namespaces"], verbs: ["list"] },
  ],
  ["logLevel", { logLevel: "warn" }, "Deployment", `${container}.env.0.value`, "warn"],
  ["ports", { ports: { https: 10250 } }, "Deployment", `${container}.ports.0.containerPort`, 10250],
  ["hostNetwork", { hostNetwork: true }, "Deployment", `${pod}.hostNetwork`, true],
  ["hostNetwork's names", { hostNetwork: true }, "Deployment", `${pod}.dnsPolicy`, "ClusterFirstWithHostNet"],
  [
    "hostNetwork's update",
    { hostNetwork: true },
    "Deployment",
    "spec.strategy.rollingUpdate",
    { maxSurge: 0, maxUnavailable: 1 },
  ],
  ["an update by default", {}, "Deployment", "spec.strategy.rollingUpdate", { maxSurge: 1, maxUnavailable: 0 }],
  [
    "resources",
    { resources: { limits: { memory: "1Gi" } } },
    "Deployment",
    `${container}.resources.limits`,
    { memory: "1Gi" },
  ],
  [
    "OpenShift",
    { podSecurityContext: { runAsUser: null, runAsGroup: null } },
    "Deployment",
    `${pod}.securityContext`,
    { runAsNonRoot: true, seccompProfile: { type: "RuntimeDefault" } },
  ],
  [
    "a probe",
    { readinessProbe: { periodSeconds: 7 } },
    "Deployment",
    `${container}.readinessProbe`,
    { httpGet: { path: "/readyz", port: "http" }, periodSeconds: 7, timeoutSeconds: 2, failureThreshold: 3 },
  ],
  ["the start", {}, "Deployment", `${container}.startupProbe.httpGet.path`, "/livez"],
  ["affinity", { affinity: { nodeAffinity: {} } }, "Deployment", `${pod}.affinity`, { nodeAffinity: {} }],
  ["no affinity", { podAntiAffinity: "none" }, "Deployment", `${pod}.affinity`, undefined],
  [
    "spreading",
    {},
    "Deployment",
    `${pod}.topologySpreadConstraints.0.labelSelector.matchLabels`,
    { "app.kubernetes.io/name": "podpass", "app.kubernetes.io/instance": "podpass" },
  ],
  ["no priority", { priorityClassName: "" }, "Deployment", `${pod}.priorityClassName`, undefined],
  [
    "failurePolicy",
    { webhook: { failurePolicy: "Fail" } },
    "MutatingWebhookConfiguration",
    `${webhook}.failurePolicy`,
    "Fail",
  ],
  ["timeout", { webhook: { timeoutSeconds: 3 } }, "MutatingWebhookConfiguration", `${webhook}.timeoutSeconds`, 3],
  [
    "the Service's port",
    { service: { port: 444 } },
    "MutatingWebhookConfiguration",
    `${webhook}.clientConfig.service.port`,
    444,
  ],
  [
    "accountsWebhook.timeoutSeconds",
    { accountsWebhook: { timeoutSeconds: 3 } },
    "ValidatingWebhookConfiguration",
    `${webhook}.timeoutSeconds`,
    3,
  ],
  [
    "failurePolicy: Fail, which is not for ServiceAccounts",
    { webhook: { failurePolicy: "Fail" } },
    "ValidatingWebhookConfiguration",
    `${webhook}.failurePolicy`,
    "Ignore",
  ],
  [
    "no match condition without a known prefix",
    { existingConfigMap: "mine" },
    "ValidatingWebhookConfiguration",
    `${webhook}.matchConditions`,
    undefined,
  ],
  [
    "no match condition where vendors' annotations are read",
    { configuration: { nativeAnnotations: true } },
    "ValidatingWebhookConfiguration",
    `${webhook}.matchConditions`,
    undefined,
  ],
  [
    "cert-manager's CA for ServiceAccounts",
    { certificates: { mode: "cert-manager" } },
    "ValidatingWebhookConfiguration",
    "metadata.annotations",
    { "cert-manager.io/inject-ca-from": "podpass-system/podpass" },
  ],
  ["no caBundle", {}, "MutatingWebhookConfiguration", `${webhook}.clientConfig.caBundle`, undefined],
  [
    "caBundle",
    valueSets["a certificate from a file"] ?? {},
    "MutatingWebhookConfiguration",
    `${webhook}.clientConfig.caBundle`,
    Buffer.from("-----BEGIN CERTIFICATE-----\nbm90IG9uZQ==\n-----END CERTIFICATE-----\n").toString("base64"),
  ],
  [
    "inject-ca-from",
    { certificates: { mode: "cert-manager" } },
    "MutatingWebhookConfiguration",
    "metadata.annotations",
    { "cert-manager.io/inject-ca-from": "podpass-system/podpass" },
  ],
  [
    "namespaces",
    { webhook: { excludedNamespaces: ["a", "kube-system"] } },
    "MutatingWebhookConfiguration",
    `${webhook}.namespaceSelector.matchExpressions.0.values`,
    ["podpass-system", "kube-system", "a"],
  ],
  ["the disruption budget", {}, "PodDisruptionBudget", "spec.maxUnavailable", 1],
  [
    "an account's annotations",
    { serviceAccount: { annotations: { a: "b" } } },
    "ServiceAccount",
    "metadata.annotations",
    { a: "b" },
  ],
  [
    "a quota's class",
    { priorityClassName: "system-node-critical" },
    "ResourceQuota",
    "spec.scopeSelector.matchExpressions.0.values",
    ["system-node-critical"],
  ],
  ["a quota", { resourceQuota: { pods: 7 } }, "ResourceQuota", "spec.hard.pods", "7"],
  [
    "a quota that a rollout would not fit in",
    { replicas: 12, resourceQuota: { pods: 7 } },
    "ResourceQuota",
    "spec.hard.pods",
    "26",
  ],
  [
    "a quota that the most replicas would not fit in",
    { replicas: 1, autoscaling: { enabled: true, maxReplicas: 10 } },
    "ResourceQuota",
    "spec.hard.pods",
    "22",
  ],
];

const refused: readonly (readonly [values: Values, message: RegExp])[] = [
  [{ replica: 3 }, /replica/],
  [{ replicas: "three" }, /at '\/replicas': got string, want integer/],
  [{ webhook: { failurePolicy: "ignore" } }, /at '\/webhook\/failurePolicy': value must be one of 'Ignore', 'Fail'/],
  [{ webhook: { timeoutSeconds: 31 } }, /at '\/webhook\/timeoutSeconds': maximum: got 31, want 30/],
  [{ image: { digest: "latest" } }, /at '\/image\/digest'/],
  [{ certificates: { mode: "manual" } }, /at '\/certificates\/mode'/],
  [{ certificates: { mode: "files" } }, /certificates\.secretName is required with certificates\.mode: files/],
  [{ serviceAccount: { create: false } }, /serviceAccount\.name is required/],
  [{ terminationGracePeriodSeconds: 20 }, /terminationGracePeriodSeconds must be at least 25/],
  [{ configuration: { policies: {} } }, /at '\/configuration': additional properties 'policies' not allowed/],
  [{ configuration: { kind: "Other" } }, /at '\/configuration\/kind'/],
  [{ configuration: { annotationPrefix: "Upper" } }, /at '\/configuration\/annotationPrefix'/],
  [{ configuration: { annotationPrefix: "a".repeat(213) } }, /annotationPrefix': maxLength: got 213, want 212/],
  [{ configuration: { providers: { aws: { preset: "awz" } } } }, /at '\/configuration\/providers\/aws\/preset'/],
  [
    { configuration: { providers: { a: { token: { mountPath: "/var/../etc" } } } } },
    /at '\/configuration\/providers\/a\/token\/mountPath'/,
  ],
  [
    { configuration: { policy: { tokens: { expirationSeconds: { max: 599 } } } } },
    /expirationSeconds\/max': minimum: got 599, want 600/,
  ],
  [{ ports: { https: 9000, http: 9000 } }, /ports\.https and ports\.http are both 9000/],
  [{ service: { port: 8080 } }, /service\.port and ports\.http are both 8080/],
  [{ replicas: 0, webhook: { failurePolicy: "Fail" } }, /failurePolicy is Fail and replicas is 0/],
  ...["not-a-mirror-pod", "not-opted-out"].map(
    (name) =>
      [
        { webhook: { matchConditions: [{ name, expression: "true" }] } },
        new RegExp(`webhook\\.matchConditions: the chart itself has a condition "${name}"`, "u"),
      ] as const,
  ),
];

/** Every string that stands where a name does, in any object. */
const namesIn = (value: unknown): readonly unknown[] => {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, member]) => [
    ...(/^(name|namespace|secretName|serviceAccountName|app\.kubernetes\.io\/.*)$/u.test(key) ? [member] : []),
    ...namesIn(member),
  ]);
};

describeWithHelm("the chart", () => {
  it("passes helm lint", async () => {
    for (const [name, values] of Object.entries(valueSets))
      expect(await helm(["lint", "--strict", chart], values), name).toMatchObject({ code: 0 });
  });

  it("renders what belongs to a release", async () => {
    expect(kindsOf((await render()).filter((object) => !isPolicy(object)))).toEqual([
      "ClusterRole podpass",
      "ClusterRoleBinding podpass",
      "ConfigMap podpass",
      "Deployment podpass",
      "MutatingWebhookConfiguration podpass",
      "PodDisruptionBudget podpass",
      "ResourceQuota podpass",
      "Role podpass",
      "RoleBinding podpass",
      "Secret podpass-ca",
      "Service podpass",
      "ServiceAccount podpass",
      "ValidatingWebhookConfiguration podpass",
    ]);
  });

  it.each(rows)("has a value for %s", async (_, values, kind, path, value) => {
    expect(at(one(await render({ values }), kind), path)).toEqual(value);
  });

  it.each(refused)("refuses %j", async (values, message) => {
    const { code, stderr } = await helm(["template", "podpass", chart], values);
    expect(stderr).toMatch(message);
    expect(code).not.toBe(0);
  });

  it("names everything by its release, in its namespace", async () => {
    const [left, right] = await Promise.all(
      [{ release: "left" }, { release: "right", namespace: "elsewhere" }].map((options) =>
        render({ values: valueSets["the most of monitoring"] ?? {}, ...options }),
      ),
    );
    const names = new Set(left?.map(({ kind, metadata }) => `${kind} ${metadata.name}`));
    expect(right?.filter(({ kind, metadata }) => names.has(`${kind} ${metadata.name}`))).toEqual([]);
    const clusterWide = [
      "ClusterRole",
      "ClusterRoleBinding",
      "MutatingWebhookConfiguration",
      "ValidatingWebhookConfiguration",
    ];
    const strays = right?.filter(
      (object) => !clusterWide.includes(object.kind) && !isPolicy(object) && object.metadata.namespace !== "elsewhere",
    );
    expect(strays).toEqual([]);
  });

  it.each([
    ["1e3", "1234", { fullnameOverride: "true" }],
    ["0x10", "0b1", { nameOverride: "null" }],
  ])("writes names that look like something else as strings: %s in %s", async (release, namespace, override) => {
    for (const [what, values] of Object.entries(valueSets)) {
      const all = { ...values, fullnameOverride: "true", ...override };
      const names = namesIn(await render({ release, namespace, values: all }));
      expect(names.length, what).toBeGreaterThan(20);
      expect(
        names.filter((name) => typeof name !== "string" && typeof name !== "object"),
        what,
      ).toEqual([]);
      expect(names, what).toEqual(expect.arrayContaining([release, namespace]));
    }
  });

  it.each([
    ["1e3", /"1e3-podpass" cannot name a Service: it has to begin with a letter/u],
    ["9.podpass", /"9-podpass" cannot name a Service/u],
  ])("refuses the release %s, after which no Service can be named", async (release, message) => {
    const { code, stderr } = await helm(["template", release, chart], {});
    expect(stderr).toMatch(message);
    expect(code).not.toBe(0);
  });

  it("has no dot in a name", async () => {
    const objects = (await render({ release: "a.b" })).filter((object) => !isPolicy(object));
    expect(one(objects, "Service").metadata.name).toBe("a-b-podpass");
    expect(new Set(objects.map(({ metadata }) => metadata.name))).toEqual(new Set(["a-b-podpass", "a-b-podpass-ca"]));
  });

  it.each([
    ["in kube-system, where it would stop the cluster's own pods", { namespace: "kube-system" }],
    ["for a class that no cluster limits", { values: { priorityClassName: "high" } }],
    ["without a class", { values: { priorityClassName: "" } }],
    ["where none is wanted", { values: { resourceQuota: { create: false } } }],
  ])("has no quota %s", async (_, options) => {
    expect((await render(options)).filter(({ kind }) => kind === "ResourceQuota")).toEqual([]);
  });

  it.each([
    ["podpass-system", {}, [], [/never get an identity/u, /kubectl delete/u, /NOTHING IS ENFORCED/u]],
    [
      "podpass-system",
      { policies: { enabled: false } },
      [/pods start without their identity/u],
      [/NOTHING IS ENFORCED/u],
    ],
    [
      "identity",
      { configuration: { policy: { tokens: { audiences: {} } } } },
      [
        /NOTHING IS ENFORCED INSIDE THE API SERVER/u,
        /kubectl -n identity get configmap podpass -o yaml \|\n +podpass policies --config - --release podpass --namespace identity --kubernetes v1\.[0-9.]+ > policies\.yaml\n/u,
        /The policy on tokens has a gap/u,
      ],
      [],
    ],
    ["podpass-system", { existingConfigMap: "other" }, [/get configmap other -o yaml/u], []],
    ["default", {}, [/never get an identity, and here that is "default"/u], []],
    [
      "podpass-system",
      fail,
      [/opens the cluster again:\n\n {3}kubectl delete mutatingwebhookconfiguration podpass\n/u],
      [],
    ],
    [
      "podpass-system",
      { clusterObjects: { create: false } },
      [/helm upgrade does not change it\. .*\n.*kubectl delete mutatingwebhookconfiguration podpass/u],
      [],
    ],
  ])("says in %s with %j what to know", async (namespace, values, said, unsaid) => {
    const arguments_ = ["install", "podpass", chart, "--namespace", namespace, "--dry-run=client"];
    const { stdout } = await helm(arguments_, values);
    const [, notes = ""] = stdout.split("NOTES:");
    expect(notes).toContain("rollout status");
    for (const text of said) expect(notes).toMatch(text);
    for (const text of unsaid) expect(notes).not.toMatch(text);
  });

  it("labels everything, and selects only what never changes", async () => {
    const objects = await render({ values: valueSets["everything extra"] ?? {} });
    for (const { kind, metadata } of objects) {
      expect(metadata.labels, kind).toMatchObject({ "app.kubernetes.io/instance": "podpass", "cost-centre": "7" });
      expect(metadata.annotations, kind).toMatchObject({ owner: "platform" });
    }
    expect(at(one(objects, "Deployment"), "spec.selector.matchLabels")).toEqual({
      "app.kubernetes.io/name": "podpass",
      "app.kubernetes.io/instance": "podpass",
    });
  });

  it.each(Object.entries(valueSets))("writes a configuration that Podpass reads: %s", async (_, values) => {
    const maps = (await render({ values })).filter(
      ({ kind, metadata }) => kind === "ConfigMap" && !metadata.name.endsWith("-dashboard"),
    );
    for (const { data } of maps) {
      const text = (data as Record<string, string>)["configuration.yaml"] ?? "";
      const read = readConfiguration(text);
      expect(read.ok ? "" : showProblems("configuration.yaml", read.problems)).toBe("");
    }
    expect(maps).toHaveLength("existingConfigMap" in values ? 0 : 1);
  });

  it("passes opted-out pods over only where nothing judges them", async () => {
    const conditionsWith = async (values: Values) => {
      const conditions = at(
        one(await render({ values }), "MutatingWebhookConfiguration"),
        `${webhook}.matchConditions`,
      );
      return (conditions as readonly { readonly name: string; readonly expression: string }[]).map(({ name }) => name);
    };
    const both = ["not-a-mirror-pod", "not-opted-out"];
    expect(await conditionsWith({})).toEqual(both);
    expect(await conditionsWith({ configuration: { policy: { enforcement: "Warn" } } })).toEqual(both);
    expect(await conditionsWith({ configuration: { policy: { tokens: {} } } })).toEqual(["not-a-mirror-pod"]);
    expect(await conditionsWith({ existingConfigMap: "other" })).toEqual(["not-a-mirror-pod"]);
    const prefixed = one(
      await render({ values: { configuration: { annotationPrefix: "identity.example.com" } } }),
      "MutatingWebhookConfiguration",
    );
    expect(at(prefixed, `${webhook}.matchConditions.1.expression`)).toContain(
      "annotations['identity.example.com/inject'] != 'false'",
    );
  });

  it("asks for managed certificates only where it manages them", async () => {
    const managed = await render();
    expect(at(one(managed, "Deployment"), `${container}.args`)).toEqual([
      "serve",
      "--config=/etc/podpass/configuration.yaml",
      "--namespace=podpass-system",
      "--port=8443",
      "--health-port=8080",
      "--drain-seconds=10",
      "--ca-secret=podpass-ca",
      "--service=podpass",
      "--webhook-configuration=podpass",
      "--validating-webhook-configuration=podpass",
      "--policies=podpass",
    ]);
    for (const name of ["a certificate from a file", "cert-manager with a CA of the chart"]) {
      const objects = await render({ values: valueSets[name] ?? {} });
      expect(
        kindsOf(objects).filter((kind) => /^(Role|RoleBinding|Secret) /.test(kind)),
        name,
      ).toEqual([]);
      expect(at(one(objects, "ClusterRole"), "rules")).toEqual([
        { apiGroups: [""], resources: ["serviceaccounts"], verbs: ["get", "list", "watch"] },
        READS_POLICIES,
      ]);
      expect(at(one(objects, "Deployment"), `${container}.args`)).toContain("--tls-cert=/etc/podpass-tls/tls.crt");
    }
  });

  it("restarts nothing for a new configuration", async () => {
    const [before, after] = await Promise.all(
      [{}, { policy: { enforcement: "Warn" } }].map((configuration) => render({ values: { configuration } })),
    );
    expect(one(after ?? [], "Deployment")).toEqual(one(before ?? [], "Deployment"));
    expect(one(after ?? [], "ConfigMap")).not.toEqual(one(before ?? [], "ConfigMap"));
  });
});

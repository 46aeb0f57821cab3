import { describe, expect, it } from "vitest";
import { stringify } from "yaml";
import { compileConfiguration } from "../../src/configuration/compile.ts";
import { readManifest } from "../../src/manifests/document.ts";
import { injectManifests } from "../../src/manifests/inject-manifests.ts";
import { objectsIn } from "../../src/manifests/objects.ts";
import { podPlaces } from "../../src/manifests/pod-templates.ts";
import { collectServiceAccounts } from "../../src/manifests/service-accounts.ts";

const compiled = compileConfiguration({});
if (!compiled.ok) throw new Error("the presets are not valid");
const { settings } = compiled;

const ACCOUNTS = ["billing", "default"]
  .map((name) => ({
    apiVersion: "v1",
    kind: "ServiceAccount",
    metadata: {
      name,
      annotations: { "podpass.dev/federate": "aws", "aws.podpass.dev/role-arn": "arn:aws:iam::123456789012:role/b" },
    },
  }))
  .map((account) => stringify(account));

const PLAIN = "apiVersion: v1\nkind: ServiceAccount\nmetadata: { name: plain }\n";

const decided = (object: object) => {
  const text = [...ACCOUNTS, PLAIN, stringify({ metadata: { name: "x" }, ...object })].join("---\n");
  const objects = readManifest("t", text).file.documents.flatMap(objectsIn);
  const serviceAccounts = collectServiceAccounts(objects, "default");
  const result = injectManifests(objects, { settings, serviceAccounts, namespace: "default" });
  return {
    paths: result.decided.map(({ path, decision }) => `${path.join(".")}: ${decision.reason}`),
    notices: result.notices.map(({ code, message }) => `${code}: ${message}`),
    bad: result.bad,
  };
};

const containers = [{ name: "main", image: "x" }];
const template = { spec: { serviceAccountName: "billing", containers } };

const inShop = (object: object) => ({ ...object, metadata: { name: "inner", namespace: "shop" } });

describe("objects in another object", () => {
  it("have a namespace of their own", () => {
    const work = {
      apiVersion: "work.open-cluster-management.io/v1",
      kind: "ManifestWork",
      metadata: { name: "w", namespace: "cluster1" },
      spec: {
        workload: {
          manifests: [
            inShop({ apiVersion: "apps/v1", kind: "Deployment", spec: { template } }),
            { apiVersion: "apps/v1", kind: "Deployment", spec: { template } },
            inShop({
              apiVersion: "tekton.dev/v1",
              kind: "TaskRun",
              spec: { serviceAccountName: "other", taskSpec: { steps: [{ image: "x" }] } },
            }),
          ],
        },
      },
    };
    const objects = readManifest("t", stringify(work)).file.documents.flatMap(objectsIn);
    const serviceAccounts = collectServiceAccounts([], "default");
    const result = injectManifests(objects, { settings, serviceAccounts, namespace: "default" });
    expect(result.decided.map(({ namespace }) => namespace)).toEqual(["shop", "cluster1"]);
    expect(result.notices.map(({ message }) => message)).toEqual([
      "ServiceAccount shop/other is not among the files given with -f, nor is there a pod template at spec.workload.manifests[2].spec.taskSpec; left alone",
    ]);
  });
});

describe("pod templates of custom workloads", () => {
  it.each([
    ["Argo's Rollout", { apiVersion: "argoproj.io/v1alpha1", kind: "Rollout", spec: { template } }, ["spec.template"]],
    [
      "KubeRay's RayCluster",
      {
        apiVersion: "ray.io/v1",
        kind: "RayCluster",
        spec: { headGroupSpec: { template }, workerGroupSpecs: [{ template }, { template }] },
      },
      ["spec.headGroupSpec.template", "spec.workerGroupSpecs.0.template", "spec.workerGroupSpecs.1.template"],
    ],
    [
      "a JobSet",
      {
        apiVersion: "jobset.x-k8s.io/v1alpha2",
        kind: "JobSet",
        spec: { replicatedJobs: [{ template: { spec: { template } } }] },
      },
      ["spec.replicatedJobs.0.template.spec.template"],
    ],
    [
      "Knative's Service, of which the container has no name",
      {
        apiVersion: "serving.knative.dev/v1",
        kind: "Service",
        spec: { template: { spec: { serviceAccountName: "billing", containers: [{ image: "x" }] } } },
      },
      ["spec.template"],
    ],
    [
      "an OpenShift template",
      {
        apiVersion: "template.openshift.io/v1",
        kind: "Template",
        objects: [
          { apiVersion: "v1", kind: "Pod", spec: template.spec },
          { apiVersion: "apps/v1", kind: "Deployment", spec: { template } },
        ],
      },
      ["objects.0", "objects.1.spec.template"],
    ],
    [
      "a template of the ServiceAccount default",
      { apiVersion: "argoproj.io/v1alpha1", kind: "Rollout", spec: { template: { spec: { containers } } } },
      ["spec.template"],
    ],
  ])("are found: %s", (_, object, paths) => {
    expect(decided(object)).toEqual({ paths: paths.map((path) => `${path}: injected`), notices: [], bad: [] });
  });

  it.each([
    [
      "Argo's Workflow, with an account for one template",
      {
        apiVersion: "argoproj.io/v1alpha1",
        kind: "Workflow",
        spec: {
          serviceAccountName: "plain",
          templates: [
            { name: "a", container: { image: "x" } },
            { name: "b", serviceAccountName: "billing", script: { image: "x" } },
          ],
        },
      },
      [
        "not-injectable: its pods of ServiceAccount default/billing at spec.templates[1] are in no pod template; left alone",
      ],
    ],
    [
      "Tekton's TaskRun",
      {
        apiVersion: "tekton.dev/v1",
        kind: "TaskRun",
        spec: { serviceAccountName: "billing", taskSpec: { steps: [{ image: "x" }] } },
      },
      [
        "not-injectable: its pods of ServiceAccount default/billing at spec.taskSpec are in no pod template; left alone",
      ],
    ],
    [
      "Tekton's PipelineRun, which has no container",
      {
        apiVersion: "tekton.dev/v1",
        kind: "PipelineRun",
        spec: { taskRunTemplate: { serviceAccountName: "billing" } },
      },
      [
        "not-injectable: its pods of ServiceAccount default/billing at spec.taskRunTemplate, if it has any, are in no pod template; left alone",
      ],
    ],
    [
      "Flux's, which acts as the account and has no pod",
      {
        apiVersion: "source.toolkit.fluxcd.io/v1",
        kind: "OCIRepository",
        spec: { provider: "aws", serviceAccountName: "billing" },
      },
      [
        "not-injectable: its pods of ServiceAccount default/billing at spec, if it has any, are in no pod template; left alone",
      ],
    ],
    [
      "the Prometheus operator's, whose containers are laid over its own",
      {
        apiVersion: "monitoring.coreos.com/v1",
        kind: "Prometheus",
        spec: { serviceAccountName: "billing", containers },
      },
      ["not-injectable: its pods of ServiceAccount default/billing at spec are in no pod template; left alone"],
    ],
    [
      "Flink's, whose template leaves the account to what is around it",
      {
        apiVersion: "flink.apache.org/v1beta1",
        kind: "FlinkDeployment",
        spec: { serviceAccount: "billing", podTemplate: { spec: { containers } } },
      },
      [
        "not-injectable: its pods of ServiceAccount default/billing at spec.podTemplate.spec are in no pod template; left alone",
      ],
    ],
    [
      "containers of the ServiceAccount default",
      { apiVersion: "example.com/v1", kind: "Thing", spec: { containers } },
      ["not-injectable: its pods of ServiceAccount default/default at spec are in no pod template; left alone"],
    ],
    [
      "an account that is not there",
      {
        apiVersion: "tekton.dev/v1",
        kind: "TaskRun",
        spec: { serviceAccountName: "other", taskSpec: { steps: [{ image: "x" }] } },
      },
      [
        "service-account-not-found: ServiceAccount default/other is not among the files given with -f, nor is there a pod template at spec.taskSpec; left alone",
      ],
    ],
    [
      "a template that cannot be read",
      {
        apiVersion: "argoproj.io/v1alpha1",
        kind: "Rollout",
        spec: {
          template: {
            spec: { serviceAccountName: "billing", containers: [{ name: "a", env: [{ name: "P", value: 1 }] }] },
          },
        },
      },
      [
        "not-injectable: spec.template.spec.containers[0].env[0].value must be a string; put its value in quotes; left alone",
      ],
    ],
  ])("are not passed over in silence where there are none: %s", (_, object, notices) => {
    expect(decided(object)).toEqual({ paths: [], notices, bad: [] });
  });

  it.each([
    [
      "an account that is not federated",
      {
        apiVersion: "tekton.dev/v1",
        kind: "TaskRun",
        spec: { serviceAccountName: "plain", taskSpec: { steps: [{ image: "x" }] } },
      },
    ],
    [
      "somebody who acts as an account",
      { apiVersion: "kustomize.toolkit.fluxcd.io/v1", kind: "Kustomization", spec: { serviceAccountName: "other" } },
    ],
    [
      "a pattern",
      { apiVersion: "kyverno.io/v1", kind: "ClusterPolicy", spec: { rules: [{ validate: { pattern: template } }] } },
    ],
    ["a text", { apiVersion: "v1", kind: "ConfigMap", data: { "pod.yaml": stringify(template) } }],
  ])("are not seen in %s", (_, object) => {
    expect(decided(object)).toEqual({ paths: [], notices: [], bad: [] });
  });

  it("are looked for by looking at each value a few times, however many there are", () => {
    const looksAt = (count: number): number => {
      let looks = 0;
      class Counted extends Map<string, unknown> {
        override get(key: string): unknown {
          looks++;
          return super.get(key);
        }
      }
      const item = () =>
        new Counted([
          ["metadata", new Counted([["annotations", new Counted([["k", "v"]])]])],
          ["containers", [new Counted([["name", "a"]])]],
          ["spec", new Counted([["containers", [new Counted([["image", "a"]])]]])],
        ]);
      const { file } = readManifest("t", "apiVersion: example.com/v1\nkind: Thing\n");
      const [object] = file.documents.flatMap(objectsIn);
      if (object === undefined) throw new Error("not an object");
      podPlaces({ ...object, value: new Counted([["spec", Array.from({ length: count }, item)]]) });
      return looks;
    };
    expect(looksAt(10_000)).toBeLessThan(101 * looksAt(100));
  });

  it("are looked for no deeper than any real object has them", () => {
    const inside = (depth: number) =>
      Array.from({ length: depth }).reduce<object>((value) => ({ a: value }), { template });
    const object = (depth: number) => ({ apiVersion: "example.com/v1", kind: "Thing", spec: inside(depth) });
    expect(decided(object(20)).paths).toHaveLength(1);
    expect(decided(object(40)).paths).toEqual([]);
  });
});

const withAnnotations = (annotations: object, object: object = {}) =>
  decided({ apiVersion: "v1", kind: "Service", metadata: { name: "x", annotations }, ...object }).notices;

describe("annotations where nothing reads them", () => {
  it.each([
    ["podpass.dev/federate", "write it on the ServiceAccount"],
    ["podpass.dev/inject", "write it on pods, in the metadata of their template"],
    ["podpass.dev/skip-containers", "write it on the ServiceAccount"],
    ["aws.podpass.dev/role-arn", "write it on the ServiceAccount"],
    ["aws.podpass.dev/expiration-seconds", "write it on the ServiceAccount"],
    ["podpass.dev/federat", 'did you mean "federate"?'],
    ["aws.podpass.dev/role-anr", 'did you mean "role-arn"?'],
    ["azur.podpass.dev/client-id", 'no such provider; did you mean "azure"?'],
  ])("%s", (key, where) => {
    expect(withAnnotations({ [key]: "x" })).toEqual([`misplaced-key: annotation "${key}" is not read here; ${where}`]);
  });

  it("are named in the template of a workload, not on what is around it", () => {
    const annotations = { "aws.podpass.dev/only-containers": "a" };
    const jobTemplate = { metadata: { annotations }, spec: { template: { ...template, metadata: { annotations } } } };
    const notices = withAnnotations(annotations, { apiVersion: "batch/v1", kind: "CronJob", spec: { jobTemplate } });
    const one =
      'misplaced-key: annotation "aws.podpass.dev/only-containers" is not read here; write it in spec.jobTemplate.spec.template.metadata.annotations';
    expect(notices).toEqual([one, one]);
  });

  it("are nothing where they are blank, or somebody else's, or a ServiceAccount's to be", () => {
    expect(
      withAnnotations({ "podpass.dev/federate": " ", "aws.podpass.dev/role-arn": null, "example.com/x": "1" }),
    ).toEqual([]);
    const account = { kind: "ServiceAccount", metadata: { annotations: { "podpass.dev/federate": "aws" } } };
    expect(decided({ apiVersion: "template.openshift.io/v1", kind: "Template", objects: [account] }).notices).toEqual(
      [],
    );
  });

  it.each([
    [
      "serviceAccountTemplate",
      { serviceAccountTemplate: { metadata: { annotations: { "podpass.dev/federate": "aws" } } } },
    ],
    [
      "serviceAccount",
      { template: { serviceAccount: { metadata: { annotations: { "podpass.dev/federate": "aws" } } } } },
    ],
  ])("are an operator's to write on the ServiceAccount that it makes, below %s", (_, spec) => {
    expect(decided({ apiVersion: "postgresql.cnpg.io/v1", kind: "Cluster", spec }).notices).toEqual([]);
  });

  it("are told up to a number, and then counted", () => {
    const many = Object.fromEntries(Array.from({ length: 900 }, (_, index) => [`podpass.dev/x${index}`, "x"]));
    const notices = withAnnotations(many);
    expect(notices).toHaveLength(6);
    expect(notices.at(-1)).toBe("misplaced-key: 895 more keys are not read here");
  });
});

describe("labels with our keys", () => {
  const told = (key: string) => `misplaced-key: label "${key}" is not read here; write it as an annotation`;
  const labels = { "podpass.dev/inject": "false", "aws.podpass.dev/role-arn": "x" };

  it("are told on a workload and in its template, on a pod, and on a ServiceAccount", () => {
    const both = Object.keys(labels).map(told);
    const metadata = { labels };
    const workload = {
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata,
      spec: { template: { ...template, metadata } },
    };
    expect(decided(workload).notices).toEqual([...both, ...both]);
    expect(decided({ apiVersion: "v1", kind: "Pod", ...template, metadata }).notices).toEqual(both);
    expect(decided({ apiVersion: "v1", kind: "ServiceAccount", metadata }).notices).toEqual(both);
  });

  it("are somebody's own where no annotation has the key", () => {
    const own = {
      "podpass.dev/federated": "true",
      "podpass.dev/team": "a",
      "x.podpass.dev/role-arn": "x",
      inject: "false",
    };
    expect(decided({ apiVersion: "v1", kind: "ServiceAccount", metadata: { labels: own } }).notices).toEqual([]);
    const selector = { matchLabels: labels };
    expect(decided({ apiVersion: "v1", kind: "Service", spec: { selector } }).notices).toEqual([]);
  });
});

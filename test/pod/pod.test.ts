import { readdirSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { isMirrorPod, podName, readPod, serviceAccountName } from "../../src/pod/pod.ts";
import { isWindowsPod } from "../../src/pod/windows.ts";
import { container, pod, recorded } from "../support/pods.ts";

const problem = (value: unknown): string | undefined => {
  const read = readPod(value);
  return "problem" in read ? read.problem : undefined;
};

const os = (value: string, key = "kubernetes.io/os", operator = "In"): object => ({ key, operator, values: [value] });

/** A required node affinity: a node has to meet all of one of `terms`. */
const required = (...terms: readonly (readonly object[])[]): object => ({
  affinity: {
    nodeAffinity: {
      requiredDuringSchedulingIgnoredDuringExecution: {
        nodeSelectorTerms: terms.map((matchExpressions) => ({ matchExpressions })),
      },
    },
  },
});

const withSpec = (spec: object): object => ({ metadata: {}, spec: { containers: [], ...spec } });

describe("readPod", () => {
  const reviews = readdirSync(new URL("../data/admission-reviews/", import.meta.url));
  it.each(reviews)("takes the pod of %s", (file) => {
    expect(problem(recorded(file.replace(".json", "")).pod)).toBeUndefined();
  });

  it.each<[string, unknown]>([
    [
      "null where lists and objects may be left out",
      { metadata: null, spec: { containers: [], volumes: null, initContainers: null, os: null, nodeSelector: null } },
    ],
    [
      "null inside a container",
      withSpec({ containers: [{ name: "a", env: null, envFrom: null, volumeMounts: null, volumeDevices: null }] }),
    ],
    ["null as the containers, which Go writes for none", withSpec({ containers: null })],
    ["fields of another version", { ...withSpec({ future: [1] }), more: true }],
    [
      "a projection without anything",
      withSpec({ volumes: [{ name: "v", projected: { sources: [{ serviceAccountToken: {} }, {}] } }] }),
    ],
  ])("takes %s", (_, value) => {
    expect(problem(value)).toBeUndefined();
  });

  it.each<[string, unknown, string]>([
    ["no object", [], "the pod is not an object"],
    ["null", null, "the pod is not an object"],
    ["no spec", { metadata: {} }, "spec is not an object"],
    [
      "annotations that are no texts",
      { metadata: { annotations: { a: 1 } }, spec: { containers: [] } },
      "metadata is not that of a pod",
    ],
    [
      "labels that are no texts",
      { metadata: { labels: { a: true } }, spec: { containers: [] } },
      "metadata is not that of a pod",
    ],
    ["no containers", { spec: {} }, "spec.containers is not a list of containers"],
    ["a container without name", withSpec({ containers: [{}] }), "spec.containers[0].name is not a string"],
    ["null as a container", withSpec({ initContainers: [null] }), "spec.initContainers is not a list of containers"],
    [
      "env that is an object",
      withSpec({ containers: [{ name: "a", env: {} }] }),
      "spec.containers[0].env is not a list of variables",
    ],
    [
      "a mount without path",
      withSpec({ containers: [{ name: "a", volumeMounts: [{ name: "v" }] }] }),
      "spec.containers[0].volumeMounts is not a list of mounts",
    ],
    ["volumes that are an object", withSpec({ volumes: {} }), "spec.volumes is not a list of volumes"],
    [
      "a lifetime that is a text",
      withSpec({
        volumes: [{ name: "v", projected: { sources: [{ serviceAccountToken: { expirationSeconds: "1" } }] } }],
      }),
      "spec.volumes is not a list of volumes",
    ],
    [
      "a ServiceAccount that is a number",
      withSpec({ serviceAccountName: 1 }),
      "spec.serviceAccountName is not a string",
    ],
  ])("refuses %s", (_, value, expected) => {
    expect(problem(value)).toBe(expected);
  });
});

describe("a pod's", () => {
  it("name is one for people", () => {
    expect(podName(pod())).toBe("my-pod");
    expect(podName({ ...pod(), metadata: { generateName: "web-" } })).toBe("web-*");
    expect(podName({ ...pod(), metadata: null })).toBe("(unnamed)");
    expect(podName({ ...pod(), metadata: { name: null, generateName: null } })).toBe("(unnamed)");
  });

  it("ServiceAccount may stand in the older field", () => {
    expect(serviceAccountName(pod({ serviceAccountName: undefined, serviceAccount: "old" }))).toBe("old");
    expect(serviceAccountName(pod({ serviceAccountName: "", serviceAccount: "" }))).toBe("");
  });

  it("mirror annotation counts with any value", () => {
    expect(isMirrorPod(pod({}, { "kubernetes.io/config.mirror": "" }))).toBe(true);
    expect(isMirrorPod(pod({}, { "kubernetes.io/config.source": "api" }))).toBe(false);
  });

  it.each([
    [{ os: { name: "windows" } }, true],
    [{ nodeSelector: { "kubernetes.io/os": "windows" } }, true],
    [{ os: { name: "linux" }, nodeSelector: { "kubernetes.io/os": "windows" } }, false],
    [{ os: { name: "" }, nodeSelector: { "kubernetes.io/os": "windows" } }, true],
    [{ nodeSelector: { "kubernetes.io/os": "linux" } }, false],
    [{ nodeSelector: { "beta.kubernetes.io/os": "windows" } }, true],
    [required([os("windows")]), true],
    [required([os("windows", "beta.kubernetes.io/os")], [os("windows"), { key: "x", operator: "Exists" }]), true],
    [required([os("windows")], [{ key: "x", operator: "Exists" }]), false],
    [required([os("windows", "kubernetes.io/os", "NotIn")]), false],
    [required([os("linux", "kubernetes.io/os", "NotIn")]), true],
    [required([os("linux", "kubernetes.io/os", "NotIn")], [os("windows")]), true],
    [required([os("linux", "kubernetes.io/os", "NotIn")], [os("linux")]), false],
    [required([os("linux", "x", "NotIn")]), false],
    [required([{ key: "kubernetes.io/os", operator: "NotIn", values: null }]), false],
    [required([{ ...os("windows"), values: ["windows", "linux"] }]), false],
    [required([os("linux")]), false],
    [required(), false],
    [{ ...required([os("windows")]), os: { name: "linux" } }, false],
    [{ securityContext: { windowsOptions: { hostProcess: true } } }, true],
    [{ securityContext: { windowsOptions: { runAsUserName: "x" } } }, false],
    [{ containers: [container({ securityContext: { windowsOptions: { hostProcess: true } } })] }, true],
    [{ affinity: {} }, false],
    [{ affinity: { nodeAffinity: null }, securityContext: null }, false],
    [{}, false],
  ])("system is Windows with %j: %s", (spec, expected) => {
    expect(isWindowsPod(pod(spec))).toBe(expected);
  });
});

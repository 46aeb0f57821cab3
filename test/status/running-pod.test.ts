import { describe, expect, it } from "vitest";
import { readRunningPod } from "../../src/status/running-pod.ts";

const owner = (kind: string, name: string, controller = true) => ({
  apiVersion: "v1",
  kind,
  name,
  uid: "1",
  controller,
});

const podOf = (metadata: object, more: object = {}): unknown => ({
  metadata: { name: "api-7c5-x", namespace: "production", ...metadata },
  spec: { serviceAccountName: "my-api", containers: [] },
  status: { phase: "Running" },
  ...more,
});

describe("the workload of a pod", () => {
  it.each<[why: string, metadata: object, workload: string]>([
    ["made by nobody", {}, "pod/api-7c5-x"],
    [
      "of a Deployment",
      { labels: { "pod-template-hash": "7c5" }, ownerReferences: [owner("ReplicaSet", "api-7c5")] },
      "deployment/api",
    ],
    ["of a ReplicaSet of its own", { ownerReferences: [owner("ReplicaSet", "api-7c5")] }, "replicaset/api-7c5"],
    [
      "whose label is another",
      { labels: { "pod-template-hash": "abc" }, ownerReferences: [owner("ReplicaSet", "api-7c5")] },
      "replicaset/api-7c5",
    ],
    ["of a StatefulSet", { ownerReferences: [owner("StatefulSet", "db")] }, "statefulset/db"],
    ["of a CronJob", { ownerReferences: [owner("Job", "backup-29400120")] }, "cronjob/backup"],
    ["of a Job", { ownerReferences: [owner("Job", "migrate-v2")] }, "job/migrate-v2"],
    ["of another controller", { ownerReferences: [owner("Rollout", "web")] }, "rollout/web"],
    ["owned, not controlled", { ownerReferences: [owner("Rollout", "web", false)] }, "pod/api-7c5-x"],
    [
      "whose owner's name is no object's",
      { ownerReferences: [owner("Deployment", "a\u001b[31m\nkubectl delete")] },
      "pod/api-7c5-x",
    ],
    ["whose owner's name is too long", { ownerReferences: [owner("Deployment", "a".repeat(254))] }, "pod/api-7c5-x"],
    ["whose owner's kind is none", { ownerReferences: [owner("deployment/other --all", "a")] }, "pod/api-7c5-x"],
    ["with owners that are none", { ownerReferences: [null, 5, "x"] }, "pod/api-7c5-x"],
  ])("%s", (_, metadata, workload) => {
    expect(readRunningPod(podOf(metadata))).toMatchObject({ namespace: "production", workload });
  });

  it("is called as it is, where its name is none", () => {
    expect(readRunningPod(podOf({ name: null }))).toMatchObject({ name: "(unnamed)", workload: "pod/(unnamed)" });
  });

  it.each<[why: string, value: unknown]>([
    ["that succeeded", podOf({}, { status: { phase: "Succeeded" } })],
    ["that failed", podOf({}, { status: { phase: "Failed" } })],
    ["that is being deleted", podOf({ deletionTimestamp: "2026-01-01T00:00:00Z" })],
    ["whose name no pod can have", podOf({ name: "a".repeat(254) })],
    ["that is none", 5],
    ["without a spec", { metadata: {} }],
    ["with a prototype's names", { metadata: JSON.parse('{"__proto__": {"name": "x"}}') }],
  ])("nothing of a pod %s", (_, value) => {
    expect(readRunningPod(value)).toBeUndefined();
  });
});

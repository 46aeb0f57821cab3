import { expect, it } from "vitest";
import { containerCommand, containerEnvironment, expand, type ReadData } from "./environment.ts";
import type { Pod } from "./pod.ts";

const known = new Map([
  ["A", "a"],
  ["B", "$(A)"],
]);

it.each([
  ["$(A)", "a"],
  ["$(A)$(B)", "a$(A)"],
  ["$(C)", "$(C)"],
  ["$$(A)", "$(A)"],
  ["$$$(A)", "$a"],
  ["$$$$(A)", "$$(A)"],
  ["$(A", "$(A"],
  ["$($(A)", "$($(A)"],
  ["$A $", "$A $"],
  ["100%$", "100%$"],
])("expands %s to %s", (text, expected) => {
  expect(expand(text, (name) => known.get(name))).toBe(expected);
});

const pod: Pod = {
  metadata: { name: "pod", namespace: "default", uid: "1", labels: { app: "x" } },
  spec: { containers: [] },
};
const data = new Map([["KEY", "from a map"]]);
const readData: ReadData = async (_, name) => (name === "here" ? data : undefined);
const input = { pod, readData, serviceEnv: new Map([["SERVICE", "10.0.0.1"]]) };

it("lets env win over envFrom, and both over the variables of services", async () => {
  const env = [
    { name: "P_KEY", value: "own" },
    { name: "HOST", value: "$(SERVICE)" },
    { name: "SERVICE", value: "mine" },
    { name: "LABEL", valueFrom: { fieldRef: { fieldPath: "metadata.labels['app']" } } },
    { name: "ONE", valueFrom: { configMapKeyRef: { name: "here", key: "KEY" } } },
    { name: "NONE", valueFrom: { secretKeyRef: { name: "here", key: "absent", optional: true } } },
  ];
  const envFrom = [{ prefix: "P_", configMapRef: { name: "here" } }, { secretRef: { name: "absent", optional: true } }];
  const variables = await containerEnvironment({ name: "c", env, envFrom }, input);
  expect(Object.fromEntries(variables)).toEqual({
    P_KEY: "own",
    HOST: "10.0.0.1",
    SERVICE: "mine",
    LABEL: "x",
    ONE: "from a map",
  });
});

it.each([
  [{ envFrom: [{ configMapRef: { name: "absent" } }] }, 'configmaps "absent" not found'],
  [{ env: [{ name: "A", valueFrom: { secretKeyRef: { name: "here", key: "k" } } }] }, 'secrets "here" has no k'],
  [{ env: [{ name: "A", valueFrom: { fieldRef: { fieldPath: "spec.nope" } } }] }, "unsupported fieldPath: spec.nope"],
])("fails where a node would: %j", async (parts, message) => {
  await expect(containerEnvironment({ name: "c", ...parts }, input)).rejects.toThrow(message);
});

it("expands the container's command line, and leaves the image's alone", () => {
  expect(containerCommand({ name: "c", command: ["echo"], args: ["$(A)", "$(NO)"] }, known)).toEqual([
    "echo",
    "a",
    "$(NO)",
  ]);
  expect(containerCommand({ name: "c", args: ["$(A)"] }, known)).toBeUndefined();
});

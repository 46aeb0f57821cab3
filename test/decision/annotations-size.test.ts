import { expect, it } from "vitest";
import { annotationsBreach } from "../../src/decision/annotations-size.ts";
import { decideOn, pod } from "../support/pods.ts";

const BYTES = 262_144;
const FIELD = ["metadata", "annotations"];

it.each([
  ["as much as Kubernetes allows", { key: "x".repeat(BYTES - 3) }, undefined],
  ["a byte more", { key: "x".repeat(BYTES - 2) }, { limit: "annotations-too-large", field: FIELD }],
  ["as much, of two bytes a character", { k: "é".repeat(BYTES / 2 - 1) }, undefined],
  ["more, of two bytes a character", { k: "é".repeat(BYTES / 2) }, { limit: "annotations-too-large", field: FIELD }],
])("measures %s", (_name, annotations, breach) => {
  expect(annotationsBreach(pod({}, annotations as Record<string, string>))).toStrictEqual(breach);
});

it("names the annotations where it is ours that make them too large", () => {
  const config = "providers: { demo: { token: { audience: demo } } }\n";
  const full = pod({}, { key: "x".repeat(BYTES - 3) });
  const decision = decideOn({ config, account: { "podpass.dev/federate": "demo" }, pod: full });
  expect(decision).toMatchObject({ reason: "annotations-too-large", field: FIELD });
});

it("reads no further than the bound", () => {
  const annotations: Record<string, string> = { key: "x".repeat(BYTES) };
  const given = { ...pod(), metadata: { annotations } };
  Object.defineProperty(annotations, "never", {
    enumerable: true,
    get: () => {
      throw new Error("it was read");
    },
  });
  expect(annotationsBreach(given)).toMatchObject({ limit: "annotations-too-large" });
});

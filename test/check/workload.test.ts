import { describe, expect, it } from "vitest";
import { mountedFile, optionOf, optionsOf, readDeployment } from "../../src/check/workload.ts";
import { deploymentObject } from "./facts.ts";

describe("Podpass' Deployment", () => {
  it("is read as far as checks look at it: the container that serves, its ports and mounts", () => {
    const deployment = readDeployment(deploymentObject());
    expect(deployment).toMatchObject({
      image: "registry.example.com/podpass:1.0.0",
      healthPort: 9090,
      replicas: 2,
      ready: 2,
      updated: 2,
      isObserved: true,
    });
    expect(mountedFile(deployment, "config")).toEqual({
      kind: "configMap",
      name: "podpass",
      key: "configuration.yaml",
    });
    expect(mountedFile(deployment, "tls-cert")).toBeUndefined();
  });

  it("is read where nothing is there", () => {
    expect(readDeployment({})).toMatchObject({ replicas: 1, ready: 0, image: "", args: [], serviceAccount: "default" });
    expect(readDeployment({ spec: { template: { spec: { containers: [null, 3] } } }, status: [] })).toMatchObject({
      args: [],
    });
  });

  it.each([
    [
      ["--a=1", "--a", "2"],
      ["1", "2"],
    ],
    [["--a"], []],
    [["--ab=1"], []],
  ])("has the options in %j", (args, values) => {
    expect(optionsOf(args, "a")).toEqual(values);
    expect(optionOf(args, "a")).toBe(values.at(-1));
  });
});

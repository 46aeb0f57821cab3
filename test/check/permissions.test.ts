import { describe, expect, it } from "vitest";
import { judgeAll } from "../../src/check/checks.ts";
import { rightsOf } from "../../src/check/permission-checks.ts";
import { neededRights, rightsToAsk, showPermission } from "../../src/check/permissions.ts";
import { readDeployment } from "../../src/check/workload.ts";
import { deploymentObject, factsWith, read } from "./facts.ts";

/** What is said where these rights are found, and no others. */
const detailsOf = (rights: readonly string[]): readonly string[] | undefined => {
  const facts = factsWith({ rights: read(new Map(rights.map((right) => [right, true]))) });
  return judgeAll(facts).find(({ id }) => id === "permissions-excess")?.details;
};

describe("rights that are too many", () => {
  it.each<[string, readonly string[], readonly string[]]>([
    [
      "in its own namespace and in kube-system",
      ["get secrets in kube-system", "create pods in podpass-system"],
      [
        "create pods in podpass-system: opens code on the nodes, as any ServiceAccount",
        "get secrets in kube-system: opens any Secret by its name",
      ],
    ],
    [
      "in all namespaces, and then not in each again",
      ["list secrets", "list secrets in podpass-system", "list secrets in kube-system"],
      ["list secrets in all namespaces: opens every Secret"],
    ],
    [
      "all of them in one namespace",
      ["* *.* in kube-system", "create pods in kube-system", "create pods in podpass-system"],
      [
        "create pods in podpass-system: opens code on the nodes, as any ServiceAccount",
        "* *.* in kube-system: opens everything",
      ],
    ],
    ["without a namespace", ["impersonate users"], ["impersonate users: opens the rights of any user"]],
  ])("are told with the place: %s", (_, rights, details) => {
    expect(detailsOf(rights)).toEqual(details);
  });

  it("are asked for in Podpass' own namespace and in kube-system, and for none to a Secret by name", () => {
    const asked = rightsToAsk({
      namespace: "podpass-system",
      webhookConfigurations: [],
      validatingConfigurations: [],
      policyResources: [],
      caSecret: undefined,
    });
    const secrets = asked.filter(({ resource }) => resource === "secrets").map(showPermission);
    const places = ["", " in podpass-system", " in kube-system"];
    expect(secrets).toEqual(places.flatMap((place) => [`list secrets${place}`, `get secrets${place}`]));
    const own = rightsToAsk({
      namespace: "kube-system",
      webhookConfigurations: [],
      validatingConfigurations: [],
      policyResources: [],
      caSecret: undefined,
    });
    expect(new Set(own.map(showPermission)).size).toBe(own.length);
  });
});

describe("rights that are needed", () => {
  const group = "admissionregistration.k8s.io";
  const validating = [`get validatingadmissionpolicies.${group}`, `get validatingadmissionpolicybindings.${group}`];
  const mutating = [`get mutatingadmissionpolicies.${group}`, `get mutatingadmissionpolicybindings.${group}`];

  it.each([
    [["serve"], []],
    [
      ["serve", "--policies=podpass"],
      [...validating, ...mutating],
    ],
    [["serve", "--policies", "podpass", "--validating-policies-only"], validating],
  ])("are those to the policies that are read: %j", (args, rights) => {
    const deployment = read({ ...readDeployment(deploymentObject()), args });
    const needed = neededRights(rightsOf({ ...factsWith(), deployment }))
      .flat()
      .map(showPermission);
    expect(needed.filter((right) => right.includes("policies") || right.includes("policybindings"))).toEqual(rights);
  });
});

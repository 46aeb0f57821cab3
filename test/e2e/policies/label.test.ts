import { beforeAll, expect, it } from "vitest";
import type { ApiObject } from "../../cluster/api-client.ts";
import { describeWithMutatingPolicies, useCluster } from "../../cluster/harness.ts";
import { applyPolicies } from "../../cluster/policies.ts";
import { policiesOf } from "./pods.ts";

const objects = policiesOf({}, "label");

const LABEL = "podpass.dev/federated";
const FEDERATE = "podpass.dev/federate";

interface Metadata {
  readonly annotations?: object | null;
  readonly labels?: object | null;
}

interface Case {
  readonly what: string;
  readonly made: Metadata;
  readonly changed?: Metadata;
  /** All labels in the end. */
  readonly labels: Readonly<Record<string, string>> | undefined;
}

const fed = { [FEDERATE]: "aws" };
const labelled = { [LABEL]: "true" };

const CASES: readonly Case[] = [
  { what: "that is federated", made: { annotations: fed }, labels: labelled },
  { what: "with a label of its own", made: { annotations: fed, labels: { a: "b" } }, labels: { a: "b", ...labelled } },
  { what: "without labels", made: { annotations: fed, labels: null }, labels: labelled },
  { what: "without annotations", made: {}, labels: undefined },
  { what: "that names nobody", made: { annotations: { [FEDERATE]: " , \t," } }, labels: undefined },
  { what: "with a forged label", made: { labels: { a: "b", ...labelled } }, labels: { a: "b" } },
  { what: "with a wrong label", made: { annotations: fed, labels: { [LABEL]: "false" } }, labels: labelled },
  { what: "that is not federated, and says so", made: { labels: { [LABEL]: "x" } }, labels: { [LABEL]: "x" } },
  { what: "that becomes federated", made: {}, changed: { annotations: fed }, labels: labelled },
  {
    what: "whose label is taken away",
    made: { annotations: fed },
    changed: { labels: { [LABEL]: null } },
    labels: labelled,
  },
  { what: "whose labels are taken away", made: { annotations: fed }, changed: { labels: null }, labels: labelled },
  {
    what: "that is federated no more",
    made: { annotations: fed },
    changed: { annotations: { [FEDERATE]: null } },
    labels: undefined,
  },
  {
    what: "that is federated no more, with other labels",
    made: { annotations: fed, labels: { a: "b" } },
    changed: { annotations: null },
    labels: { a: "b" },
  },
];

describeWithMutatingPolicies("the label policy", () => {
  const cluster = useCluster({ controllerManager: true });
  const path = "/api/v1/namespaces/default/serviceaccounts";

  beforeAll(async () => {
    expect(objects).toHaveLength(2);
    await applyPolicies(cluster(), objects);
  });

  it.each(CASES)("keeps the label of a ServiceAccount $what", async ({ made, changed, labels }) => {
    const metadata = { generateName: "account-", ...made };
    let account = await cluster().must<ApiObject>("POST", path, { apiVersion: "v1", kind: "ServiceAccount", metadata });
    if (changed !== undefined)
      account = await cluster().must<ApiObject>("PATCH", `${path}/${account.metadata.name}`, { metadata: changed });
    expect(account.metadata.labels).toEqual(labels);
  });

  it("puts it back where an account is replaced as a whole", async () => {
    const metadata = { name: "replaced", annotations: fed };
    const account = { apiVersion: "v1", kind: "ServiceAccount", metadata };
    await cluster().must("POST", path, account);
    const { metadata: after } = await cluster().must<ApiObject>("PUT", `${path}/replaced`, account);
    expect(after.labels).toEqual(labelled);
  });
});

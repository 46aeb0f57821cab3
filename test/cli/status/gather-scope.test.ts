import { describe, expect, it } from "vitest";
import type { JsonObject } from "../../../src/check/json.ts";
import type { Read } from "../../../src/check/read.ts";
import { gatherScope } from "../../../src/cli/status/gather-scope.ts";
import type { ObjectQueries, Question } from "../../../src/kube/object-queries.ts";
import { pod, settingsOf } from "../../support/pods.ts";

const CONFIGURATION = "/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations/podpass";
const NAMESPACES = "/api/v1/namespaces";

type Answers = Readonly<Record<string, Read<JsonObject>>>;

const read = (value: JsonObject): Read<JsonObject> => ({ kind: "read", value });
const configuration = (webhook: JsonObject): Read<JsonObject> =>
  read({ metadata: { name: "podpass" }, webhooks: [{ name: "pods.podpass.dev", ...webhook }] });
const BY_NAME = {
  namespaceSelector: {
    matchExpressions: [{ key: "kubernetes.io/metadata.name", operator: "NotIn", values: ["shop"] }],
  },
};
const BY_LABEL = { namespaceSelector: { matchLabels: { team: "a" } } };

const gather = async (answers: Answers, namespace?: string) => {
  const asked: string[] = [];
  const object = async ({ path, permission }: Question): Promise<Read<JsonObject>> => {
    asked.push(path);
    return answers[path] ?? { kind: "forbidden", permission };
  };
  const ask: Pick<ObjectQueries, "object" | "list"> = {
    object,
    list: async (question) => {
      const answer = await object(question);
      return answer.kind === "read" ? { kind: "read", value: answer.value["items"] as JsonObject[] } : answer;
    },
  };
  const question = { configuration: "podpass", settings: settingsOf(), namespace };
  const { scope, notes } = await gatherScope({ ask: ask as ObjectQueries, ...question });
  const isSeen = (name: string): boolean =>
    scope?.whyUnseen({ namespace: name, name: "p", serviceAccount: "s", workload: "pod/p", pod: pod() }) === undefined;
  return { notes, asked, isSeen, isKnown: scope !== undefined };
};

describe("what the webhook sees", () => {
  it("takes no namespaces where their names are enough", async () => {
    const { notes, asked, isSeen } = await gather({ [CONFIGURATION]: configuration(BY_NAME) });
    expect([isSeen("shop"), isSeen("other")]).toEqual([false, true]);
    expect([notes, asked]).toEqual([[], [CONFIGURATION]]);
  });

  it("goes by the namespaces' labels", async () => {
    const items = [{ metadata: { name: "shop", labels: { team: "a" } } }, { metadata: { name: "other" } }];
    const { notes, isSeen } = await gather({
      [CONFIGURATION]: configuration(BY_LABEL),
      [NAMESPACES]: read({ items }),
    });
    expect([isSeen("shop"), isSeen("other"), notes]).toEqual([true, false, []]);
  });

  it("asks for one namespace where only that is looked at", async () => {
    const other = `${NAMESPACES}/other`;
    const answers = { [CONFIGURATION]: configuration(BY_LABEL), [other]: read({ metadata: { name: "other" } }) };
    const { asked, isSeen } = await gather(answers, "other");
    expect([asked, isSeen("other")]).toEqual([[CONFIGURATION, other], false]);
  });

  it.each<readonly [string, Answers, string, boolean]>([
    [
      "the configuration may not be read",
      {},
      "MutatingWebhookConfiguration podpass is not read, so what it does not see counts as missing: these credentials need get mutatingwebhookconfigurations.admissionregistration.k8s.io podpass",
      false,
    ],
    [
      "there is none",
      { [CONFIGURATION]: { kind: "absent" } },
      "MutatingWebhookConfiguration podpass is not read, so what it does not see counts as missing: there is none of that name",
      false,
    ],
    [
      "namespaces may not be read",
      { [CONFIGURATION]: configuration(BY_LABEL) },
      "the labels that MutatingWebhookConfiguration podpass selects by are not read, so what it does not see counts as missing: these credentials need list namespaces",
      true,
    ],
    [
      "there is no webhook for pods in it",
      { [CONFIGURATION]: read({ metadata: { name: "podpass" }, webhooks: [] }) },
      "MutatingWebhookConfiguration podpass has no webhook for pods: podpass check",
      false,
    ],
    [
      "there is somebody's own match condition",
      { [CONFIGURATION]: configuration({ ...BY_NAME, matchConditions: [{ name: "mine", expression: "true" }] }) },
      "the webhook's match conditions are not evaluated: mine; what they pass over counts as missing",
      true,
    ],
  ])("says so where %s", async (_, answers, note, isKnown) => {
    const gathered = await gather(answers);
    expect(gathered.notes).toEqual([note]);
    expect(gathered.isKnown).toBe(isKnown);
    expect(gathered.isSeen("other")).toBe(true);
  });
});

import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { status } from "../../../src/cli/status.ts";
import { createOutput } from "../../../src/cli/terminal.ts";
import { createConnection } from "../../../src/kube/connection.ts";
import { statusObject } from "../../kube/account-log.ts";
import { type QuestionAnswer, startQueryServer } from "../../kube/query-server.ts";
import { folderWith } from "../podpass.ts";

const CONFIGURATION = "apiVersion: podpass.dev/v1alpha1\nkind: Configuration\nproviders: { aws: { preset: aws } }\n";
const POD = { metadata: { name: "p", namespace: "a" }, spec: { serviceAccountName: "s", containers: [] } };

const podList = (...items: readonly unknown[]): QuestionAnswer => [200, { kind: "PodList", metadata: {}, items }];

class Enough extends Error {}

/** Watches until there is a second report. */
const watch = async (answers: readonly QuestionAnswer[], output: "text" | "json" = "text") => {
  let looks = 0;
  const { access } = await startQueryServer(({ what }) => {
    if (what.startsWith("GET /api/v1/pods?")) return answers[looks++] ?? podList();
    if (what.startsWith("GET /api/v1/serviceaccounts?"))
      return [
        200,
        {
          kind: "PartialObjectMetadataList",
          apiVersion: "meta.k8s.io/v1",
          metadata: { resourceVersion: "1" },
          items: [],
        },
      ];
    return [403, statusObject(403, "Forbidden")];
  });
  const connection = createConnection({ access: { read: async () => access } });
  onTestFinished(() => connection.close());
  const reports: string[] = [];
  const said: string[] = [];
  const out = createOutput(
    {
      write: (text) => {
        if (reports.push(text) > 1) throw new Enough();
      },
    },
    {},
  );
  const err = createOutput({ write: (text) => said.push(text) }, {});
  const options = { installation: "podpass-system/podpass", watch: true, interval: 0.01, output } as const;
  const config = join(folderWith({ "podpass.yaml": CONFIGURATION }), "podpass.yaml");
  const ended = await status(
    { ...options, config },
    { readStdin: async () => "", out, err },
    async () => connection,
  ).catch((error: unknown) => error);
  return { ended, reports, said: said.filter((text) => !text.includes("MutatingWebhookConfiguration")) };
};

it("goes on after the first look whatever the API server answers, and says each failure once", async () => {
  const fault = [500, statusObject(500, "InternalError")] as const;
  const { ended, reports, said } = await watch([
    podList(),
    fault,
    fault,
    [403, statusObject(403, "Forbidden")],
    [410, statusObject(410, "Expired")],
    [200, "<html>"],
    podList(POD),
  ]);
  expect(ended).toBeInstanceOf(Enough);
  expect(reports).toHaveLength(2);
  expect(said).toHaveLength(4);
  expect(said[0]).toContain("the cluster cannot be asked: the API server answered 500");
  expect(said[1]).toContain("these credentials need list");
});

it("writes objects and nothing between them, for programs", async () => {
  const { reports } = await watch([podList(), podList(POD)], "json");
  expect(reports.map((text) => JSON.parse(text).pods)).toEqual([0, 1]);
});

it("ends where the first look fails", async () => {
  const { ended, reports } = await watch([[500, statusObject(500, "InternalError")]]);
  expect([String(ended).includes("the cluster cannot be asked"), reports]).toEqual([true, []]);
});

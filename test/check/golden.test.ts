import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import pc from "picocolors";
import { describe, expect, it } from "vitest";
import { AccountCounter } from "../../src/check/accounts.ts";
import { judgeAll } from "../../src/check/checks.ts";
import type { Facts } from "../../src/check/facts.ts";
import { readDeployment } from "../../src/check/workload.ts";
import { showFindings } from "../../src/cli/check/show-findings.ts";
import { checkJson } from "../../src/cli/check.ts";
import type { Output } from "../../src/cli/terminal.ts";
import { readConfiguration } from "../../src/configuration/read.ts";
import {
  certificate,
  deploymentObject,
  FORBIDDEN,
  factsWith,
  policiesOf,
  read,
  settingsOf,
  webhookObject,
  webhooksOf,
} from "./facts.ts";

const FOLDER = new URL("./golden/", import.meta.url);

const output: Output = {
  write: () => {},
  progress: () => {},
  isTerminal: false,
  columns: 100,
  colors: pc.createColors(false),
};

const broken = (): Facts => {
  const configuration = readConfiguration("apiVersion: podpass.dev/v1alpha1\nkind: Configuration\nprovider: {}\n");
  const { call } = factsWith();
  return factsWith({
    configuration: read({
      origin: "ConfigMap podpass-system/podpass",
      settings: undefined,
      problems: configuration.ok ? [] : configuration.problems,
      digest: undefined,
      source: { kind: "configMap", name: "podpass" },
    }),
    deployment: read({ ...readDeployment(deploymentObject()), ready: 1 }),
    states: [
      { name: "podpass-1", page: FORBIDDEN },
      {
        name: "podpass-2",
        page: read({ isReady: false, lines: ["[-]certificate failed: there is none", "not ready"] }),
      },
    ],
    webhooks: read(webhooksOf("podpass", webhookObject({ timeoutSeconds: 30 }))),
    caSecret: read({ current: { certificates: [certificate(-1, 364, "BB")] }, previous: undefined }),
    accounts: undefined,
    call: call && {
      ...call,
      answer: { kind: "answered", status: 201, message: "", warnings: [], injected: undefined },
    },
  });
};

/** An installation whose policies drifted, in a cluster with many ServiceAccounts. */
const drifted = (): Facts => {
  const policies = policiesOf()
    .filter(({ kind, name }) => !(kind.endsWith("Binding") && name.startsWith("podpass-annotations-bindings.")))
    .map((one) =>
      one.name.startsWith("podpass-identity.") && one.kind.endsWith("Binding")
        ? { ...one, spec: { ...one.spec, validationActions: ["Warn", "Audit"] } }
        : one,
    );
  const counter = new AccountCounter(settingsOf());
  const annotations = new Map([["podpass.dev/federate", "aws"]]);
  for (let number = 0; number < 500; number++) {
    counter.addPlain("production");
    counter.add({ namespace: "staging", name: `api-${number}`, annotations }, number > 30);
  }
  return factsWith({ policies: read(policies), accounts: read(counter.finish()) });
};

const ofPolicies = (facts: Facts) => judgeAll(facts).filter(({ group }) => group === "Policies");

const FILES: Readonly<Record<string, () => string>> = {
  "healthy.txt": () => showFindings(factsWith(), judgeAll(factsWith()), output),
  "healthy.json": () => checkJson(factsWith(), judgeAll(factsWith())),
  "broken.txt": () => showFindings(broken(), judgeAll(broken()), output),
  "policies-drifted.txt": () => showFindings(drifted(), ofPolicies(drifted()), output),
  "policies-none.txt": () => {
    const facts = factsWith({ policies: read([]) });
    return showFindings(facts, ofPolicies(facts), output);
  },
  "broken.json": () => checkJson(broken(), judgeAll(broken())),
};

describe("the output of podpass check", () => {
  it.each(Object.entries(FILES))("%s", (name, show) => {
    const file = new URL(name, FOLDER);
    if (process.env["UPDATE_GOLDEN"] === "1") {
      mkdirSync(FOLDER, { recursive: true });
      writeFileSync(file, show());
    }
    expect(show()).toBe(readFileSync(file, "utf8"));
  });
});

import { describe, expect, it } from "vitest";
import type { JsonObject } from "../../../src/check/json.ts";
import type { Read } from "../../../src/check/read.ts";
import { POLICY_KINDS } from "../../../src/check/stored-policy.ts";
import { configurationDigest } from "../../../src/cli/configuration-digest.ts";
import { createPolicyJudge } from "../../../src/cli/policy-drift/judge-policies.ts";
import { readConfiguration } from "../../../src/configuration/read.ts";
import type { ObjectQueries, Question } from "../../../src/kube/object-queries.ts";
import type { PolicyObject } from "../../../src/policies/objects.ts";
import { renderPolicies } from "../../../src/policies/render.ts";

const PATH = "/apis/admissionregistration.k8s.io/v1";
const RESOURCES = ["validatingadmissionpolicies", "mutatingadmissionpolicies"];

const configurationOf = (rest: string) => {
  const read = readConfiguration(`apiVersion: podpass.dev/v1alpha1\nkind: Configuration\n${rest}\n`);
  return read.ok ? read : expect.unreachable();
};
const FIRST = configurationOf("");
const SECOND = configurationOf("policy: { tokens: { legacySecrets: Deny } }");

const renderedFor = ({ settings, written }: typeof FIRST): readonly PolicyObject[] => {
  const digest = configurationDigest(written);
  return renderPolicies(settings, { name: "podpass", minor: 36, mode: "exact", digest }).objects;
};

/** An API server that has `objects`; each question but what `refuses` takes is answered. */
const serverWith = (objects: readonly PolicyObject[], resources = RESOURCES) => {
  const asked: string[] = [];
  const stored = new Map<string, JsonObject>(
    objects.map((object) => {
      const resource = POLICY_KINDS.find(({ kind }) => kind === object.kind)?.resource;
      return [`${PATH}/${resource}/${object.metadata.name}`, object as unknown as JsonObject] as const;
    }),
  );
  const kinds = resources.flatMap((name) => [name, name.replace(/ies$/, "ybindings")]);
  stored.set(PATH, { resources: kinds.map((name) => ({ name })) });
  stored.set("/version", { gitVersion: "v1.36.1" });
  let refuses: (question: Question) => Read<never> | undefined = () => undefined;
  const ask: Pick<ObjectQueries, "object"> = {
    object: async (question) => {
      asked.push(question.path);
      const value = stored.get(question.path);
      return refuses(question) ?? (value === undefined ? { kind: "absent" } : { kind: "read", value });
    },
  };
  return {
    ask: ask as ObjectQueries,
    asked,
    stored,
    refuse: (answer: typeof refuses) => {
      refuses = answer;
    },
  };
};

const judgeOver = (server: ReturnType<typeof serverWith>, more: object = {}) => {
  let configuration = FIRST;
  const judge = createPolicyJudge({
    ask: server.ask,
    name: "podpass",
    isValidatingOnly: false,
    excluded: [],
    configuration: () => configuration,
    ...more,
  });
  const states = async () => {
    const read = await judge();
    return read.kind === "read" ? Object.fromEntries(read.value.states) : read;
  };
  return {
    judge,
    states,
    reload: (next: typeof FIRST) => {
      configuration = next;
    },
  };
};

const GOOD = {
  identity: "as-configured",
  annotations: "as-configured",
  "annotations-bindings": "as-configured",
  label: "as-configured",
  inject: "as-configured",
};

describe("the judgement over policies that are read", () => {
  it("asks for the release's own by their names, and for nothing else", async () => {
    const server = serverWith(renderedFor(FIRST));
    const { states } = judgeOver(server);
    expect(await states()).toEqual(GOOD);
    expect(server.asked).toHaveLength(2 + 2 * 10 + 2 * 2);
    expect(server.asked).toContain(`${PATH}/mutatingadmissionpolicybindings/podpass-inject.podpass.dev`);
    expect(server.asked.filter((path) => !/podpass-[a-z-]+\.podpass\.dev$/.test(path))).toEqual([PATH, "/version"]);
  });

  it("follows what is stored, and does not judge the same twice", async () => {
    const server = serverWith(renderedFor(FIRST));
    const { judge } = judgeOver(server);
    const [first, second] = [await judge(), await judge()];
    if (first.kind !== "read" || second.kind !== "read") return expect.unreachable();
    expect(second.value).toBe(first.value);
    server.stored.delete(`${PATH}/validatingadmissionpolicybindings/podpass-identity.podpass.dev`);
    const third = await judge();
    expect(third.kind === "read" && third.value.states.get("identity")).toBe("without-binding");
  });

  it("takes the configuration that is in use at that moment", async () => {
    const server = serverWith(renderedFor(FIRST));
    const { states, reload } = judgeOver(server);
    expect(await states()).toEqual(GOOD);
    reload(SECOND);
    expect(await states()).toMatchObject({ identity: "other-configuration", "legacy-secrets": "missing" });
    for (const object of renderedFor(SECOND)) {
      const resource = POLICY_KINDS.find(({ kind }) => kind === object.kind)?.resource;
      server.stored.set(`${PATH}/${resource}/${object.metadata.name}`, object as unknown as JsonObject);
    }
    expect(await states()).toEqual({ ...GOOD, "legacy-secrets": "as-configured" });
  });

  it("asks for no kind that the API server does not have, or that was left out", async () => {
    const validating = renderedFor(FIRST).filter(({ kind }) => kind.startsWith("Validating"));
    const old = serverWith(validating, RESOURCES.slice(0, 1));
    const { label: _label, inject: _inject, ...refusing } = GOOD;
    expect(await judgeOver(old).states()).toEqual(refusing);
    const leftOut = serverWith(validating);
    expect(await judgeOver(leftOut, { isValidatingOnly: true }).states()).toEqual(refusing);
    for (const { asked } of [old, leftOut]) expect(asked.some((path) => path.includes("/mutating"))).toBe(false);
    expect(await judgeOver(serverWith([], [])).states()).toEqual({ kind: "absent" });
  });

  it.each<Read<never>>([
    { kind: "forbidden", permission: "get them" },
    { kind: "failed", message: "the API server did not answer within 15 s" },
  ])("ends with the first question that is not answered: $kind", async (answer) => {
    const server = serverWith(renderedFor(FIRST));
    server.refuse(({ path }) => (path.includes("bindings/") ? answer : undefined));
    expect(await judgeOver(server).states()).toEqual(answer);
    expect(server.asked.filter((path) => path.includes("bindings/"))).toHaveLength(1);
  });
});

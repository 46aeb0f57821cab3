import { describe, expect, it } from "vitest";
import {
  container,
  containerOf,
  decideOn,
  envOf,
  type Given,
  inject,
  mountsOf,
  pod,
  podWith,
  warningsOf,
} from "../support/pods.ts";

const CONFIG = `
providers:
  demo:
    token: { audience: demo, mountPath: /demo }
    parameters: { name: {}, region: {}, empty: { default: "" }, unset: {} }
    env:
      DEMO_TOKEN: "\${token.file}"
      DEMO_URL: "file:\${token.file}"
      DEMO_NAME: "\${parameter.name}"
      DEMO_REGION: "\${parameter.region}"
      DEMO_DEFAULT_REGION: "\${parameter.region}"
      DEMO_EMPTY: "\${parameter.empty}"
      DEMO_UNSET: "x-\${parameter.unset}"
      DEMO_LITERAL: "$(POD_NAME) $5"
      DEMO_AUDIENCE: "\${token.audience}"
    envTogether: [[DEMO_REGION, DEMO_DEFAULT_REGION]]
    shadowedBy: [DEMO_KEY, DEMO_PROFILE]
    conflictsWith: [rival]
  rival:
    token: { audience: rival, mountPath: /rival }
    env: { RIVAL_TOKEN: "\${token.file}", DEMO_NAME: "rival", DEMO_REGION: "rival" }
  thief: { token: { audience: thief, mountPath: /thief }, env: { DEMO_TOKEN: "\${token.file}", THIEF: "1" } }
  hard: { token: { audience: hard, mountPath: /hard } }
`;
const NAME = "demo.podpass.dev/name";
const REGION = "demo.podpass.dev/region";
const federate = (names: string, more: Readonly<Record<string, string>> = {}): Given => ({
  config: CONFIG,
  account: { "podpass.dev/federate": names, ...more },
});
const DEMO = federate("demo");
const names = (given: Given): readonly string[] =>
  (containerOf(inject(given)).env ?? []).map((variable) => variable.name);

describe("variables", () => {
  it("stand in front of the container's own, in the provider's order; empty and unset ones are left out", () => {
    const own = [{ name: "MINE", value: "$(DEMO_TOKEN)" }];
    expect(containerOf(inject({ ...DEMO, pod: podWith({ env: own }) })).env).toEqual([
      { name: "DEMO_TOKEN", value: "/demo/token" },
      { name: "DEMO_URL", value: "file:/demo/token" },
      { name: "DEMO_LITERAL", value: "$(POD_NAME) $5" },
      { name: "DEMO_AUDIENCE", value: "demo" },
      ...own,
    ]);
  });

  it.each([
    ["$(HOME)", "$$(HOME)"],
    ["$", "$$"],
    ["$$(A)", "$$$$(A)"],
    ["${parameter.region}", "$${parameter.region}"],
    ["a b", "a b"],
    ["😀", "😀"],
  ])("double every $ of a parameter: %s", (value, expected) => {
    expect(envOf(inject(federate("demo", { [NAME]: value })))["DEMO_NAME"]).toBe(expected);
  });

  it.each([
    ["another value", { value: "mine" }],
    ["an empty value", { value: "" }],
    ["no value at all", {}],
    ["valueFrom", { valueFrom: { secretKeyRef: { name: "s", key: "k" } } }],
  ])("of the user's are kept: %s", (_, variable) => {
    const own = [{ name: "DEMO_NAME", ...variable }];
    const after = inject({ ...federate("demo", { [NAME]: "ours" }), pod: podWith({ env: own }) });
    expect(containerOf(after).env?.filter(({ name }) => name === "DEMO_NAME")).toEqual(own);
    expect(decideOn({ ...federate("demo", { [NAME]: "ours" }), pod: podWith({ env: own }) }).warnings).toEqual([]);
  });
});

describe("variables that go together", () => {
  it.each([
    ["neither is there", [], ["DEMO_REGION", "DEMO_DEFAULT_REGION"]],
    ["one is there", [{ name: "DEMO_REGION", value: "x" }], ["DEMO_REGION"]],
    ["the other is there, from elsewhere", [{ name: "DEMO_DEFAULT_REGION", valueFrom: {} }], ["DEMO_DEFAULT_REGION"]],
    ["one is there and empty", [{ name: "DEMO_REGION", value: "" }], ["DEMO_REGION"]],
  ])("are set together or not at all: %s", (_, env, expected) => {
    const given = { ...federate("demo", { [REGION]: "r" }), pod: podWith({ env }) };
    expect(names(given).filter((name) => name.includes("REGION"))).toEqual(expected);
  });

  it("are held back by another provider's too", () => {
    const given = federate("rival, demo", { [REGION]: "r" });
    expect(envOf(inject(given))["DEMO_REGION"]).toBe("rival");
    expect(names(given)).not.toContain("DEMO_DEFAULT_REGION");
  });
});

describe("a container manages the identity itself", () => {
  it.each([
    ["a path that points elsewhere", { name: "DEMO_TOKEN", value: "/mine" }],
    ["a path from elsewhere", { name: "DEMO_TOKEN", valueFrom: { configMapKeyRef: { name: "c", key: "k" } } }],
    ["an empty path", { name: "DEMO_TOKEN", value: "" }],
    ["a path in an expression", { name: "DEMO_TOKEN", value: "$(DIR)/token" }],
    ["a path inside a longer value", { name: "DEMO_URL", value: "file:/mine" }],
  ])("with %s: nothing is added to it", (_, variable) => {
    const given = {
      ...DEMO,
      pod: pod({ containers: [container({ env: [variable] }), container({ name: "other" })] }),
    };
    const after = inject(given);
    expect(containerOf(after, "app")).toEqual(containerOf(given.pod, "app"));
    expect(mountsOf(after, "other")).toEqual({ "podpass-demo": "/demo" });
    expect(warningsOf(decideOn(given))).toEqual([
      'manages-itself: container "app": has its own settings for demo; nothing is added',
    ]);
  });

  it.each(["/demo/token", "/demo//token", "/demo/./token"])("not with our own path: %s", (value) => {
    const given = { ...DEMO, pod: podWith({ env: [{ name: "DEMO_TOKEN", value }] }) };
    expect(mountsOf(inject(given))).toEqual({ "podpass-demo": "/demo" });
    expect(decideOn(given).warnings).toEqual([]);
  });

  it("by the last of several variables of one name, as Kubernetes reads them", () => {
    const twice = (...values: readonly string[]) =>
      podWith({ env: values.map((value) => ({ name: "DEMO_TOKEN", value })) });
    expect(decideOn({ ...DEMO, pod: twice("/demo/token", "/mine") }).reports[0]?.placement).toBe("manages-itself");
    expect(decideOn({ ...DEMO, pod: twice("/mine", "/demo/token") }).reports[0]?.placement).toBe("injected");
  });

  it("not by a variable that holds no path", () => {
    const given = { ...DEMO, pod: podWith({ env: [{ name: "DEMO_AUDIENCE", value: "x" }] }) };
    expect(decideOn(given).reports[0]?.placement).toBe("injected");
  });

  it("only for that provider", () => {
    const given = { ...federate("demo, hard"), pod: podWith({ env: [{ name: "DEMO_TOKEN", value: "/mine" }] }) };
    expect(mountsOf(inject(given))).toEqual({ "podpass-hard": "/hard" });
    expect(inject(given).metadata?.annotations).toEqual({ "podpass.dev/injected": "hard" });
  });
});

describe("two providers that set one variable", () => {
  it("the first wins, with a warning", () => {
    const given = federate("demo, rival", { [NAME]: "ours" });
    expect(envOf(inject(given))).toMatchObject({ DEMO_NAME: "ours", RIVAL_TOKEN: "/rival/token" });
    expect(envOf(inject(federate("rival, demo", { [NAME]: "ours" })))["DEMO_NAME"]).toBe("rival");
    expect(warningsOf(decideOn(given))[0]).toBe(
      'variable-conflict: container "app": DEMO_NAME of rival is set by another provider',
    );
  });

  it("leaves the second out where it is the one that says where the token is", () => {
    const given = federate("demo, thief");
    expect(mountsOf(inject(given))).toEqual({ "podpass-demo": "/demo" });
    expect(names(given)).not.toContain("THIEF");
    expect(inject(given).metadata?.annotations).toEqual({ "podpass.dev/injected": "demo" });
    expect(warningsOf(decideOn(given))).toEqual([
      'variable-conflict: container "app": demo sets "DEMO_TOKEN"; thief is left out',
    ]);
  });
});

describe("what will surprise is said:", () => {
  it.each([
    [[{ name: "DEMO_KEY", value: "k" }], "DEMO_KEY"],
    [[{ name: "DEMO_KEY", valueFrom: {} }], "DEMO_KEY"],
    [
      [
        { name: "DEMO_PROFILE", value: "p" },
        { name: "DEMO_KEY", value: "k" },
      ],
      "DEMO_KEY and 1 more",
    ],
  ])("static keys %j", (env, keys) => {
    expect(warningsOf(decideOn({ ...DEMO, pod: podWith({ env }) }))).toEqual([
      `static-key: container "app": ${keys} is used instead of the demo identity`,
    ]);
  });

  it.each(["demo, rival", "rival, demo"])("providers that fight: %s", (both) => {
    expect(warningsOf(decideOn(federate(both))).at(-1)).toBe(
      `provider-conflict: container "app": ${both.replace(",", " and").replace("  ", " ")} get in each other's way`,
    );
  });

  it("but not providers in different containers", () => {
    const given = {
      ...federate("demo, rival", {
        "demo.podpass.dev/only-containers": "app",
        "rival.podpass.dev/skip-containers": "app",
      }),
    };
    const both = pod({ containers: [container(), container({ name: "b" })] });
    expect(decideOn({ ...given, pod: both }).warnings).toEqual([]);
  });

  it("what of envFrom would be hidden, and only where there is any", () => {
    const warning =
      'hides-env-from: container "app": of its envFrom these would be hidden: DEMO_TOKEN, DEMO_URL and 2 more';
    expect(warningsOf(decideOn({ ...DEMO, pod: podWith({ envFrom: [{ configMapRef: { name: "c" } }] }) }))).toEqual([
      warning,
    ]);
    expect(decideOn({ ...DEMO, pod: podWith({ envFrom: [] }) }).warnings).toEqual([]);
    expect(decideOn({ ...federate("hard"), pod: podWith({ envFrom: [{}] }) }).warnings).toEqual([]);
  });
});

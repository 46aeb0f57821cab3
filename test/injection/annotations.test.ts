import { describe, expect, it } from "vitest";
import { decideOn, type Given, inject, pod, warningsOf } from "../support/pods.ts";

const PROVIDERS = `
providers:
  demo:
    token: { audience: demo, expirationSeconds: { min: 900, max: 7200 } }
    parameters: { role: {} }
    env: { ROLE: "\${parameter.role}" }
  file: { token: { audience: file }, parameters: { role: { default: r } }, files: [{ name: f.json, json: { role: "\${parameter.role}" } }] }
  lines:
    token: { audience: lines }
    parameters: { a: {}, b: {} }
    files:
      - { name: f.ini, text: "[x]\\na = \${parameter.a}\\nb = \${parameter.b} $\\n" }
      - { name: extra.json, json: [1, null, "\${parameter.a}", { k: "\${parameter.b}", n: 1.5 }], when: { a: "1" } }
`;
const OVERRIDES = `${PROVIDERS}policy: { podOverrides: [expiration-seconds] }\n`;

const given = (
  names: string,
  onPod: Readonly<Record<string, string>>,
  more: Readonly<Record<string, string>> = {},
  config = PROVIDERS,
): Given => ({
  config,
  account: { "podpass.dev/federate": names, ...more },
  pod: pod({}, onPod),
});

const annotations = (of: Given) => inject(of).metadata?.annotations;

describe("keys on the pod", () => {
  it.each([
    ["podpass.dev/federate", "it is read on ServiceAccounts only", "key-not-for-pods"],
    ["demo.podpass.dev/audience", "it is read on ServiceAccounts only", "key-not-for-pods"],
    ["demo.podpass.dev/role", "it is read on ServiceAccounts only", "key-not-for-pods"],
    ["demo.podpass.dev/expiration-seconds", "it is read on ServiceAccounts only", "key-not-for-pods"],
    ["podpass.dev/injectd", 'did you mean "inject"?', "unused-key"],
    ["podpass.dev/skip-container", 'did you mean "skip-containers"?', "unused-key"],
    ["dem.podpass.dev/only-containers", 'no such provider; did you mean "demo"?', "unused-key"],
    ["demo.podpass.dev/inject", "nothing reads it", "unused-key"],
    ["nobody.podpass.dev/only-containers", "no such provider", "unused-key"],
    ["podpass.dev/inject", '"x"; allowed: "false"', "bad-value"],
  ])("%s is ignored: %s", (key, why, reason) => {
    const decision = decideOn(given("demo", { [key]: "x" }));
    expect(warningsOf(decision)).toEqual([`${reason}: pod annotation "${key}" is ignored: ${why}`]);
    expect(decision.reason).toBe("injected");
  });

  it.each(["true", "False", "0", " false"])("inject: %j does not opt out", (value) => {
    expect(decideOn(given("demo", { "podpass.dev/inject": value }))).toMatchObject({
      reason: "injected",
      warnings: [{ reason: "bad-value" }],
    });
  });

  it("inject: false opts out, and leaves no annotation", () => {
    expect(decideOn(given("demo", { "podpass.dev/inject": "false" }))).toMatchObject({
      outcome: "unchanged",
      reason: "opted-out",
      patch: [],
      warnings: [],
    });
  });

  it("that are not under the prefix are none of our business", () => {
    const other = { "example.com/podpass.dev": "x", "podpass.dev": "x", constructor: "x" };
    expect(decideOn(given("demo", other)).warnings).toEqual([]);
    expect(annotations(given("demo", other))).toEqual({ ...other, "podpass.dev/injected": "demo" });
  });
});

const seconds = (of: Given): unknown =>
  inject(of).spec.volumes?.[0]?.projected?.sources?.[0]?.serviceAccountToken?.expirationSeconds;

describe("a lifetime", () => {
  const key = "demo.podpass.dev/expiration-seconds";
  it.each<[string, string | undefined, string | undefined, string, number]>([
    ["is the provider's", undefined, undefined, OVERRIDES, 3600],
    ["is the ServiceAccount's before the provider's", "1800", undefined, OVERRIDES, 1800],
    ["is the pod's before the ServiceAccount's, where the platform allows it", "1800", "2400", OVERRIDES, 2400],
    ["is the pod's before the provider's", undefined, "2400", OVERRIDES, 2400],
    ["is not the pod's otherwise", "1800", "2400", PROVIDERS, 1800],
    ["of the pod that is no number is ignored", "1800", "1h", OVERRIDES, 1800],
    ["below the minimum is raised", "600", undefined, OVERRIDES, 900],
    ["above the maximum is cut", "7201", undefined, OVERRIDES, 7200],
    ["of the pod is bounded too", undefined, "99999999999999999999", OVERRIDES, 7200],
  ])("%s", (_, onAccount, onPod, config, expected) => {
    expect(
      seconds(
        given(
          "demo",
          onPod === undefined ? {} : { [key]: onPod },
          onAccount === undefined ? {} : { [key]: onAccount },
          config,
        ),
      ),
    ).toBe(expected);
  });

  it("that is changed is warned about, with the bounds", () => {
    expect(warningsOf(decideOn(given("demo", {}, { [key]: "600" })))).toEqual([
      "lifetime-clamped: demo identity: lifetime 600 s becomes 900 s; allowed: 900 to 7200",
    ]);
    expect(decideOn(given("demo", {}, { [key]: "900" })).warnings).toEqual([]);
  });

  it("of no pod may be less than 600, which is everybody's floor", () => {
    expect(seconds(given("file", {}, { "file.podpass.dev/expiration-seconds": "1" }))).toBe(600);
  });
});

describe("the injected annotation", () => {
  it("lists the providers in the order of the federation annotation", () => {
    expect(annotations(given("file, demo", {}))?.["podpass.dev/injected"]).toBe("file,demo");
  });

  it("is written under another prefix", () => {
    const config = `annotationPrefix: identity.example.com\n${PROVIDERS}`;
    const of = { config, account: { "identity.example.com/federate": "file" }, pod: pod() };
    expect(annotations(of)).toEqual({
      "file.identity.example.com/f.json": '{"role":"r"}',
      "identity.example.com/injected": "file",
    });
    expect(inject(of).spec.volumes?.[0]?.name).toBe("podpass-file");
    expect(inject(of).spec.containers[0]?.volumeMounts?.[0]?.mountPath).toBe("/var/run/secrets/podpass.dev/file");
  });
});

describe("a file's annotation", () => {
  const key = "file.podpass.dev/f.json";

  it("that the pod's author wrote is overwritten, with a warning", () => {
    const of = given("file", { [key]: '{"token_url":"https://evil.example.com"}' });
    expect(annotations(of)?.[key]).toBe('{"role":"r"}');
    expect(warningsOf(decideOn(of))).toEqual([
      `annotation-overwritten: pod annotation "${key}" is Podpass' own and was overwritten`,
    ]);
  });

  it("is overwritten even where no container takes the file", () => {
    expect(annotations(given("file", { [key]: "x" }, { "podpass.dev/skip-containers": "app" }))?.[key]).toBe(
      '{"role":"r"}',
    );
  });

  it("is left as it is where it is right already", () => {
    expect(warningsOf(decideOn(given("file", { [key]: '{"role":"r"}' })))).toEqual([]);
  });

  it("is built from values, so that none of them can change its structure", () => {
    const role = '","token_url":"https://evil.example.com';
    expect(JSON.parse(annotations(given("file", {}, { "file.podpass.dev/role": role }))?.[key] ?? "")).toEqual({
      role,
    });
  });

  it("has no line and no leaf whose parameter is unset; $ stands for itself", () => {
    const text = (more: Readonly<Record<string, string>>) =>
      annotations(given("lines", {}, more))?.["lines.podpass.dev/f.ini"];
    expect(text({})).toBe("[x]\n");
    expect(text({ "lines.podpass.dev/a": "$(A)" })).toBe("[x]\na = $(A)\n");
    expect(text({ "lines.podpass.dev/b": "x" })).toBe("[x]\nb = x $\n");
    expect(text({ "lines.podpass.dev/b": " " })).toBe("[x]\n");
  });

  it("is only there when its parameters say so", () => {
    const extra = (a: string) =>
      annotations(given("lines", {}, { "lines.podpass.dev/a": a }))?.["lines.podpass.dev/extra.json"];
    expect(extra("1")).toBe('[1,null,"1",{"n":1.5}]');
    expect(extra("2")).toBeUndefined();
  });
});

describe("the 256 KiB of a pod's annotations", () => {
  // "note" and "podpass.dev/injected": "demo", in bytes.
  const room = 256 * 1024 - 4 - 20 - 4;
  it.each([
    ["exactly fit", "x".repeat(room), "injected"],
    ["are one byte too many", "x".repeat(room + 1), "annotations-too-large"],
    ["are counted in bytes", "€".repeat(Math.floor(room / 3) + 1), "annotations-too-large"],
  ])("%s", (_, note, reason) => {
    expect(decideOn(given("demo", { note })).reason).toBe(reason);
  });

  it("are refused by a sentence, and not in an exempt namespace, where the pod stays as it is", () => {
    const of = given("demo", { note: "x".repeat(room + 1) });
    expect(decideOn(of)).toMatchObject({
      outcome: "denied",
      patch: [],
      message:
        "pod production/my-pod is refused: metadata.annotations would be 262145 bytes with Podpass' own; allowed: 262144",
    });
    expect(decideOn({ ...of, namespace: "kube-system" })).toMatchObject({ outcome: "unchanged", patch: [] });
  });

  it("hold the new content of an annotation, not the old one besides", () => {
    expect(decideOn(given("file", { "file.podpass.dev/f.json": "x".repeat(262_100) })).outcome).toBe("patched");
  });
});

import { describe, expect, it } from "vitest";
import type { Pod } from "../../src/pod/pod.ts";
import {
  container,
  containerOf,
  decideOn,
  envOf,
  inject,
  mountsOf,
  pod,
  podWith,
  recorded,
  tokenVolume,
  volumesOf,
  warningsOf,
} from "../support/pods.ts";

const CONFIG = `
providers:
  demo:
    token: { audience: demo, mountPath: /var/run/secrets/demo, expirationSeconds: { max: 7200 } }
    env: { DEMO_TOKEN: "\${token.file}", DEMO: "1" }
  file: { token: { audience: file }, files: [{ name: f.json, json: "\${token.audience}" }], env: { FILE: "\${file.f.json}" } }
`;
const PATH = "/var/run/secrets/demo";
const given = { config: CONFIG, account: { "podpass.dev/federate": "demo" } };
const TOKEN = { audience: "demo", path: "token" };

const handWritten = (
  token: object,
  mount: object = {},
  more: readonly object[] = [],
  env: readonly object[] = [],
): Pod =>
  podWith({ env, volumeMounts: [{ name: "mine", mountPath: PATH, ...mount }] }, [tokenVolume("mine", token, more)]);

const isReused = (of: Pod): boolean => {
  const decision = decideOn({ ...given, pod: of });
  return decision.reports.every((report) => report.isReused);
};

describe("a mount at our path is used as it is", () => {
  it.each<[string, Pod]>([
    ["as a vendor's page writes it", handWritten({ ...TOKEN, expirationSeconds: 3600 }, { readOnly: true })],
    ["with any lifetime", handWritten({ ...TOKEN, expirationSeconds: 600 })],
    ["without a lifetime", handWritten(TOKEN)],
    ["writable", handWritten(TOKEN, { readOnly: false })],
    ["with an empty subPath, which is none", handWritten(TOKEN, { subPath: "" })],
    ["below /run", handWritten(TOKEN, { mountPath: "/run/secrets/demo" })],
    ["with a slash at the end", handWritten(TOKEN, { mountPath: `${PATH}/` })],
    [
      "with other sources beside it",
      handWritten(TOKEN, {}, [{ configMap: { name: "ca" } }, { serviceAccountToken: { audience: "x", path: "x" } }]),
    ],
    ["with ./ in front of the file's name", handWritten({ ...TOKEN, path: "./token" })],
  ])("%s", (_, of) => {
    expect(isReused(of)).toBe(true);
    const after = inject({ ...given, pod: of });
    expect(after.spec.volumes).toEqual(of.spec.volumes);
    expect(after.spec.containers[0]?.volumeMounts).toEqual(of.spec.containers[0]?.volumeMounts);
    expect(envOf(after)).toMatchObject({ DEMO: "1" });
  });

  it("and the variable names it as it is written", () => {
    const variable = (mountPath: string) =>
      envOf(inject({ ...given, pod: handWritten(TOKEN, { mountPath }) }))["DEMO_TOKEN"];
    expect(variable(PATH)).toBe(`${PATH}/token`);
    expect(variable(`${PATH}//`)).toBe(`${PATH}/token`);
    expect(variable("/run/secrets/demo")).toBe("/run/secrets/demo/token");
  });

  it("with the variable too: nothing is missing", () => {
    const env = [
      { name: "DEMO_TOKEN", value: "/run/secrets/demo/token" },
      { name: "DEMO", value: "" },
    ];
    const of = handWritten(TOKEN, {}, [], env);
    expect(decideOn({ ...given, pod: of })).toMatchObject({ reason: "already-present", providers: [], warnings: [] });
    expect(inject({ ...given, pod: of }).metadata?.annotations).toEqual({ "podpass.dev/injected": "" });
  });

  it("at Podpass' own path too, as after an earlier round", () => {
    expect(isReused(handWritten(TOKEN, { mountPath: "/var/run/secrets/podpass.dev/demo" }))).toBe(true);
    expect(isReused(handWritten(TOKEN, { mountPath: "/podpass.dev/demo" }))).toBe(true);
  });

  it("and a lifetime above the provider's maximum is warned about", () => {
    expect(warningsOf(decideOn({ ...given, pod: handWritten({ ...TOKEN, expirationSeconds: 7201 }) }))).toEqual([
      'lifetime-above-maximum: container "app": its demo token lives 7201 s; allowed: 7200',
    ]);
    expect(decideOn({ ...given, pod: handWritten({ ...TOKEN, expirationSeconds: 7200 }) }).warnings).toEqual([]);
  });
});

describe("a mount at our path is in the way", () => {
  it.each<[string, Pod]>([
    ["with another audience", handWritten({ ...TOKEN, audience: "other" })],
    ["with the API server's audience", handWritten({ path: "token" })],
    ["with the audience in other letters", handWritten({ ...TOKEN, audience: "Demo" })],
    ["with another file", handWritten({ ...TOKEN, path: "jwt" })],
    ["with the file in a directory", handWritten({ ...TOKEN, path: "a/token" })],
    ["of a part of the volume", handWritten(TOKEN, { subPath: "token" })],
    ["of a part of the volume, by an expression", handWritten(TOKEN, { subPathExpr: "$(A)" })],
    [
      "whose file a later source writes over",
      handWritten(TOKEN, {}, [{ serviceAccountToken: { audience: "x", path: "token" } }]),
    ],
  ])("%s", (_, of) => {
    const after = inject({ ...given, pod: of });
    expect(containerOf(after).volumeMounts?.at(-1)?.mountPath).toBe("/var/run/secrets/podpass.dev/demo");
    expect(envOf(after)["DEMO_TOKEN"]).toBe("/var/run/secrets/podpass.dev/demo/token");
  });

  it("unless the last of two tokens in one file is ours", () => {
    const volume = {
      name: "mine",
      projected: {
        sources: [{ serviceAccountToken: { audience: "x", path: "token" } }, { serviceAccountToken: TOKEN }],
      },
    };
    expect(isReused(podWith({ volumeMounts: [{ name: "mine", mountPath: PATH }] }, [volume]))).toBe(true);
  });
});

describe("a volume of the same content", () => {
  it("serves the containers that have no mount of it yet", () => {
    const of = pod({
      containers: [container({ volumeMounts: [{ name: "mine", mountPath: PATH }] }), container({ name: "other" })],
      volumes: [tokenVolume("mine", { ...TOKEN, expirationSeconds: 3600 })],
    });
    const after = inject({ ...given, pod: of });
    expect(Object.keys(volumesOf(after))).toEqual(["mine"]);
    expect(mountsOf(after, "other")).toEqual({ mine: PATH });
  });

  it.each<[string, object]>([
    ["another lifetime", tokenVolume("mine", { ...TOKEN, expirationSeconds: 600 })],
    ["more in it", tokenVolume("mine", TOKEN, [{ secret: { name: "s" } }])],
    ["another mode", { name: "mine", projected: { sources: [{ serviceAccountToken: TOKEN }], defaultMode: 256 } }],
  ])("is not one with %s", (_, volume) => {
    expect(Object.keys(volumesOf(inject({ ...given, pod: pod({ volumes: [volume] }) })))).toEqual([
      "mine",
      "podpass-demo",
    ]);
  });
});

describe("a provider with files", () => {
  const item = (annotation: string) => ({
    downwardAPI: { items: [{ path: "f.json", fieldRef: { fieldPath: `metadata.annotations['${annotation}']` } }] },
  });
  const mountPath = "/var/run/secrets/podpass.dev/file";
  const at = (sources: readonly object[]) =>
    podWith({ volumeMounts: [{ name: "mine", mountPath }] }, [
      tokenVolume("mine", { audience: "file", path: "token" }, sources),
    ]);
  const file = { config: CONFIG, account: { "podpass.dev/federate": "file" } };

  it("is reused with its files, whose content is written all the same", () => {
    const after = inject({ ...file, pod: at([item("file.podpass.dev/f.json")]) });
    expect(mountsOf(after)).toEqual({ mine: mountPath });
    expect(after.metadata?.annotations?.["file.podpass.dev/f.json"]).toBe('"file"');
  });

  it.each<[string, readonly object[]]>([
    ["without them", []],
    ["with somebody else's annotation in their place", [item("example.com/f.json")]],
    ["with a ConfigMap in their place", [{ configMap: { name: "c", items: [{ key: "f", path: "f.json" }] } }]],
  ])("is not reused %s", (_, sources) => {
    expect(decideOn({ ...file, pod: at(sources) })).toMatchObject({ reason: "left-out" });
  });
});

describe("the vendors' own pages", () => {
  it.each([
    [
      "openai-guide",
      {
        "podpass.dev/federate": "openai",
        "openai.podpass.dev/identity-provider-id": "idp_1",
        "openai.podpass.dev/service-account-id": "user-1",
      },
    ],
    ["enkryptify-guide", { "podpass.dev/federate": "enkryptify" }],
  ])("%s is reused", (name, account) => {
    const { pod: of, namespace } = recorded(name);
    const after = inject({ pod: of, namespace, account });
    expect(after.spec.volumes).toEqual(of.spec.volumes);
    expect(after.spec.containers[0]?.volumeMounts).toEqual(of.spec.containers[0]?.volumeMounts);
  });
});

describe("injecting again", () => {
  it("does not believe podpass.dev/injected", () => {
    const forged = pod({}, { "podpass.dev/injected": "demo" });
    expect(mountsOf(inject({ ...given, pod: forged }))).toEqual({ "podpass-demo": PATH });
  });

  it("takes off the list what the pod does not have", () => {
    const forged = pod(
      { containers: [container({ env: [{ name: "DEMO_TOKEN", value: "/x" }] })] },
      { "podpass.dev/injected": "demo,nobody" },
    );
    expect(inject({ ...given, pod: forged }).metadata?.annotations?.["podpass.dev/injected"]).toBe("");
  });
});

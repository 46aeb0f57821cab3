import { describe, expect, it } from "vitest";
import { resolveFederation } from "../../src/federation/federation.ts";
import { Footprint } from "../../src/injection/footprint.ts";
import { RenderedIdentity } from "../../src/injection/rendered-identity.ts";
import { serviceAccount, settingsOf } from "../support/pods.ts";

const CONFIG = `
providers:
  demo:
    token: { audience: demo, mountPath: /var/run/secrets/demo }
    parameters: { p: {}, q: { default: theirs } }
    env:
      DIRECTORY: "\${token.dir}"
      WHO: "\${subject}"
      SHORT: "\${serviceAccount.namespace}.\${serviceAccount.name}"
      WITH: { value: "\${parameter.p}", when: { p: { set: true } } }
      WITHOUT: { value: "none", when: { p: { set: false } } }
      X: { value: "x", when: { p: x, q: { set: true } } }
`;

const FILES = `${CONFIG}    files:
      - { name: a.toml, when: { p: { set: true } }, toml: { user: { name: "\${serviceAccount.name}", p: "\${parameter.p}" }, dir: "\${token.dir}" } }
      - { name: b.ini, when: { p: { set: false } }, ini: { "profile x": { sub: "\${subject}", p: "\${parameter.p}" } } }
`;

const rendered = (
  annotations: Readonly<Record<string, string>>,
  config = CONFIG,
  name = "my-api",
): RenderedIdentity => {
  const account = serviceAccount({ "podpass.dev/federate": "demo", ...annotations }, "production", name);
  const [identity] = resolveFederation(account, settingsOf(config)).identities;
  if (identity === undefined) throw new Error("no identity");
  return new RenderedIdentity(identity, new Footprint(identity.provider));
};

const env = (of: RenderedIdentity, mountPath: string, windows = false) =>
  Object.fromEntries(of.env(mountPath, windows).map(({ variable: { name, value } }) => [name, value]));

describe("variables", () => {
  const ACCOUNT = { WHO: "system:serviceaccount:production:my-api", SHORT: "production.my-api" };

  it.each([
    ["nothing", {}, { WITHOUT: "none" }],
    ["a value", { "demo.podpass.dev/p": "y" }, { WITH: "y" }],
    ["the value", { "demo.podpass.dev/p": "x" }, { WITH: "x", X: "x" }],
  ])("with %s", (_, annotations, more) => {
    const directory = { DIRECTORY: "/var/run/secrets/demo" };
    expect(env(rendered(annotations), "/var/run/secrets/demo")).toEqual({ ...directory, ...ACCOUNT, ...more });
  });

  it.each([
    ["/var/run/secrets/demo", "C:\\var\\run\\secrets\\demo"],
    ["/x//", "C:\\x"],
    ["D:\\x\\", "D:\\x"],
    ["/", "C:\\"],
  ])("%s on Windows", (mountPath, directory) => {
    expect(env(rendered({}), mountPath, true)).toMatchObject({ DIRECTORY: directory });
  });

  it("are told of no name that Kubernetes has not, as manifests may have it", () => {
    const names = Object.keys(env(rendered({}, CONFIG, "a\nb"), "/x"));
    expect(names).toEqual(["DIRECTORY", "WITHOUT"]);
  });
});

describe("files", () => {
  it("are there as their conditions have it", () => {
    const withValue = rendered({ "demo.podpass.dev/p": 'a"b' }, FILES);
    expect([...withValue.fileContents(false)]).toEqual([
      [
        "demo.podpass.dev/a.toml",
        'dir = "/var/run/secrets/podpass.dev/demo"\n\n[user]\nname = "my-api"\np = "a\\"b"\n',
      ],
    ]);
    expect([...rendered({}, FILES).fileContents(false)]).toEqual([
      ["demo.podpass.dev/b.ini", "[profile x]\nsub = system:serviceaccount:production:my-api\n"],
    ]);
  });

  it("refuse of a ServiceAccount what an INI file cannot say", () => {
    const account = serviceAccount({ "podpass.dev/federate": "demo", "demo.podpass.dev/p": "a #b" });
    const { identities, problems } = resolveFederation(account, settingsOf(FILES));
    expect(identities).toEqual([]);
    expect(problems).toMatchObject([
      {
        reason: "bad-parameter",
        text: "annotation \"demo.podpass.dev/p\" is \"a #b\"; allowed: for an INI file a text of one line without white space at its ends, and without '#' or ';' at its start or behind white space",
      },
    ]);
  });

  // Python's splitlines, by which botocore reads the keys below a key: the rest would be a key of its own.
  it.each(["\u2028", "\u2029"])("refuse a line separator in a value for an INI file: %j", (separator) => {
    const value = `a${separator}endpoint_url = https://evil.example.com`;
    const account = serviceAccount({ "podpass.dev/federate": "demo", "demo.podpass.dev/p": value });
    const { identities, problems } = resolveFederation(account, settingsOf(FILES));
    expect([identities, problems.map(({ reason }) => reason)]).toEqual([[], ["bad-parameter"]]);
  });

  it("take longer values where a parameter asks for them, counted as characters", () => {
    const config = CONFIG.replace("p: {}", "p: { maxLength: 2000 }");
    const of = (value: string) =>
      resolveFederation(
        serviceAccount({ "podpass.dev/federate": "demo", "demo.podpass.dev/p": value }),
        settingsOf(config),
      ).problems.map(({ text }) => text.replace(/.*;/, ""));
    expect(of("\u{1f9ad}".repeat(2000))).toEqual([]);
    expect(of("x".repeat(2001))).toEqual([" allowed: at most 2000 characters and no control characters"]);
  });
});

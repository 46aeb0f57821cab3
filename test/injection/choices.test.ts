/** Which place an identity takes in a container, and which of two identities gives way: the less usual cases. */
import { describe, expect, it } from "vitest";
import { decideOn, envOf, type Given, inject, mountsOf, podWith, tokenVolume } from "../support/pods.ts";

const PATH = "/var/run/secrets/eks.amazonaws.com/serviceaccount";
const OWN = "/var/run/secrets/podpass.dev/aws";
const aws = (fields: object, volumes: readonly object[] = []): Given => ({
  account: {
    "podpass.dev/federate": "aws",
    "aws.podpass.dev/role-arn": "arn:aws:iam::123456789012:role/my-api",
    "aws.podpass.dev/region": "eu-west-1",
  },
  pod: podWith(fields, volumes),
});
const reasons = (given: Given): readonly string[] => decideOn(given).warnings.map(({ reason }) => reason);
const tokenFile = (path: string) => ({ name: "AWS_WEB_IDENTITY_TOKEN_FILE", value: `${path}/token` });
const mount = (name: string, mountPath: string, more: object = {}) => ({ name, mountPath, ...more });
const EMPTY = { name: "empty", emptyDir: {} };
const SECRET = { name: "secret", secret: { secretName: "s" } };

describe("of several mounts above a path the nearest counts", () => {
  it.each([
    [
      "the nearest, written first, is read-only",
      [mount("secret", "/var/run/secrets"), mount("empty", "/var/run")],
      false,
    ],
    [
      "the nearest, written last, is read-only",
      [mount("empty", "/var/run"), mount("secret", "/var/run/secrets")],
      false,
    ],
    [
      "the farther, written last, is read-only",
      [mount("empty", "/var/run/secrets"), mount("secret", "/var/run")],
      true,
    ],
    [
      "the farther, written first, is read-only",
      [mount("secret", "/var/run"), mount("empty", "/var/run/secrets")],
      true,
    ],
  ])("%s", (_name, volumeMounts, isFree) => {
    const after = inject(aws({ volumeMounts }, [EMPTY, SECRET]));
    expect(mountsOf(after)["podpass-aws"]).toBe(isFree ? PATH : "/podpass.dev/aws");
  });
});

describe("a container that sets the path variable itself", () => {
  const token = tokenVolume("own", { audience: "sts.amazonaws.com", expirationSeconds: 3600, path: "token" });

  it("gets the token there, and not from a mount that the variable does not name", () => {
    const after = inject(aws({ env: [tokenFile(PATH)], volumeMounts: [mount("own", OWN)] }, [token]));
    expect(after.spec.containers[0]?.volumeMounts?.map(({ mountPath }) => mountPath)).toEqual([OWN, PATH]);
  });

  it("manages itself where something else is at that path", () => {
    const given = aws({ env: [tokenFile(PATH)], volumeMounts: [mount("empty", PATH)] }, [EMPTY]);
    expect(reasons(given)).toEqual(["manages-itself"]);
  });

  it("at Podpass' own path is told of no taken path", () => {
    const given = aws({ env: [tokenFile(OWN)] });
    expect(mountsOf(inject(given))["podpass-aws"]).toBe(OWN);
    expect(reasons(given)).toEqual([]);
  });
});

describe("two identities in one container", () => {
  const both = (config: string, federate: string): Given => ({
    config: `providers:\n${config}`,
    account: { "podpass.dev/federate": federate },
    pod: podWith({}),
  });
  const one = (name: string, more = ""): string =>
    `  ${name}: { token: { audience: ${name} }, env: { ${name.toUpperCase()}_TOKEN: "\${token.file}" }${more} }\n`;

  it.each(["a, b", "b, a"])("are warned about where only one of them names the other (%s)", (federate) => {
    expect(reasons(both(one("a", ", conflictsWith: [b]") + one("b"), federate))).toEqual(["provider-conflict"]);
  });

  it("are warned about where one names the other's preset", () => {
    const config = `${one("a", ", conflictsWith: [enkryptify]")}  mine: { preset: enkryptify }\n`;
    expect(reasons(both(config, "a, mine"))).toEqual(["provider-conflict"]);
    expect(reasons(both(config, "mine, a"))).toEqual(["provider-conflict"]);
    expect(reasons(both(one("a", ", conflictsWith: [azure]") + one("b"), "a, b"))).toEqual([]);
  });

  it("do not share variables that only work together: the second is left out", () => {
    const config = `${one("a").replace("env: {", "env: { PAIR: x,")}${one("b", ", envTogether: [[PAIR, B_TOKEN]]")}`;
    const given = both(config, "a, b");
    expect(reasons(given)).toEqual(["variable-conflict"]);
    expect(Object.keys(envOf(inject(given)))).toEqual(["PAIR", "A_TOKEN"]);
  });
});

describe("what is let pass is counted, of identities too", () => {
  it("an annotated audience that is not allowed", () => {
    const decision = decideOn({
      config: "policy: { enforcement: Warn, tokens: { audiences: { allow: [] }, expirationSeconds: { max: 1200 } } }\n",
      account: {
        "podpass.dev/federate": "enkryptify",
        "enkryptify.podpass.dev/audience": "https://elsewhere.example.com",
      },
    });
    expect(decision).toMatchObject({ outcome: "patched", wouldDeny: ["audience-not-allowed"] });
    expect(decision.warnings.map(({ reason }) => reason)).toContain("audience-not-allowed");
  });
});

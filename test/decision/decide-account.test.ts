import { describe, expect, it } from "vitest";
import { readConfiguration } from "../../src/configuration/read.ts";
import type { Settings } from "../../src/configuration/settings.ts";
import { decideAccount } from "../../src/decision/decide-account.ts";

const settingsOf = (sections = ""): Settings => {
  const read = readConfiguration(`apiVersion: podpass.dev/v1alpha1\nkind: Configuration\n${sections}`);
  if (!read.ok) throw new Error(JSON.stringify(read.problems));
  return read.settings;
};

type Annotations = Readonly<Record<string, string>>;

const mapOf = (annotations: Annotations) => new Map(Object.entries(annotations));

const decideOn = (annotations: Annotations, sections = "", before?: Annotations, namespace = "production") =>
  decideAccount({
    account: { namespace, name: "my-api", annotations: mapOf(annotations) },
    before: before && mapOf(before),
    settings: settingsOf(sections),
  });

const textsOf = ({ warnings }: ReturnType<typeof decideAccount>) => warnings.map(({ text }) => text);

const AWS = { "podpass.dev/federate": "aws", "aws.podpass.dev/role-arn": "arn:aws:iam::123456789012:role/my-api" };
const BAD = { "podpass.dev/federate": "awss" };
const SENTENCE =
  /^ServiceAccount production\/my-api cannot be resolved: annotation "podpass\.dev\/federate" names "awss"/;
const many = (count: number, key: (index: number) => string): Annotations =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [key(index), "x"]));

describe("a ServiceAccount that is created", () => {
  it("may have as many bytes of annotations as Kubernetes allows, and not one more", () => {
    const bytes = Object.entries(AWS).flat().join("").length + "note".length;
    const withNote = (length: number) => ({ ...AWS, note: "x".repeat(length) });
    expect(decideOn(withNote(262_144 - bytes))).toMatchObject({ outcome: "unchanged", reason: "resolved" });
    expect(decideOn(withNote(262_145 - bytes))).toMatchObject({ reason: "annotations-too-large" });
  });

  it("is let through with a vendor's annotation where its provider is not for the namespace, and told so", () => {
    const sections = 'nativeAnnotations: true\nproviders: { aws: { preset: aws, allowedNamespaces: ["team-*"] } }';
    const decision = decideOn({ "eks.amazonaws.com/role-arn": "bad" }, sections);
    expect(decision).toMatchObject({ outcome: "unchanged", reason: "not-federated", problems: [] });
    expect(textsOf(decision)).toEqual([
      'ServiceAccount annotation "eks.amazonaws.com/role-arn": provider "aws" is not for this namespace',
    ]);
    const elsewhere = decideOn({ "eks.amazonaws.com/role-arn": "bad" }, sections, undefined, "team-a");
    expect(elsewhere.outcome).toBe("denied");
  });

  it("is let through where it can be resolved, and where it is not federated", () => {
    expect(decideOn(AWS)).toMatchObject({ outcome: "unchanged", reason: "resolved", warnings: [] });
    expect(decideOn({ other: "x" })).toMatchObject({ outcome: "unchanged", reason: "not-federated", warnings: [] });
  });

  it("is refused with the sentence that its pods would get", () => {
    expect(decideOn(BAD)).toMatchObject({
      outcome: "denied",
      reason: "invalid-service-account",
      message: expect.stringMatching(SENTENCE),
      problems: ["unknown-provider"],
    });
  });

  it.each<[string, string, string, readonly string[]]>([
    ["invalidServiceAccount: Warn", "policy: { invalidServiceAccount: Warn }\n", "production", []],
    ["enforcement: Warn", "policy: { enforcement: Warn }\n", "production", ["invalid-service-account"]],
    ["an exempt namespace", "", "kube-system", []],
  ])("is warned about with %s", (_name, sections, namespace, wouldDeny) => {
    const decision = decideOn(BAD, sections, undefined, namespace);
    expect(decision).toMatchObject({ outcome: "unchanged", reason: "invalid-service-account", wouldDeny });
    expect(textsOf(decision)).toEqual([expect.stringContaining('names "awss"')]);
  });

  it.each<[string, Annotations, string]>([
    ["too many providers", { "podpass.dev/federate": Object.keys(many(33, (i) => `p${i}`)).join() }, "32"],
    ["too many keys", { ...AWS, ...many(1001, (i) => `aws.podpass.dev/k${i}`) }, "1,000 annotations"],
    ["too many names", { ...AWS, "podpass.dev/skip-containers": "a,".repeat(1001) }, "1,000 names"],
    ["annotations beyond Kubernetes' bound", { ...AWS, note: "é".repeat(131_073) }, "262,144 bytes"],
  ])("is refused with %s", (_name, annotations, said) => {
    const decision = decideOn(annotations);
    expect(decision).toMatchObject({ outcome: "denied", message: expect.stringContaining(said) });
  });

  it("is not refused for keys alone, however many", () => {
    const decision = decideOn(many(1001, (i) => `aws.podpass.dev/k${i}`));
    expect(decision).toMatchObject({ outcome: "unchanged", reason: "not-federated", wouldDeny: [] });
    expect(textsOf(decision).join()).toContain("more than 1,000 annotations");
  });

  it("is warned about every key that nothing reads, with the nearest", () => {
    const decision = decideOn({
      ...AWS,
      "aws.podpass.dev/role-arm": "x",
      "opnai.podpass.dev/audience": "x",
      "openai.podpass.dev/audience": "x",
      "podpass.dev/federat": "x",
    });
    expect(decision.outcome).toBe("unchanged");
    expect(textsOf(decision)).toEqual([
      expect.stringContaining('did you mean "federate"?'),
      expect.stringContaining('role-arm" is ignored: did you mean "role-arn"?'),
      expect.stringContaining('did you mean "openai"?'),
      expect.stringContaining('"openai" is not federated'),
    ]);
  });

  it("is told of lifetimes and audiences that its pods would not get", () => {
    const short = decideOn({ ...AWS, "aws.podpass.dev/expiration-seconds": "5" });
    expect(textsOf(short)).toEqual([expect.stringMatching(/^aws identity: lifetime 5 s becomes \d+ s; allowed: /)]);
    const policy = "policy: { tokens: { audiences: {}, expirationSeconds: { max: 1200 } } }\n";
    const foreign = decideOn(
      {
        ...AWS,
        "aws.podpass.dev/audience": "https://nobody.example.com",
        "aws.podpass.dev/expiration-seconds": "3600",
      },
      policy,
    );
    expect(foreign).toMatchObject({ outcome: "unchanged", reason: "resolved", wouldDeny: [] });
    expect(textsOf(foreign)).toEqual([
      expect.stringContaining('pods are refused: aws identity: audience "https://nobody.example.com" is not allowed'),
      expect.stringMatching(/^aws identity: lifetime \d+ s becomes 1200 s/),
    ]);
  });
});

describe("a ServiceAccount that is updated", () => {
  it.each<[string, Annotations, Annotations, "unchanged" | "denied"]>([
    ["with old faults and something else", { ...BAD, other: "b" }, { ...BAD, other: "a" }, "unchanged"],
    ["with a new fault", BAD, AWS, "denied"],
    ["with one more key", { ...BAD, "aws.podpass.dev/region": "x" }, BAD, "denied"],
    ["with one key less", BAD, { ...BAD, "aws.podpass.dev/region": "x" }, "denied"],
    ["so that it is federated no more", {}, BAD, "unchanged"],
    ["so that it is right", AWS, BAD, "unchanged"],
  ])("%s", (_name, after, before, outcome) => {
    expect(decideOn(after, "", before).outcome).toBe(outcome);
  });

  it("is warned about old faults", () => {
    const decision = decideOn(BAD, "", BAD);
    expect(decision).toMatchObject({ reason: "invalid-service-account", wouldDeny: [] });
    expect(textsOf(decision)).toEqual([expect.stringContaining('names "awss"')]);
  });

  it("is let through where it was as large as that before", () => {
    const large = { ...BAD, note: "x".repeat(262_145) };
    expect(decideOn(large, "", large)).toMatchObject({ outcome: "unchanged", reason: "annotations-too-large" });
  });
});

it("reads another prefix", () => {
  const sections = "annotationPrefix: identity.example.com\n";
  expect(decideOn(BAD, sections)).toMatchObject({ reason: "not-federated", warnings: [] });
  expect(decideOn({ "identity.example.com/federate": "awss" }, sections).outcome).toBe("denied");
});

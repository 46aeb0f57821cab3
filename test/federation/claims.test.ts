import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readClaims } from "../../src/federation/claims.ts";
import { resolveFederation } from "../../src/federation/federation.ts";
import { asPod, decideOn, pod, serviceAccount, settingsOf } from "../support/pods.ts";

const ROLE = "arn:aws:iam::123456789012:role/vendors";
const OURS = "arn:aws:iam::123456789012:role/ours";
const TEAM = "arn:aws:iam::123456789012:role/team";

const PROVIDERS = `
providers:
  openai: { preset: openai }
  aws: { preset: aws, parameters: { region: { default: eu-west-1 } } }
  azure: { preset: azure, parameters: { tenant-id: { value: 99999999-2222-3333-4444-555555555555 } } }
  demo: { token: { audience: demo }, parameters: { place: { scope: platform, default: here }, size: {} }, env: { P: "\${parameter.place}", S: "\${parameter.size}" } }
`;
const CONFIG = `${PROVIDERS}
nativeAnnotations: true
defaults:
  - { namespaces: [team-a], provider: aws, parameters: { region: us-east-1 } }
  - { namespaces: ["team-*"], provider: aws, parameters: { role-arn: "${TEAM}", region: us-west-2 } }
  - { namespaces: ["team-*"], provider: demo, parameters: { place: there } }
`;
const SETTINGS = settingsOf(CONFIG);
const OFF = settingsOf(PROVIDERS);

type Texts = Readonly<Record<string, string>>;

const resolved = (annotations: Texts, namespace = "production") => {
  const account = serviceAccount(annotations, namespace);
  const claims = readClaims(account, SETTINGS);
  const { identities, problems, warnings } = resolveFederation(account, SETTINGS);
  return {
    providers: [...claims.providers],
    parameters: Object.fromEntries(
      identities.map(({ provider, parameters }) => [provider.name, Object.fromEntries(parameters)]),
    ),
    problems: problems.map(({ text }) => text),
    warnings: warnings.map(({ text }) => text),
  };
};

const vendors = { "eks.amazonaws.com/role-arn": ROLE };
const client = { "azure.workload.identity/client-id": "11111111-2222-3333-4444-555555555555" };

describe("the providers of a ServiceAccount", () => {
  it.each<readonly [about: string, annotations: Texts, namespace: string, providers: readonly (readonly string[])[]]>([
    ["none", {}, "production", []],
    ["a vendor's annotation", vendors, "production", [["aws", "native"]]],
    ["a blank one", { "eks.amazonaws.com/role-arn": " " }, "production", []],
    [
      "ours before the vendor's",
      { ...vendors, "podpass.dev/federate": "demo" },
      "production",
      [
        ["demo", "own"],
        ["aws", "native"],
      ],
    ],
    ["ours names it too", { ...vendors, "podpass.dev/federate": "aws" }, "production", [["aws", "own"]]],
    [
      "vendors in the configuration's order",
      { ...client, ...vendors },
      "production",
      [
        ["aws", "native"],
        ["azure", "native"],
      ],
    ],
    [
      "a namespace",
      {},
      "team-b",
      [
        ["aws", "default"],
        ["demo", "default"],
      ],
    ],
    ["a namespace whose first default federates nobody", {}, "team-a", [["demo", "default"]]],
    [
      "a vendor's before a namespace's",
      client,
      "team-b",
      [
        ["azure", "native"],
        ["aws", "default"],
        ["demo", "default"],
      ],
    ],
    ["declined as a whole", { ...vendors, "podpass.dev/inject": "false" }, "team-b", []],
    [
      "declined, but named",
      { "podpass.dev/inject": "false", "podpass.dev/federate": "demo" },
      "team-b",
      [["demo", "own"]],
    ],
    ["one declined", { "aws.podpass.dev/inject": "false" }, "team-b", [["demo", "default"]]],
    [
      "declined in another word",
      { "podpass.dev/inject": "no" },
      "team-b",
      [
        ["aws", "default"],
        ["demo", "default"],
      ],
    ],
  ])("%s", (_about, annotations, namespace, providers) => {
    expect(resolved(annotations, namespace).providers).toStrictEqual(providers);
  });
});

describe("the values of a ServiceAccount", () => {
  it.each<readonly [about: string, annotations: Texts, namespace: string, aws: Texts]>([
    ["the vendor's, and the platform's", vendors, "production", { "role-arn": ROLE, region: "eu-west-1" }],
    [
      "ours beats the vendor's",
      { ...vendors, "aws.podpass.dev/role-arn": OURS },
      "production",
      { "role-arn": OURS, region: "eu-west-1" },
    ],
    [
      "ours is blank",
      { ...vendors, "aws.podpass.dev/role-arn": " " },
      "production",
      { "role-arn": ROLE, region: "eu-west-1" },
    ],
    ["the namespace's", {}, "team-b", { "role-arn": TEAM, region: "us-west-2" }],
    ["the vendor's beats the namespace's", vendors, "team-b", { "role-arn": ROLE, region: "us-west-2" }],
    [
      "ours beats the namespace's",
      { "aws.podpass.dev/region": "eu-north-1" },
      "team-b",
      { "role-arn": TEAM, region: "eu-north-1" },
    ],
    [
      "of two vendors' the first in the preset, and what it does not say the other's",
      {
        ...vendors,
        "cwii.dev/aws-inject": "true",
        "cwii.dev/aws-role-arn": OURS,
        "cwii.dev/aws-role-session-name": "cwii",
      },
      "production",
      { "role-arn": OURS, region: "eu-west-1", "session-name": "cwii" },
    ],
    [
      "nothing of what is left over of another vendor's",
      { ...vendors, "cwii.dev/aws-role-arn": OURS, "cwii.dev/aws-region": "us-east-1" },
      "production",
      { "role-arn": ROLE, region: "eu-west-1" },
    ],
    [
      "all vendors' where only ours federates",
      { "podpass.dev/federate": "aws", "cwii.dev/aws-role-arn": OURS },
      "production",
      { "role-arn": OURS, region: "eu-west-1" },
    ],
    ["the first default alone", vendors, "team-a", { "role-arn": ROLE, region: "us-east-1" }],
  ])("%s", (_about, annotations, namespace, aws) => {
    expect(resolved(annotations, namespace).parameters["aws"]).toStrictEqual(aws);
  });

  it("are the namespace's even where a parameter is the platform's", () => {
    expect(resolved({}, "team-b").parameters["demo"]).toStrictEqual({ place: "there" });
    expect(
      resolved({ "podpass.dev/federate": "demo", "demo.podpass.dev/place": "x" }).parameters["demo"],
    ).toStrictEqual({ place: "here" });
  });

  it("are named by the key that was written", () => {
    expect(resolved({ "eks.amazonaws.com/role-arn": "x" }).problems).toStrictEqual([
      expect.stringMatching(/^annotation "eks\.amazonaws\.com\/role-arn" is "x"; allowed: /),
    ]);
    const ours = { ...vendors, "aws.podpass.dev/role-arn": "x" };
    expect(resolved(ours).problems).toStrictEqual([
      expect.stringMatching(/^annotation "aws\.podpass\.dev\/role-arn" is "x"/),
    ]);
  });

  it("are not a vendor's where the platform has fixed them", () => {
    const { parameters, warnings } = resolved({ ...client, "azure.workload.identity/tenant-id": "contoso.com" });
    expect(parameters["azure"]?.["tenant-id"]).toBe("99999999-2222-3333-4444-555555555555");
    expect(warnings).toStrictEqual([expect.stringContaining("is ignored: the platform sets it")]);
  });
});

describe("an `inject` on a ServiceAccount", () => {
  it.each([
    [{ "podpass.dev/inject": "no" }, '"no"; allowed: "false"'],
    [
      { "aws.podpass.dev/inject": "false", "podpass.dev/federate": "aws", "aws.podpass.dev/role-arn": OURS },
      "names the provider",
    ],
    [{ "podpass.dev/inject": "false" }, undefined],
  ])("%j is warned about where it says nothing", (annotations, warning) => {
    const { warnings } = resolved(annotations);
    expect(warnings).toStrictEqual(warning === undefined ? [] : [expect.stringContaining(warning)]);
  });
});

it("has the vendor's own lifetime only where its annotation federates and the configuration says none", () => {
  const seconds = (annotations: Texts, config = CONFIG) =>
    resolveFederation(serviceAccount(annotations), settingsOf(config)).identities[0]?.requestedSeconds;
  expect(seconds(vendors)).toBe(86_400);
  expect(seconds({ ...vendors, "podpass.dev/federate": "aws" })).toBe(undefined);
  expect(
    seconds(
      vendors,
      "nativeAnnotations: true\nproviders: { aws: { preset: aws, token: { expirationSeconds: { default: 1200 } } } }",
    ),
  ).toBe(undefined);
  expect(
    seconds(
      vendors,
      "nativeAnnotations: true\nproviders: { aws: { preset: aws } }\npolicy: { tokens: { expirationSeconds: { max: 7200 } } }",
    ),
  ).toBe(7200);
});

it("passes over a vendor's lifetime that is none, and says so", () => {
  const given = (written: string) => resolved({ ...vendors, "eks.amazonaws.com/token-expiration": written }).warnings;
  expect(given("1h")).toEqual([
    'ServiceAccount annotation "eks.amazonaws.com/token-expiration": is ignored: "1h"; allowed: digits',
  ]);
  expect([given("300"), given(" ")]).toEqual([[], []]);
});

const native = fc.dictionary(
  fc.constantFrom(
    "eks.amazonaws.com/role-arn",
    "eks.amazonaws.com/audience",
    "eks.amazonaws.com/token-expiration",
    "azure.workload.identity/client-id",
    "podpass.dev/inject",
  ),
  fc.oneof(fc.constantFrom(ROLE, "", "false", "3600", "1h"), fc.string({ unit: "binary", maxLength: 40 })),
);
const ours = fc.dictionary(
  fc.constantFrom(
    "podpass.dev/federate",
    "aws.podpass.dev/role-arn",
    "aws.podpass.dev/region",
    "aws.podpass.dev/expiration-seconds",
  ),
  fc.constantFrom(OURS, "aws", "demo, aws", "eu-west-1", "1800", "x"),
);

describe("whatever is written", () => {
  it("vendors' annotations say nothing while they are not read", () => {
    fc.assert(
      fc.property(ours, native, (own, theirs) => {
        const { "podpass.dev/inject": _, ...others } = theirs;
        const given = resolveFederation(serviceAccount({ ...others, ...own }), OFF);
        expect(given).toStrictEqual(resolveFederation(serviceAccount(own), OFF));
      }),
    );
  });

  it("ours beat theirs: what they say of a provider changes no value that ours has", () => {
    fc.assert(
      fc.property(ours, native, (own, theirs) => {
        const provider = SETTINGS.providers.get("aws");
        if (provider === undefined) throw new Error("no aws");
        const claims = readClaims(serviceAccount({ ...theirs, ...own }), SETTINGS).of(provider);
        for (const [key, value] of readClaims(serviceAccount(own), SETTINGS).of(provider))
          if (value.origin === "own") expect(claims.get(key)).toStrictEqual(value);
      }),
    );
  });
});

describe("outside the provider's allowedNamespaces", () => {
  const settings = settingsOf(`
providers: { aws: { preset: aws, allowedNamespaces: ["team-*"] }, openai: { preset: openai } }
nativeAnnotations: true
`);
  const told = 'ServiceAccount annotation "eks.amazonaws.com/role-arn": provider "aws" is not for this namespace';

  it.each<readonly [annotations: Texts, namespace: string, providers: readonly string[], warnings: readonly string[]]>([
    [vendors, "team-a", ["aws"], []],
    [vendors, "production", [], [told]],
    [{ ...vendors, "podpass.dev/federate": "openai" }, "production", ["openai"], [told]],
    [{ ...vendors, "podpass.dev/inject": "false" }, "production", [], []],
  ])("a vendor's annotation federates nothing: %j in %s", (annotations, namespace, providers, warnings) => {
    const federation = resolveFederation(serviceAccount(annotations, namespace), settings);
    expect(federation.providers).toEqual(providers);
    expect(federation.problems.filter(({ reason }) => reason === "namespace-not-allowed")).toEqual([]);
    expect(federation.warnings.map(({ text }) => text)).toEqual(warnings);
  });

  it("no pod is warned that its vendor's webhook would have passed over anyway", () => {
    const config = 'providers: { azure: { preset: azure, allowedNamespaces: ["team-*"] } }\nnativeAnnotations: true';
    const warningsWith = (labels: Texts) =>
      decideOn({ account: client, config, pod: asPod({ ...pod(), metadata: { name: "my-pod", labels } }) }).warnings;
    expect(warningsWith({})).toEqual([]);
    expect(warningsWith({ "azure.workload.identity/use": "true" }).map(({ reason }) => reason)).toEqual([
      "native-not-allowed",
    ]);
  });

  it("is refused by our own", () => {
    const own = serviceAccount({ ...vendors, "podpass.dev/federate": "aws" }, "production");
    expect(resolveFederation(own, settings).problems.map(({ reason }) => reason)).toContain("namespace-not-allowed");
  });
});

describe("a parameter that is a part of a vendor's value", () => {
  const settings = settingsOf("providers: { gcp: { preset: gcp } }\nnativeAnnotations: true\n");
  const pool = "projects/1/locations/global/workloadIdentityPools/p/providers/x";

  it.each([
    [`//iam.googleapis.com/${pool}`, pool],
    [`https://iam.googleapis.com/${pool}`, undefined],
    ["//iam.googleapis.com/", undefined],
    ["//iam.googleapis.com/ ", undefined],
    ["", undefined],
  ])("%s", (written, value) => {
    const account = serviceAccount({ "cwii.dev/gcp-inject": "true", "cwii.dev/gcp-audience": written });
    const provider = settings.providers.get("gcp");
    if (provider === undefined) throw new Error("no gcp");
    expect(readClaims(account, settings).of(provider).get("workload-identity-provider")?.value).toBe(value);
  });

  it("has no warning that only the keys of another vendor call for", () => {
    const account = serviceAccount({
      "cwii.dev/gcp-inject": "true",
      "cwii.dev/gcp-audience": `//iam.googleapis.com/${pool}`,
    });
    expect(resolveFederation(account, settings).warnings).toEqual([]);
  });
});

import { describe, expect, it } from "vitest";
import { readConfiguration } from "../../src/configuration/read.ts";
import type { Settings } from "../../src/configuration/settings.ts";
import { presets } from "../../src/providers/catalog.generated.ts";
import { decideOn, envOf, inject, noticesOf, pod, settingsOf } from "../support/pods.ts";

const provider = (settings: Settings, name: string) => {
  const found = settings.providers.get(name);
  if (found === undefined) throw new Error(`no provider ${name}`);
  return found;
};

describe("a configuration", () => {
  it("without anything has every preset under its own name, and lenient defaults", () => {
    const { annotationPrefix, providers, policy, notices } = settingsOf();
    expect(annotationPrefix).toBe("podpass.dev");
    expect([...providers.keys()]).toEqual(presets.map(({ name }) => name));
    expect(policy).toEqual({
      enforcement: "Enforce",
      exemptNamespaces: ["kube-system", "kube-node-lease", "podpass-system"],
      lifetime: undefined,
      audiences: undefined,
      apiServerAudiences: undefined,
      tokenRequests: "Off",
      legacySecrets: "Off",
      invalidServiceAccount: "Deny",
      podOverrides: new Set(),
    });
    expect(notices).toEqual([]);
  });

  it("with providers has only those", () => {
    expect([...settingsOf("providers: { cloud: { preset: aws } }\n").providers.keys()]).toEqual(["cloud"]);
    expect(settingsOf("providers: {}\n").providers.size).toBe(0);
  });

  it("may be JSON, have comments, aliases and Windows line ends", () => {
    const json = JSON.stringify({
      apiVersion: "podpass.dev/v1alpha1",
      kind: "Configuration",
      providers: { a: { token: { audience: "a" } } },
    });
    expect(readConfiguration(json).ok).toBe(true);
    const yaml =
      "# ours\r\napiVersion: podpass.dev/v1alpha1\r\nkind: Configuration\r\nproviders:\r\n  a: { token: &t { audience: a } }\r\n  b: { token: *t }\r\n";
    const read = readConfiguration(yaml);
    expect(read.ok && [...read.settings.providers.keys()]).toEqual(["a", "b"]);
  });

  it("may call providers, parameters and variables like what every object has", () => {
    const config =
      'providers: { constructor: { token: { audience: c }, parameters: { tostring: { default: x }, constructor: {} }, env: { constructor: "${parameter.tostring}", toString: "${parameter.constructor}" } } }\n';
    const after = inject({
      config,
      account: { "podpass.dev/federate": "constructor", "constructor.podpass.dev/constructor": "y" },
    });
    expect(envOf(after)).toEqual({ constructor: "x", toString: "y" });
    expect(after.spec.volumes?.[0]?.name).toBe("podpass-constructor");
  });
});

describe("a provider over its preset", () => {
  const settings = settingsOf(`
providers:
  cloud:
    preset: aws
    token: { audience: mine, expirationSeconds: { max: 7200 } }
    parameters:
      region: { default: eu-west-1 }
      role-arn: { pattern: "arn:.*" }
      tag: { default: t }
    env: { AWS_ROLE_SESSION_NAME: null, AWS_STS_REGIONAL_ENDPOINTS: regional, TAG: "\${parameter.tag}" }
    shadowedBy: []
    shadowedEvenEmpty: [AWS_PROFILE]
    displaces: []
    expectsOneOf: []
    conflictsWith: [other]
    allowedNamespaces: [a]
  other: { preset: coreweave-object-storage, files: [{ name: aws-config, text: "[x]" }, { name: more, text: "\${parameter.region}" }] }
`);
  const cloud = provider(settings, "cloud");

  it("wins field by field", () => {
    expect(cloud).toMatchObject({
      name: "cloud",
      preset: "aws",
      audience: ["mine"],
      lifetime: { default: 3600, min: 600, max: 7200 },
      mountPath: "/var/run/secrets/eks.amazonaws.com/serviceaccount",
      fileName: "token",
      shadowedBy: [],
      shadowedEvenEmpty: new Set(),
      displaces: [],
      expectsOneOf: [],
      conflictsWith: new Set(["other"]),
      allowedNamespaces: ["a"],
    });
  });

  it("wins parameter by parameter, and in each field by field", () => {
    expect([...cloud.parameters.keys()]).toEqual(["role-arn", "target-role-arn", "region", "session-name", "tag"]);
    expect(cloud.parameters.get("role-arn")).toMatchObject({ required: true, patternText: "arn:.*", settable: true });
    expect(cloud.parameters.get("region")).toMatchObject({
      platformValue: "eu-west-1",
      settable: true,
      patternText: "^[a-z0-9]+(-[a-z0-9]+)+$",
    });
  });

  it("wins variable by variable, and null takes one away", () => {
    expect(cloud.env.map((variable) => variable.name)).toEqual([
      "AWS_ROLE_ARN",
      "AWS_WEB_IDENTITY_TOKEN_FILE",
      "AWS_REGION",
      "AWS_DEFAULT_REGION",
      "AWS_CONFIG_FILE",
      "AWS_STS_REGIONAL_ENDPOINTS",
      "TAG",
    ]);
  });

  it("wins file by file", () => {
    const { files } = provider(settings, "other");
    expect(files.map((file) => [file.name, file.when.size])).toEqual([
      ["aws-config", 0],
      ["more", 0],
    ]);
  });

  it("fixes a value in place of the preset's default", () => {
    const { parameters } = provider(
      settingsOf(
        'providers: { azure: { preset: azure, parameters: { authority-host: { value: "https://login.microsoftonline.us/" } } } }\n',
      ),
      "azure",
    );
    expect(parameters.get("authority-host")).toMatchObject({
      platformValue: "https://login.microsoftonline.us/",
      settable: false,
    });
  });
});

describe("lifetimes", () => {
  it.each([
    ["without any", "", { default: 3600, min: 600, max: 4294967296 }],
    ["a maximum below the default brings it down", "max: 1800", { default: 1800, min: 600, max: 1800 }],
    ["a minimum above the default brings it up", "min: 7200", { default: 7200, min: 7200, max: 4294967296 }],
  ])("%s", (_, text, expected) => {
    expect(
      provider(settingsOf(`providers: { a: { token: { audience: a, expirationSeconds: { ${text} } } } }\n`), "a")
        .lifetime,
    ).toEqual(expected);
  });

  it("that the policy changes are noticed once, when the configuration is read", () => {
    const settings = settingsOf(`
providers: { azure: { preset: azure }, a: { token: { audience: a } } }
policy: { tokens: { expirationSeconds: { max: 1800 } } }
`);
    expect(provider(settings, "azure").lifetime.default).toBe(1800);
    expect(noticesOf(settings)).toEqual([
      "providers.azure: the default lifetime of 3600 s is outside policy.tokens.expirationSeconds (600 to 1800) and becomes 1800 s",
      "providers.azure: no lifetime is both inside the policy (600 to 1800) and the provider's own bounds (3600 to 86400); the policy wins, and the provider may refuse its tokens",
      "providers.a: the default lifetime of 3600 s is outside policy.tokens.expirationSeconds (600 to 1800) and becomes 1800 s",
    ]);
  });
});

describe("what is without effect is noticed:", () => {
  it.each([
    [
      "a parameter that no template uses",
      "parameters: { a: {} }",
      "providers.p: parameters.a is without effect: no template uses it",
    ],
    [
      "a path where there are files",
      "files: [{ name: f, text: x }]",
      "providers.p: token.mountPath is not used where the provider has files: a file names one path, /var/run/secrets/podpass.dev/p",
    ],
    [
      "a variable that hides nothing unless it is empty",
      "shadowedBy: [A], shadowedEvenEmpty: [A, B]",
      'providers.p: shadowedEvenEmpty: "B" is without effect: shadowedBy does not have it',
    ],
    [
      "a variable that is never set and chooses nothing",
      "env: { A: x }, chosenBy: [A, B]",
      'providers.p: chosenBy: "B" is without effect: env does not have it',
    ],
  ])("%s", (_, text, notice) => {
    expect(noticesOf(settingsOf(`providers: { p: { token: { audience: a, mountPath: /p }, ${text} } }\n`))).toEqual([
      notice,
    ]);
  });
});

it("a preset's own path is nobody's mistake where a file takes its place", () => {
  const config = 'providers: { a: { preset: aws, env: { X: "${file.f}" }, files: [{ name: f, text: x }] } }\n';
  expect(noticesOf(settingsOf(config))).toEqual([]);
});

describe("the variables of others", () => {
  const withLists = (text: string) =>
    provider(settingsOf(`providers: { p: { token: { audience: a }, ${text} } }\n`), "p");

  it("are never the provider's own", () => {
    const { shadowedBy, shadowedEvenEmpty, displaces } = withLists(
      "env: { A: x, B: x }, shadowedBy: [A, C], shadowedEvenEmpty: [A, C], displaces: [B, D]",
    );
    expect({ shadowedBy, shadowedEvenEmpty, displaces }).toEqual({
      shadowedBy: ["C"],
      shadowedEvenEmpty: new Set(["C"]),
      displaces: ["D"],
    });
  });

  it("are the preset's unless the provider has its own", () => {
    const of = (text: string) => provider(settingsOf(`providers: { p: { preset: azure, ${text} } }\n`), "p");
    expect(of("").shadowedEvenEmpty).toContain("AZURE_CLIENT_SECRET");
    expect(of("shadowedEvenEmpty: []").shadowedEvenEmpty).toEqual(new Set());
    expect(of("shadowedBy: [AZURE_CLIENT_SECRET]").shadowedEvenEmpty).toEqual(new Set(["AZURE_CLIENT_SECRET"]));
    expect(of("shadowedBy: []").shadowedEvenEmpty).toEqual(new Set());
  });
});

// DESIGN.md, section 3, word for word.
const SAMPLE = `apiVersion: podpass.dev/v1alpha1
kind: Configuration
annotationPrefix: podpass.dev
providers:
  aws:
    preset: aws
    parameters:
      region: { default: eu-west-1 }                                   # a ServiceAccount may override it
      role-arn: { pattern: "^arn:aws:iam::123456789012:role/.+$" }     # a narrower pattern: only our account
  azure:
    preset: azure
    parameters: { tenant-id: { value: 99999999-2222-3333-4444-555555555555 } }   # fixed: nobody may override it
  openai:     { preset: openai, allowedNamespaces: [production, "team-*"] }
  vault-eu:                                   # no preset: a provider is data
    token: { audience: https://vault.example.com, expirationSeconds: { default: 3600, min: 600, max: 7200 }, mountPath: /var/run/secrets/vault, fileName: token }
    parameters: { role: { description: Vault role, required: true, pattern: "^[a-z0-9-]+$" } }
    env: { VAULT_ROLE: "\${parameter.role}", VAULT_JWT_PATH: "\${token.file}" }
    files:
      - { name: client.json, json: { role: "\${parameter.role}", token_file: "\${token.file}" } }   # or text: |
    shadowedBy: [VAULT_TOKEN]
policy:
  enforcement: Enforce                        # Enforce (default) | Warn: every refusal and clamp below becomes a warning and a metric: for rolling out
  exemptNamespaces: [kube-system, kube-node-lease]   # the default, beside Podpass' own
  tokens:                                     # every serviceAccountToken projection of every pod, hand-written ones too
    expirationSeconds: { min: 600, max: 86400, violation: Clamp }        # Clamp | Deny | Warn
    audiences: { allow: ["https://internal.example.com"], violation: Deny }  # Deny | Warn
  invalidServiceAccount: Deny                 # Deny (default) | Warn: a federated ServiceAccount that cannot be resolved
  podOverrides: [expiration-seconds]          # default: none
`;
const sample = SAMPLE.split("\n").slice(2).join("\n");

describe("the sample of DESIGN, section 3,", () => {
  const account = (more: Readonly<Record<string, string>> = {}) => ({
    "podpass.dev/federate": "aws, openai",
    "aws.podpass.dev/role-arn": "arn:aws:iam::123456789012:role/my-api",
    "openai.podpass.dev/identity-provider-id": "idp_1",
    "openai.podpass.dev/service-account-id": "user-1",
    "openai.podpass.dev/expiration-seconds": "1800",
    ...more,
  });
  const env = (more?: Readonly<Record<string, string>>) => envOf(inject({ config: sample, account: account(more) }));

  it("is read, and says itself where something in it is without effect", () => {
    expect(readConfiguration(SAMPLE).ok).toBe(true);
    expect(noticesOf(settingsOf(sample))).toEqual([
      "providers.vault-eu: token.mountPath is not used where the provider has files: a file names one path, /var/run/secrets/podpass.dev/vault-eu",
    ]);
  });

  it("gives the region by default, and the ServiceAccount may override it", () => {
    expect(env()).toMatchObject({ AWS_REGION: "eu-west-1", AWS_DEFAULT_REGION: "eu-west-1" });
    expect(env({ "aws.podpass.dev/region": "us-east-1" })).toMatchObject({ AWS_REGION: "us-east-1" });
  });

  it("takes roles of one AWS account only", () => {
    const { problems } = decideOn({
      config: sample,
      account: account({ "aws.podpass.dev/role-arn": "arn:aws:iam::999999999999:role/my-api" }),
    });
    expect(problems).toEqual(["bad-parameter"]);
  });

  it("fixes the tenant", () => {
    const azure = {
      "podpass.dev/federate": "azure",
      "azure.podpass.dev/client-id": "11111111-2222-3333-4444-555555555555",
      "azure.podpass.dev/tenant-id": "00000000-0000-0000-0000-000000000000",
    };
    const decision = decideOn({ config: sample, account: azure });
    expect(envOf(inject({ config: sample, account: azure }))["AZURE_TENANT_ID"]).toBe(
      "99999999-2222-3333-4444-555555555555",
    );
    expect(decision.warnings.map((warning) => warning.reason)).toEqual(["unused-key"]);
  });

  it("keeps OpenAI to its namespaces", () => {
    for (const namespace of ["production", "team-a"])
      expect(decideOn({ config: sample, namespace, account: account() }).outcome).toBe("patched");
    expect(decideOn({ config: sample, namespace: "default", account: account() })).toMatchObject({
      outcome: "denied",
      problems: ["namespace-not-allowed"],
    });
  });

  it("makes a provider of nothing but data", () => {
    const vault = {
      "podpass.dev/federate": "vault-eu",
      "vault-eu.podpass.dev/role": "my-api",
      "vault-eu.podpass.dev/expiration-seconds": "9000",
    };
    const after = inject({ config: sample, account: vault });
    expect(envOf(after)).toEqual({
      VAULT_ROLE: "my-api",
      VAULT_JWT_PATH: "/var/run/secrets/podpass.dev/vault-eu/token",
    });
    expect(after.metadata?.annotations?.["vault-eu.podpass.dev/client.json"]).toBe(
      '{"role":"my-api","token_file":"/var/run/secrets/podpass.dev/vault-eu/token"}',
    );
    expect(after.spec.volumes?.[0]?.projected?.sources?.[0]?.serviceAccountToken).toEqual({
      audience: "https://vault.example.com",
      expirationSeconds: 7200,
      path: "token",
    });
  });

  it("lets a pod choose its lifetime, inside the bounds", () => {
    const onPod = (seconds: string) =>
      inject({
        config: sample,
        account: account(),
        pod: pod({}, { "openai.podpass.dev/expiration-seconds": seconds }),
      });
    const lifetime = (of: ReturnType<typeof onPod>) =>
      of.spec.volumes?.at(-1)?.projected?.sources?.[0]?.serviceAccountToken?.expirationSeconds;
    expect(lifetime(inject({ config: sample, account: account() }))).toBe(1800);
    expect(lifetime(onPod("900"))).toBe(900);
    expect(lifetime(onPod("100000"))).toBe(86400);
  });
});

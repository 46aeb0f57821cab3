/** What each provider is told, written down by hand from the vendors' pages; nothing here is taken from the presets. */
import { describe, expect, it } from "vitest";
import { findPreset } from "../../src/configuration/compile.ts";
import { presets } from "../../src/providers/catalog.generated.ts";
import { showTrust } from "../../src/trust/show-trust.ts";
import { DOCUMENTED } from "../providers/documented.ts";
import { commandsOf, describeTrust, formsOf, type Given, ISSUER, KEYS, privateIssuer, SUBJECT } from "./support.ts";

const UUID = "11111111-2222-3333-4444-555555555555";
const POOL = "projects/123456789012/locations/global/workloadIdentityPools/my-pool";
const JWKS = JSON.stringify(KEYS);

const platform = (provider: string, parameters: Readonly<Record<string, string>>): string =>
  `providers: ${JSON.stringify({
    [provider]: {
      preset: provider,
      parameters: Object.fromEntries(Object.entries(parameters).map(([name, value]) => [name, { value }])),
    },
  })}`;

/** What the cases below are given. */
const GIVEN: Readonly<Record<string, Given>> = {
  alibaba: {
    provider: "alibaba",
    parameters: { "role-arn": "acs:ram::1234567890123456:role/my-role" },
    config: platform("alibaba", { "provider-arn": "acs:ram::1234567890123456:oidc-provider/my-cluster" }),
  },
  anthropic: {
    provider: "anthropic",
    parameters: { "federation-rule-id": "fdrl_1", "organization-id": UUID, "service-account-id": "svac_1" },
  },
  aws: { provider: "aws", parameters: { "role-arn": "arn:aws-cn:iam::123456789012:role/team/a/my-role" } },
  azure: { provider: "azure", parameters: { "client-id": UUID, "tenant-id": UUID } },
  "coreweave-object-storage": { provider: "coreweave-object-storage", parameters: { "organization-id": "abc123" } },
  databricks: {
    provider: "databricks",
    parameters: { "client-id": UUID },
    config: platform("databricks", { host: "https://dbc-1.cloud.databricks.com", "token-audience": "my-account" }),
  },
  enkryptify: { provider: "enkryptify" },
  gcp: {
    provider: "gcp",
    parameters: {
      "workload-identity-provider": `${POOL}/providers/my-cluster`,
      "service-account-email": "my-api@my-project.iam.gserviceaccount.com",
    },
  },
  mongodb: { provider: "mongodb", config: platform("mongodb", { "token-audience": "https://mongodb.example.com" }) },
  openai: { provider: "openai", parameters: { "identity-provider-id": "idp_1", "service-account-id": "user-1" } },
  "openai-codex": { provider: "openai-codex", parameters: { "federation-rule-id": "idpm_1" } },
  stackit: { provider: "stackit", parameters: { "service-account-email": "my-api@sa.stackit.cloud" } },
  tailscale: { provider: "tailscale", parameters: { "client-id": "kAbcCNTRL", "advertise-tags": "tag:my-api" } },
  vault: {
    provider: "vault",
    parameters: { role: "my-api" },
    config: platform("vault", { "token-audience": "https://vault.example.com" }),
  },
  wandb: { provider: "wandb", config: platform("wandb", { "token-audience": "my-org" }) },
};

const described = (name: string, more: Partial<Given> = {}) => {
  const given = GIVEN[name];
  if (given === undefined) throw new Error(`nothing is given for ${name}`);
  return describeTrust({ ...given, ...more });
};

/** A preset with every parameter at its example; the platform's are in the configuration. */
const exampleOf = (name: string): Given => {
  const parameters = Object.entries(findPreset(name)?.parameters ?? {});
  const examples = (isPlatform: boolean) =>
    Object.fromEntries(
      parameters
        .filter(([, { scope }]) => (scope === "platform") === isPlatform)
        .map(([key, { example = "" }]) => [key, example]),
    );
  return { provider: name, parameters: examples(false), config: platform(name, examples(true)) };
};

describe("what is asked for and not to be had", () => {
  it("says where the address of the keys is found, where a step needs it", () => {
    const issuer = { issuer: "https://oidc.example.com/", jwksUri: undefined, keySet: undefined };
    const found = "<jwks-uri> is the jwks_uri of https://oidc.example.com/.well-known/openid-configuration.";
    expect(describeTrust({ ...exampleOf("conjur"), issuer }).notes).toContain(found);
    expect(describeTrust(exampleOf("conjur")).notes).not.toContain(found);
    expect(describeTrust({ ...exampleOf("snowflake"), issuer }).notes).not.toContain(found);
  });

  it.each([
    [
      "snowflake",
      "upload",
      ["Snowflake takes no keys that are handed over: it fetches them, and --keys upload changes nothing."],
    ],
    ["snowflake", "discovery", []],
    ["conjur", "upload", []],
  ] as const)("%s with --keys %s", (name, keys, warnings) =>
    expect(describeTrust({ ...exampleOf(name), keys }).warnings).toEqual(warnings),
  );
});

describe("every preset", () => {
  it.each(Object.entries(DOCUMENTED))("%s: issuer, audience and subject", (name, { audience }) => {
    const trust = describeTrust(exampleOf(name));
    expect(trust).toMatchObject({ issuer: ISSUER, audience, subject: SUBJECT, missing: [], warnings: [] });
    expect(trust.fields).toMatchObject({ issuer: ISSUER, audience, subject: SUBJECT });
    expect(trust.steps.map(({ kind }) => kind)).not.toContain("withheld");
    expect(showTrust(trust)).not.toContain("${");
  });

  it.each(Object.entries(DOCUMENTED))("%s: an issuer that nobody can reach", (name, { withoutReach }) => {
    const trust = describeTrust({ ...exampleOf(name), issuer: privateIssuer });
    expect(trust.keys).toBe(withoutReach);
    expect(trust.warnings).toHaveLength(withoutReach === "discovery" ? 1 : 0);
    if (withoutReach === "upload") expect(showTrust(trust)).toMatch(/key-1.*key-2/);
  });

  it.each(presets.map(({ name }) => [name]))("%s: with nothing but its name, placeholders", (name) => {
    const text = showTrust(describeTrust({ provider: name, config: `providers: { ${name}: { preset: ${name} } }` }));
    expect(text).not.toContain("undefined");
    expect(text).toContain(SUBJECT);
  });
});

describe("aws", () => {
  const providerArn = "arn:aws-cn:iam::123456789012:oidc-provider/oidc.example.com/cluster-1";

  it("the trust policy binds audience and subject of the one provider", () => {
    expect(described("aws").documents).toEqual({
      "trust-policy": {
        Version: "2012-10-17",
        Statement: [
          {
            Effect: "Allow",
            Principal: { Federated: providerArn },
            Action: "sts:AssumeRoleWithWebIdentity",
            Condition: {
              StringEquals: {
                "oidc.example.com/cluster-1:aud": "sts.amazonaws.com",
                "oidc.example.com/cluster-1:sub": SUBJECT,
              },
            },
          },
        ],
      },
    });
    expect(described("aws").fields["providerArn"]).toBe(providerArn);
  });

  it("the commands", () => {
    const [provider, role] = commandsOf(described("aws"));
    expect(provider?.slice(3)).toEqual(["--url", ISSUER, "--client-id-list", '["sts.amazonaws.com"]']);
    expect(role?.slice(3, 7)).toEqual(["--role-name", "my-role", "--path", "/team/a/"]);
    expect(JSON.parse(role?.at(-1) ?? "")).toEqual(described("aws").documents["trust-policy"]);
  });
});

describe("gcp", () => {
  const principal = `principal://iam.googleapis.com/${POOL}/subject/${SUBJECT}`;

  it("principal and condition", () => {
    expect(described("gcp").fields).toMatchObject({
      issuerUri: ISSUER,
      allowedAudience: `https://iam.googleapis.com/${POOL}/providers/my-cluster`,
      attributeMapping: "google.subject=assertion.sub",
      attributeCondition: `assertion.sub == '${SUBJECT}'`,
      principal,
    });
  });

  it("impersonated: the principal may use the service account", () => {
    expect(commandsOf(described("gcp")).at(-1)).toEqual([
      ...["gcloud", "iam", "service-accounts", "add-iam-policy-binding", "my-api@my-project.iam.gserviceaccount.com"],
      "--role=roles/iam.workloadIdentityUser",
      `--member=${principal}`,
    ]);
  });

  it("direct: the principal gets a role in the project", () => {
    const parameters = { "workload-identity-provider": `${POOL}/providers/my-cluster`, "project-id": "my-project" };
    const trust = described("gcp", { parameters });
    expect(commandsOf(trust).at(-1)?.slice(1, 4)).toEqual(["projects", "add-iam-policy-binding", "my-project"]);
    expect(trust.fields).not.toHaveProperty("serviceAccountEmail");
    expect(trust.documents).toEqual({});
  });

  it("uploads the keys only where that was asked for or is needed", () => {
    const uploaded = commandsOf(described("gcp", { keys: "upload" }));
    expect(uploaded[1]).toEqual(["printf", "%s\\n", JWKS]);
    expect(uploaded[2]).toContain("--jwk-json-path=cluster-jwks.json");
    expect(commandsOf(described("gcp")).flat()).not.toContain("--jwk-json-path=cluster-jwks.json");
  });

  it("says when the subject is longer than Google takes", () => {
    const account = { namespace: "n".repeat(63), name: "a".repeat(60) };
    expect(described("gcp", { account }).warnings).toEqual([expect.stringContaining("at most 127")]);
  });
});

it("azure: one credential for a managed identity, or for an application", () => {
  const [identity, application] = commandsOf(described("azure"));
  expect(identity?.slice(0, 4)).toEqual(["az", "identity", "federated-credential", "create"]);
  expect(identity?.slice(10)).toEqual([
    ...["--issuer", ISSUER, "--subject", SUBJECT, "--audiences", "api://AzureADTokenExchange"],
  ]);
  expect(application?.slice(0, 7)).toEqual(["az", "ad", "app", "federated-credential", "create", "--id", UUID]);
  expect(JSON.parse(application?.at(-1) ?? "")).toEqual({
    name: "production-my-api-e82121901589",
    issuer: ISSUER,
    subject: SUBJECT,
    audiences: ["api://AzureADTokenExchange"],
  });
});

it("openai: the two forms of the vendor's guide", () => {
  expect(formsOf(described("openai"))).toEqual([
    {
      Name: "oidc-example-com-cluster-1-d6b77240467f",
      "OIDC Issuer URL": ISSUER,
      Audience: "https://api.openai.com/v1",
      "Use uploaded JWKS for token verification": "on",
      "JWKS JSON": JWKS,
    },
    {
      Name: "production-my-api-e82121901589",
      Key: "sub",
      Value: SUBJECT,
      Project: "",
      "Service account": "user-1",
      Permissions: "",
    },
  ]);
});

describe("anthropic", () => {
  it("fetched keys, and a rule for exactly this subject and audience", () => {
    expect(described("anthropic").documents).toMatchObject({
      "federation-issuer": { issuer_url: ISSUER, jwks: { type: "discovery" } },
      "federation-rule": {
        match: { subject_prefix: SUBJECT, audience: "https://api.anthropic.com" },
        target: { type: "service_account", service_account_id: "svac_1" },
      },
    });
  });

  it("inline keys are JSON, not text", () => {
    const { documents } = described("anthropic", { issuer: privateIssuer });
    expect(documents["federation-issuer-inline"]).toMatchObject({ jwks: { type: "inline", keys: KEYS.keys } });
    expect(documents).not.toHaveProperty("federation-issuer");
  });
});

it("enkryptify: issuer, audience and subject under its labels", () => {
  expect(formsOf(described("enkryptify"))[0]).toMatchObject({
    "Issuer URL": ISSUER,
    Audience: "enkryptify",
    Subject: SUBJECT,
  });
});

it("coreweave-object-storage: the principal is issuer and subject", () => {
  const trust = described("coreweave-object-storage");
  const principal = `role/${ISSUER}:${SUBJECT}`;
  expect(trust.fields).toMatchObject({ clientId: "https://coreweave.com/iam", principal });
  expect(trust.documents["organization-access-policy"]).toMatchObject({
    version: "v1alpha1",
    statements: [
      { effect: "Allow", actions: ["cwobject:CreateAccessKeyOIDC"], resources: ["*"], principals: [principal] },
      { effect: "Allow", principals: [principal] },
    ],
  });
});

describe("databricks: the federation policy", () => {
  const policy = { issuer: ISSUER, audiences: ["my-account"], subject: SUBJECT };

  it("without keys where Databricks fetches them", () => {
    expect(described("databricks").documents).toEqual({ "federation-policy": { oidc_policy: policy } });
  });

  it("with the keys as text where it cannot", () => {
    expect(described("databricks", { keys: "upload" }).documents).toEqual({
      "federation-policy": { oidc_policy: { ...policy, jwks_json: JWKS } },
    });
  });
});

it("alibaba: the role's trust policy", () => {
  expect(described("alibaba").documents["trust-policy"]).toEqual({
    Version: "1",
    Statement: [
      {
        Effect: "Allow",
        Action: "sts:AssumeRole",
        Principal: { Federated: ["acs:ram::1234567890123456:oidc-provider/my-cluster"] },
        Condition: { StringEquals: { "oidc:iss": ISSUER, "oidc:aud": "sts.aliyuncs.com", "oidc:sub": SUBJECT } },
      },
    ],
  });
  expect(commandsOf(described("alibaba"))[0]).toContain("my-cluster");
});

it("vault: the JWT role binds audience and subject", () => {
  const commands = commandsOf(described("vault"));
  expect(commands[1]).toContain(`oidc_discovery_url=${ISSUER}`);
  expect(commands[2]?.slice(0, 7)).toEqual([
    ...["vault", "write", "auth/jwt/role/my-api", "role_type=jwt", "user_claim=sub"],
    "bound_audiences=https://vault.example.com",
    `bound_subject=${SUBJECT}`,
  ]);
});

it("mongodb: a workload provider, and a user called after provider and subject", () => {
  const [provider, user] = commandsOf(described("mongodb")).map((words) => words.join(" "));
  expect(provider).toContain(`--idpType WORKLOAD --issuerUri ${ISSUER} --audience https://mongodb.example.com`);
  expect(user).toContain(`--username <identity-provider-id>/${SUBJECT} --oidcType USER`);
});

it("stackit: both assertions", () => {
  expect(described("stackit").documents["federated-identity-provider"]).toMatchObject({
    assertions: [
      { item: "aud", operator: "equals", value: "sts.accounts.stackit.cloud" },
      { item: "sub", operator: "equals", value: SUBJECT },
    ],
  });
});

it.each([
  ["tailscale", { Issuer: "Custom issuer", "Issuer URL": ISSUER, Subject: SUBJECT, Tags: "tag:my-api" }],
  ["wandb", { "JWT issuer URL": ISSUER }],
  ["openai-codex", { "OIDC Issuer URL": ISSUER, "JWKS JSON": JWKS }],
] as const)("%s: the form", (name, form) => {
  expect(formsOf(described(name))[0]).toMatchObject(form);
});

it("a provider without a preset: what every service has to know", () => {
  const config = "providers: { mine: { token: { audience: my-audience } } }";
  const trust = describeTrust({ provider: "mine", config });
  expect(trust).toMatchObject({ preset: null, title: "mine", audience: "my-audience", subject: SUBJECT });
  expect(formsOf(trust)[0]).toEqual({
    "Issuer (iss)": ISSUER,
    "Keys (JWKS URL)": `${ISSUER}/openid/v1/jwks`,
    "Keys (JWKS)": JWKS,
    "Audience (aud)": "my-audience",
    "Subject (sub)": SUBJECT,
  });
});

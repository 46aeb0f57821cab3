import { readdirSync, readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { presetCatalog, presetsPage } from "../../scripts/generate-presets.ts";
import { trustSection } from "../../scripts/generate-trust.ts";
import { isPlainValue } from "../../src/configuration/names.ts";
import { patternProblem, valuePattern } from "../../src/configuration/value-pattern.ts";
import { presets } from "../../src/providers/catalog.generated.ts";
import type { JsonTemplate, Preset } from "../../src/providers/provider-spec.ts";

const REFERENCE = /\$\{([^}]*)\}/g;

const presetNamed = (name: string): Preset => {
  const found = presets.find((preset) => preset.name === name);
  if (found === undefined) throw new Error(`no preset ${name}`);
  return found;
};

const folder = (preset: Preset): string => preset.token.mountPath ?? `/var/run/secrets/podpass.dev/${preset.name}`;
const tokenFile = (preset: Preset): string => `${folder(preset)}/${preset.token.fileName ?? "token"}`;

/** A template with every parameter at its example; on purpose not the engine's own renderer. */
const filled = (preset: Preset, template: string): string =>
  template.replace(REFERENCE, (_, reference: string) => {
    if (reference === "token.file") return tokenFile(preset);
    if (reference.startsWith("file.")) return `${folder(preset)}/${reference.slice("file.".length)}`;
    return preset.parameters[reference.slice("parameter.".length)]?.example ?? `<${reference}>`;
  });

const filledJson = (preset: Preset, value: JsonTemplate): unknown =>
  JSON.parse(JSON.stringify(value), (_, leaf) => (typeof leaf === "string" ? filled(preset, leaf) : leaf));

const strings = (value: JsonTemplate): string[] => {
  if (typeof value === "string") return [value];
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(strings) : [];
};

/**
 * What the real SDKs read, written down by hand from runs of them, their source and the vendors' pages, with each
 * parameter at its example. Nothing here is taken from the presets.
 */
interface Documented {
  readonly audience: string;
  readonly token: string;
  readonly lifetime: readonly [min: number, max: number];
  readonly support: Preset["support"];
  readonly env: Readonly<Record<string, string>>;
  readonly shadowedBy?: readonly string[];
}

const UUID = "11111111-2222-3333-4444-555555555555";
const POOL = "projects/123456789012/locations/global/workloadIdentityPools/my-pool/providers/my-cluster";

const DOCUMENTED: Readonly<Record<string, Documented>> = {
  aws: {
    audience: "sts.amazonaws.com",
    token: "/var/run/secrets/eks.amazonaws.com/serviceaccount/token",
    lifetime: [600, 86400],
    support: "env",
    env: {
      AWS_ROLE_ARN: "arn:aws:iam::123456789012:role/my-api",
      AWS_WEB_IDENTITY_TOKEN_FILE: "/var/run/secrets/eks.amazonaws.com/serviceaccount/token",
      AWS_ROLE_SESSION_NAME: "my-api",
      AWS_REGION: "eu-west-1",
      AWS_DEFAULT_REGION: "eu-west-1",
    },
    shadowedBy: ["AWS_ACCESS_KEY_ID", "AWS_PROFILE"],
  },
  gcp: {
    audience: `https://iam.googleapis.com/${POOL}`,
    token: "/var/run/secrets/podpass.dev/gcp/token",
    lifetime: [600, 86400],
    support: "env+file",
    env: {
      GOOGLE_APPLICATION_CREDENTIALS: "/var/run/secrets/podpass.dev/gcp/credentials.json",
      CLOUDSDK_AUTH_CREDENTIAL_FILE_OVERRIDE: "/var/run/secrets/podpass.dev/gcp/credentials.json",
      GOOGLE_CLOUD_PROJECT: "my-project",
    },
  },
  azure: {
    audience: "api://AzureADTokenExchange",
    token: "/var/run/secrets/azure/tokens/azure-identity-token",
    lifetime: [3600, 86400],
    support: "env",
    env: {
      AZURE_CLIENT_ID: UUID,
      AZURE_TENANT_ID: "99999999-2222-3333-4444-555555555555",
      AZURE_FEDERATED_TOKEN_FILE: "/var/run/secrets/azure/tokens/azure-identity-token",
      AZURE_AUTHORITY_HOST: "https://login.microsoftonline.us/",
    },
    shadowedBy: ["AZURE_CLIENT_SECRET"],
  },
  openai: {
    audience: "https://api.openai.com/v1",
    token: "/var/run/secrets/tokens/token",
    lifetime: [600, 86400],
    support: "code",
    env: { OPENAI_IDENTITY_PROVIDER_ID: "idp_abc123", OPENAI_SERVICE_ACCOUNT_ID: "user-abc123" },
    shadowedBy: ["OPENAI_API_KEY"],
  },
  enkryptify: {
    audience: "enkryptify",
    token: "/var/run/secrets/tokens/token",
    lifetime: [600, 86400],
    support: "code",
    env: {
      ENKRYPTIFY_TOKEN_PATH: "/var/run/secrets/tokens/token",
      ENKRYPTIFY_API_URL: "https://api.enkryptify.com",
    },
  },
  "coreweave-object-storage": {
    audience: "https://coreweave.com/iam",
    token: "/var/run/secrets/podpass.dev/coreweave-object-storage/token",
    lifetime: [600, 86400],
    support: "env+file",
    env: {
      AWS_CONTAINER_CREDENTIALS_FULL_URI: "https://api.coreweave.com/v1/cwobject/temporary-credentials/oidc/abc123",
      AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: "/var/run/secrets/podpass.dev/coreweave-object-storage/token",
      AWS_REGION: "US-EAST-04A",
      AWS_DEFAULT_REGION: "US-EAST-04A",
      AWS_ENDPOINT_URL_S3: "http://cwlota.com",
      AWS_CONFIG_FILE: "/var/run/secrets/podpass.dev/coreweave-object-storage/aws-config",
    },
    shadowedBy: ["AWS_ACCESS_KEY_ID", "AWS_WEB_IDENTITY_TOKEN_FILE"],
  },
  anthropic: {
    audience: "https://api.anthropic.com",
    token: "/var/run/secrets/anthropic.com/token",
    lifetime: [600, 3600],
    support: "env",
    env: {
      ANTHROPIC_FEDERATION_RULE_ID: "fdrl_abc123",
      ANTHROPIC_ORGANIZATION_ID: UUID,
      ANTHROPIC_SERVICE_ACCOUNT_ID: "svac_abc123",
      ANTHROPIC_WORKSPACE_ID: "wrkspc_abc123",
      ANTHROPIC_IDENTITY_TOKEN_FILE: "/var/run/secrets/anthropic.com/token",
    },
    shadowedBy: ["ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN", "ANTHROPIC_PROFILE"],
  },
  "openai-codex": {
    audience: "https://api.openai.com/v1",
    token: "/var/run/secrets/openai.com/identity-token",
    lifetime: [600, 86400],
    support: "env",
    env: {
      OPENAI_FEDERATION_RULE_ID: "idpm_abc123",
      OPENAI_IDENTITY_TOKEN_FILE: "/var/run/secrets/openai.com/identity-token",
    },
  },
  databricks: {
    audience: UUID,
    token: "/var/run/secrets/podpass.dev/databricks/token",
    lifetime: [600, 86400],
    support: "env",
    env: {
      DATABRICKS_HOST: "https://dbc-12345678-9abc.cloud.databricks.com",
      DATABRICKS_AUTH_TYPE: "file-oidc",
      DATABRICKS_OIDC_TOKEN_FILEPATH: "/var/run/secrets/podpass.dev/databricks/token",
      DATABRICKS_CLIENT_ID: "22222222-3333-4444-5555-666666666666",
      DATABRICKS_ACCOUNT_ID: "33333333-4444-5555-6666-777777777777",
    },
    shadowedBy: ["DATABRICKS_TOKEN"],
  },
  wandb: {
    audience: "https://api.wandb.ai",
    token: "/var/run/secrets/podpass.dev/wandb/token",
    lifetime: [600, 86400],
    support: "env",
    env: {
      WANDB_IDENTITY_TOKEN_FILE: "/var/run/secrets/podpass.dev/wandb/token",
      WANDB_CREDENTIALS_FILE: "/scratch/wandb-credentials.json",
      WANDB_BASE_URL: "https://wandb.example.com",
    },
    shadowedBy: ["WANDB_API_KEY"],
  },
  tailscale: {
    audience: "api.tailscale.com/kAbc123CNTRL",
    token: "/var/run/secrets/podpass.dev/tailscale/token",
    lifetime: [600, 86400],
    support: "env",
    env: {
      TS_CLIENT_ID: "kAbc123CNTRL",
      TS_ID_TOKEN: "file:/var/run/secrets/podpass.dev/tailscale/token",
      TS_EXTRA_ARGS: "--advertise-tags=tag:my-api,tag:production",
    },
    shadowedBy: ["TS_AUTHKEY", "TS_AUDIENCE"],
  },
  alibaba: {
    audience: "sts.aliyuncs.com",
    token: "/var/run/secrets/ack.alibabacloud.com/rrsa-tokens/token",
    lifetime: [600, 43200],
    support: "env",
    env: {
      ALIBABA_CLOUD_ROLE_ARN: "acs:ram::1234567890123456:role/my-api",
      ALIBABA_CLOUD_OIDC_PROVIDER_ARN: "acs:ram::1234567890123456:oidc-provider/my-cluster",
      ALIBABA_CLOUD_OIDC_TOKEN_FILE: "/var/run/secrets/ack.alibabacloud.com/rrsa-tokens/token",
      ALIBABA_CLOUD_ROLE_SESSION_NAME: "my-api",
      ALIBABA_CLOUD_STS_REGION: "eu-central-1",
      ALIBABA_CLOUD_STS_ENDPOINT: "sts-vpc.eu-central-1.aliyuncs.com",
      ALIBABA_CLOUD_VPC_ENDPOINT_ENABLED: "true",
    },
  },
  stackit: {
    audience: "sts.accounts.stackit.cloud",
    token: "/var/run/secrets/stackit.cloud/serviceaccount/token",
    lifetime: [600, 86400],
    support: "env",
    env: {
      STACKIT_SERVICE_ACCOUNT_EMAIL: "my-api-1a2b3c4d@sa.stackit.cloud",
      STACKIT_FEDERATED_TOKEN_FILE: "/var/run/secrets/stackit.cloud/serviceaccount/token",
      STACKIT_IDP_TOKEN_ENDPOINT: "https://accounts.stackit.cloud/oauth/v2/token",
      STACKIT_IDP_TOKEN_EXPIRATION_SECONDS: "3600",
    },
  },
  vault: {
    audience: "https://vault.example.com",
    token: "/var/run/secrets/podpass.dev/vault/token",
    lifetime: [600, 86400],
    support: "code",
    env: {
      VAULT_ADDR: "https://vault.example.com:8200",
      VAULT_ROLE: "my-api",
      VAULT_JWT_PATH: "/var/run/secrets/podpass.dev/vault/token",
    },
    shadowedBy: ["VAULT_TOKEN"],
  },
  mongodb: {
    audience: "https://mongodb.example.com",
    token: "/var/run/secrets/podpass.dev/mongodb/token",
    lifetime: [600, 86400],
    support: "code",
    env: { AZURE_FEDERATED_TOKEN_FILE: "/var/run/secrets/podpass.dev/mongodb/token" },
  },
};

describe("what the SDKs read", () => {
  it("is written down for every preset", () => {
    expect(presets.map((preset) => preset.name)).toEqual(Object.keys(DOCUMENTED).sort());
  });

  it.each(Object.entries(DOCUMENTED))("%s", (name, documented) => {
    const preset = presetNamed(name);
    expect(filled(preset, preset.token.audience)).toBe(documented.audience);
    expect(tokenFile(preset)).toBe(documented.token);
    const [min, max] = documented.lifetime;
    expect(preset.token.expirationSeconds).toEqual({ default: 3600, min, max });
    expect(preset.support).toBe(documented.support);
    const env = Object.entries(preset.env).map(([key, value]) => [key, filled(preset, value)]);
    expect(Object.fromEntries(env)).toEqual(documented.env);
    for (const variable of documented.shadowedBy ?? []) expect(preset.shadowedBy).toContain(variable);
  });

  it("gcp: the external_account file, whose audience has no scheme", () => {
    const gcp = presetNamed("gcp");
    expect(gcp.files?.map((file) => file.name)).toEqual(["credentials.json"]);
    expect(filledJson(gcp, gcp.files?.[0]?.json ?? null)).toEqual({
      type: "external_account",
      audience: `//iam.googleapis.com/${POOL}`,
      subject_token_type: "urn:ietf:params:oauth:token-type:jwt",
      token_url: "https://sts.googleapis.com/v1/token",
      service_account_impersonation_url:
        "https://iamcredentials.googleapis.com/v1/projects/-/serviceAccounts/my-api@my-project.iam.gserviceaccount.com:generateAccessToken",
      credential_source: { file: "/var/run/secrets/podpass.dev/gcp/token", format: { type: "text" } },
    });
  });

  it("coreweave-object-storage: the AWS configuration for boto3, only when asked for", () => {
    expect(presetNamed("coreweave-object-storage").files).toEqual([
      {
        name: "aws-config",
        text: "[default]\ns3 =\n  addressing_style = virtual\n",
        when: { "addressing-style": "virtual" },
      },
    ]);
  });

  it.each(["aws", "coreweave-object-storage"])("%s: both regions or neither", (name) => {
    expect(presetNamed(name).envTogether).toEqual([["AWS_REGION", "AWS_DEFAULT_REGION"]]);
  });

  it.each([
    ["aws", "coreweave-object-storage"],
    ["mongodb", "azure"],
  ])("%s and %s fight in one container", (one, other) => {
    expect(presetNamed(one).conflictsWith).toContain(other);
  });

  it.each(["anthropic", "openai-codex"])("%s: says that replay prevention must stay off", (name) => {
    expect(presetNamed(name).notes?.join(" ")).toContain("Do not enable assertion replay prevention");
  });
});

const PARAMETERS = presets.flatMap((preset) =>
  Object.entries(preset.parameters).map(([key, spec]) => ({ label: `${preset.name} ${key}`, preset, key, spec })),
);

describe("what a parameter accepts", () => {
  const accepts = (name: string, key: string, value: string): boolean =>
    valuePattern(presetNamed(name).parameters[key]?.pattern ?? "").matches(value);

  it.each([
    ["aws", "role-arn", "arn:aws-us-gov:iam::123456789012:role/service-role/my.api+1"],
    ["gcp", "project-id", "example.com:my-project"],
    ["gcp", "service-account-email", "123456789012-compute@developer.gserviceaccount.com"],
    ["azure", "tenant-id", "contoso.onmicrosoft.com"],
    ["azure", "authority-host", "https://localhost:8443"],
    ["openai", "service-account-id", "svc_acct_abc123"],
    ["enkryptify", "api-url", "http://127.0.0.1:8080"],
    ["coreweave-object-storage", "endpoint", "https://cwobject.com"],
    ["anthropic", "workspace-id", "default"],
    ["databricks", "host", "adb-1234567890123456.7.azuredatabricks.net"],
    ["tailscale", "advertise-tags", "tag:k8s"],
  ])("%s %s: %s", (name, key, value) => expect(accepts(name, key, value)).toBe(true));

  it.each([
    ["aws", "role-arn", "my-api"],
    ["gcp", "workload-identity-provider", `//iam.googleapis.com/${POOL}`],
    ["gcp", "workload-identity-provider", POOL.replace("123456789012", "my-project")],
    ["gcp", "project-id", "123456789012"],
    ["azure", "client-id", "my-app"],
    ["azure", "authority-host", "http://login.microsoftonline.com/"],
    ["openai", "identity-provider-id", "idpm_abc123"],
    ["openai-codex", "federation-rule-id", "idp_abc123"],
    ["coreweave-object-storage", "organization-id", "../elsewhere"],
    ["anthropic", "federation-rule-id", "svac_abc123"],
    ["anthropic", "workspace-id", "workspace"],
    ["alibaba", "role-arn", "my-api"],
    ["vault", "address", "https://user@vault.example.com"],
    ["tailscale", "advertise-tags", "tag:a --advertise-routes=0.0.0.0/0"],
  ])("%s %s: not %s", (name, key, value) => expect(accepts(name, key, value)).toBe(false));

  it.each(PARAMETERS)("$label: its example and its default", ({ spec }) => {
    const text = spec.pattern ?? "";
    expect(patternProblem(text)).toBeUndefined();
    // A configuration that changes neither does not look at them again.
    for (const value of [spec.example ?? "", spec.default ?? spec.example ?? ""])
      expect(valuePattern(text).matches(value)).toBe(true);
    expect(spec.value).toBeUndefined();
    expect(spec.description).toMatch(/^[A-Z].*\.$/);
  });

  it.each(PARAMETERS)("$label: decides on the longest value at once", ({ spec }) => {
    const pattern = valuePattern(spec.pattern ?? "");
    const example = spec.example ?? "";
    const hostile = ["a", "-a", "a.", "0", "/a", "a@", ":a", ",tag:", example, example.slice(-2)].flatMap((unit) => [
      `${unit.repeat(1024).slice(0, 1023)} `,
      `${example}${unit.repeat(1024)}`.slice(0, 1023).concat(" "),
    ]);
    const start = performance.now();
    for (const value of hostile) expect(pattern.matches(value)).toBe(false);
    expect(performance.now() - start).toBeLessThan(250);
  });

  // What people test a pattern with is often the other engine.
  it.each(PARAMETERS)("$label: the same as ECMAScript would, nearly matching or not", ({ spec }) => {
    const text = spec.pattern ?? "";
    const [re2, ecmaScript] = [valuePattern(text), new RegExp(`^(?:${text})$`, "u")];
    const odd = [..."aZ0_-./:@,+=#? \u00a0\u2028\u3000\ufeff\u200bé١ſK😀", "\ud800", "//", "role/", "true"];
    const near = fc
      .tuple(
        fc.oneof(fc.constant(spec.example ?? ""), fc.stringMatching(ecmaScript)),
        fc.array(
          fc.record({ at: fc.nat(80), out: fc.nat(3), put: fc.oneof(fc.constantFrom(...odd, ""), fc.string()) }),
          { maxLength: 3 },
        ),
      )
      .map(([value, edits]) =>
        edits.reduce((text, { at, out, put }) => text.slice(0, at) + put + text.slice(at + out), value),
      );
    fc.assert(
      fc.property(near.filter(isPlainValue), (value) => {
        expect(re2.matches(value)).toBe(ecmaScript.test(value));
      }),
      { numRuns: 300 },
    );
  });
});

describe.each(presets)("invariants of $name", (preset) => {
  const files = preset.files ?? [];
  const env = Object.entries(preset.env);

  it("has names that Kubernetes takes", () => {
    expect(preset.name).toMatch(/^(?=.{1,40}$)[a-z0-9]([a-z0-9-]*[a-z0-9])?$/);
    for (const name of Object.keys(preset.parameters))
      expect(name).toMatch(/^(?=.{1,63}$)[a-z0-9]([a-z0-9-]*[a-z0-9])?$/);
    for (const { name } of files) expect(name).toMatch(/^(?=.{1,63}$)[A-Za-z0-9]([-\w.]*[A-Za-z0-9])?$/);
    for (const [name] of env) expect(name).toMatch(/^[A-Z][A-Z0-9_]*$/);
    expect(tokenFile(preset)).toMatch(/^(\/[a-z0-9][a-z0-9.-]*)+$/);
  });

  it("has no parameter called like a key of an annotation or like a file", () => {
    const taken = ["federate", "inject", "injected", "skip-containers", "only-containers", "expiration-seconds"];
    const names = new Set([...taken, "audience", ...files.map((file) => file.name)]);
    expect(Object.keys(preset.parameters).filter((name) => names.has(name))).toEqual([]);
  });

  it("refers to what there is, and uses every parameter", () => {
    const fileTexts = files.flatMap((file) => [file.text ?? "", ...strings(file.json ?? null)]);
    const templates = [preset.token.audience, ...env.map(([, value]) => value), ...fileTexts];
    const used = templates.flatMap((text) => [...text.matchAll(REFERENCE)].map((match) => match[1] ?? ""));
    const known = [
      ...Object.keys(preset.parameters).map((name) => `parameter.${name}`),
      ...files.map((file) => `file.${file.name}`),
      "token.file",
      "token.audience",
    ];
    expect(used.filter((reference) => !known.includes(reference))).toEqual([]);
    const conditions = files.flatMap((file) => Object.keys(file.when ?? {}).map((name) => `parameter.${name}`));
    const needed = known.filter((reference) => !reference.startsWith("token."));
    expect(needed.filter((reference) => ![...used, ...conditions].includes(reference))).toEqual([]);
  });

  it("knows its audience before the token", () => {
    const inAudience = [...preset.token.audience.matchAll(REFERENCE)].map((match) => match[1] ?? "");
    for (const reference of inAudience) {
      expect(reference).toMatch(/^parameter\./);
      expect(preset.parameters[reference.slice("parameter.".length)]?.required).toBe(true);
    }
  });

  it("lets only the platform say where a token is sent", () => {
    const urls = Object.entries(preset.parameters).filter(
      ([name, { example = "" }]) =>
        /^https?:/.test(example) || /^sts-|(^|-)(host|url|endpoint|address|audience)$/.test(name),
    );
    for (const [name, spec] of urls) expect([name, spec.scope]).toEqual([name, "platform"]);
  });

  it("has files of one kind each, and its own path where it has files", () => {
    for (const file of files) expect([file.json, file.text].filter((body) => body !== undefined)).toHaveLength(1);
    expect(preset.support === "env+file").toBe(files.length > 0);
    if (files.length > 0) expect(preset.token.mountPath).toBeUndefined();
  });

  it("has a lifetime that Kubernetes grants", () => {
    const { default: usual = 0, min = 0, max = 0 } = preset.token.expirationSeconds ?? {};
    expect([600, min, usual, max, 86400]).toEqual([600, min, usual, max, 86400].sort((a, b) => a - b));
  });

  it("conflicts both ways, with presets that exist", () => {
    for (const other of preset.conflictsWith ?? []) expect(presetNamed(other).conflictsWith).toContain(preset.name);
  });

  it("names no variable of its own as a shadow or twice", () => {
    expect((preset.shadowedBy ?? []).filter((name) => Object.hasOwn(preset.env, name))).toEqual([]);
    for (const name of preset.envTogether?.flat() ?? []) expect(Object.keys(preset.env)).toContain(name);
  });

  it("says what it says in sentences, with a page of the vendor", () => {
    for (const text of [preset.description, ...(preset.notes ?? []), ...(preset.unverified ?? [])])
      expect(text).toMatch(/^[A-Z].*\.$/u);
    expect(preset.documentation).toMatch(/^https:\/\/[a-z.]+\/\S+$/);
  });
});

describe("generated text", () => {
  const root = new URL("../../src/providers/", import.meta.url);

  it("the catalogue is that of the folder", () => {
    const written = readFileSync(new URL("catalog.generated.ts", root), "utf8");
    expect(written, "stale: run node scripts/generate.ts").toBe(presetCatalog(readdirSync(new URL("presets/", root))));
  });

  it("each file is called like its preset", () => {
    const names = readdirSync(new URL("presets/", root)).map((file) => file.replace(/\.ts$/, ""));
    expect(presets.map((preset) => preset.name)).toEqual(names.sort());
  });

  it("the page has a section, a row and an example for each preset", () => {
    const page = presetsPage(presets, trustSection);
    for (const { name, env } of presets) {
      expect(page).toContain(`| [${name}](#${name}) |`);
      expect(page).toContain(`\n## ${name}\n`);
      expect(page).toContain(`podpass.dev/federate: ${name}\n`);
      for (const variable of Object.keys(env)) expect(page).toContain(`| \`${variable}\` |`);
    }
  });

  it("the page shows what the platform has to set first", () => {
    const page = presetsPage([presetNamed("databricks")], trustSection);
    expect(page).toContain("      token-audience:\n        value: 11111111-2222-3333-4444-555555555555");
    expect(page).toContain("On the ServiceAccount (`client-id`, `account-id`: if needed):");
  });

  it.each(presets)("the page says all that $title must be told", (preset) => {
    const section = trustSection(preset);
    for (const { title } of preset.trust.steps) expect(section).toContain(`. ${title}**`);
    for (const name of Object.keys(preset.trust.documents ?? {}))
      expect(section).toContain(`The document \`${name}\`:`);
    for (const sentence of preset.trust.unverified ?? []) expect(section).toContain(`- ${sentence}`);
    expect(section).toContain("`system:serviceaccount:production:my-api`");
    expect(section).not.toMatch(/undefined|\$\{/);
  });

  it("the page shows both ways to hand over the keys where the service leaves a choice", () => {
    const section = trustSection(presetNamed("gcp"));
    expect(section).toContain("Only where the keys are handed over.");
    expect(section).toMatch(
      /Where the service fetches the keys:[\s\S]*Where the keys are handed over:[\s\S]*--jwk-json-path/,
    );
    expect(section).toContain("Only without `service-account-email`.");
  });

  it("no pipe of a pattern ends a cell of a table", () => {
    const rows = presetsPage(presets, trustSection).matchAll(/^\| `.*$/gm);
    const widths = [...rows].map(([row]) => row.split(/(?<!\\)\|/).length - 2);
    expect(new Set(widths)).toEqual(new Set([2, 6]));
  });
});

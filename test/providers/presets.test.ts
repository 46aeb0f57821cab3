import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { presetCatalog, presetsPage } from "../../scripts/generate-presets.ts";
import { trustSection } from "../../scripts/generate-trust.ts";
import { isPlainValue } from "../../src/configuration/names.ts";
import { patternProblem, valuePattern } from "../../src/configuration/value-pattern.ts";
import { presets } from "../../src/providers/catalog.generated.ts";
import { showFile } from "../../src/providers/file-template.ts";
import type { ConditionalEnv, JsonTemplate, Preset } from "../../src/providers/provider-spec.ts";
import { kubernetesVersions, versionFolder } from "../cluster/controlplane/versions.ts";
import { goModules } from "../e2e/go-programs.ts";
import { classPaths } from "../e2e/java-artifacts.ts";
import { packages as pythonPackages } from "../e2e/python.ts";
import { envOf, inject, podWith } from "../support/pods.ts";
import { workMs } from "../support/thread-time.ts";
import { DOCUMENTED, POOL } from "./documented.ts";

const REFERENCE = /\$\{([^}]*)\}/g;

const presetNamed = (name: string): Preset => {
  const found = presets.find((preset) => preset.name === name);
  if (found === undefined) throw new Error(`no preset ${name}`);
  return found;
};

const folder = (preset: Preset): string => preset.token.mountPath ?? `/var/run/secrets/podpass.dev/${preset.name}`;
const tokenFile = (preset: Preset): string => `${folder(preset)}/${preset.token.fileName ?? "token"}`;

const templateOf = (variable: string | ConditionalEnv): string =>
  typeof variable === "string" ? variable : variable.value;

// What kubectl and the control plane are built from.
const clusterModules = readFileSync(join(versionFolder(kubernetesVersions().at(-1) ?? ""), "go.mod"), "utf8")
  .split("\n")
  .map((line) => line.trim().split(" ").slice(0, 2));
const allGoModules = [...goModules, ...clusterModules.map(([module, version]) => `${module}@${version}`)];

const javaArtifacts = Object.values(classPaths).flat();

/** Where a token lies that has files beside it. */
const ownFolder = (preset: Preset): string => `/var/run/secrets/podpass.dev/${preset.name}`;

const exampleOf = (preset: Preset, reference: string): string | undefined =>
  preset.parameters[reference.slice("parameter.".length)]?.example;

/** A template with every parameter at its example; on purpose not the engine's own renderer. */
const filled = (preset: Preset, template: string, from = folder(preset)): string =>
  template.replace(REFERENCE, (_, reference: string) => {
    if (reference === "token.file") return `${from}/${preset.token.fileName ?? "token"}`;
    if (reference === "token.dir") return from;
    if (reference === "subject") return "system:serviceaccount:production:my-api";
    if (reference === "serviceAccount.name") return "my-api";
    if (reference === "serviceAccount.namespace") return "production";
    if (reference.startsWith("file.")) return `${ownFolder(preset)}/${reference.slice("file.".length)}`;
    return exampleOf(preset, reference) ?? `<${reference}>`;
  });

const filledJson = (preset: Preset, value: JsonTemplate): unknown =>
  JSON.parse(JSON.stringify(value), (_, leaf) => (typeof leaf === "string" ? filled(preset, leaf) : leaf));

const strings = (value: JsonTemplate): string[] => {
  if (typeof value === "string") return [value];
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(strings) : [];
};

describe("what the SDKs read", () => {
  it("is written down for every preset", () => {
    expect(presets.map((preset) => preset.name)).toEqual(Object.keys(DOCUMENTED).sort());
  });

  it.each(Object.entries(DOCUMENTED))("%s", (name, documented) => {
    const preset = presetNamed(name);
    expect(filled(preset, preset.token.audience)).toBe(documented.audience);
    expect(tokenFile(preset)).toBe(documented.token);
    const [min, max, standard = 3600] = documented.lifetime;
    expect(preset.token.expirationSeconds).toEqual({ default: standard, min, max });
    expect(preset.support).toBe(documented.support);
    const env = Object.entries(preset.env).map(([key, value]) => [key, filled(preset, templateOf(value))]);
    expect(Object.fromEntries(env)).toEqual(documented.env);
    const { shadowedBy = [], shadowedEvenEmpty = [], displaces = [] } = preset;
    expect(shadowedBy).toEqual(expect.arrayContaining([...(documented.shadowedBy ?? [])]));
    expect(shadowedEvenEmpty).toEqual(expect.arrayContaining([...(documented.shadowedEvenEmpty ?? [])]));
    expect(displaces).toEqual(expect.arrayContaining([...(documented.displaces ?? [])]));
    expect(preset.chosenBy).toEqual(documented.chosenBy);
  });

  it.each(Object.entries(DOCUMENTED))("%s: its files, filled in", (name, { files = {} }) => {
    const preset = presetNamed(name);
    const own = (preset.files ?? []).map((file) => [
      `${ownFolder(preset)}/${file.name}`,
      file.json === undefined ? filled(preset, showFile(file), ownFolder(preset)) : filledJson(preset, file.json),
    ]);
    expect(Object.fromEntries(own)).toEqual(files);
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

  it("gcp: no project beside the one that the container has under the other name", () => {
    const own = { "workload-identity-provider": POOL, "project-id": "our-project" };
    const account = {
      "podpass.dev/federate": "gcp",
      ...Object.fromEntries(Object.entries(own).map(([name, value]) => [`gcp.podpass.dev/${name}`, value])),
    };
    const of = podWith({ env: [{ name: "GCLOUD_PROJECT", value: "theirs" }] });
    const once = inject({ account, pod: of });
    expect(envOf(once)).toMatchObject({ GCLOUD_PROJECT: "theirs", CLOUDSDK_CORE_PROJECT: "our-project" });
    expect(envOf(once)).not.toHaveProperty("GOOGLE_CLOUD_PROJECT");
  });

  it.each([
    ["aws", "coreweave-object-storage"],
    ["s3-sts", "aws"],
    ["mongodb", "azure"],
    ["litellm", "openai-codex"],
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
    ["aws", "target-role-arn", "arn:aws-cn:iam::210987654321:role/a/b"],
    ["azure-terraform", "tenant-id", "contoso.onmicrosoft.com"],
    ["conjur", "host-id", "host/apps/system:serviceaccount:production:my-api"],
    ["conjur", "service-id", "a/b"],
    ["hcp", "project-id", "11111111-2222-3333-4444-555555555555"],
    ["huawei-cloud", "agency-urn", "iam::abc:agency:team/my.api"],
    ["kafka-strimzi", "token-endpoint-uri", "http://localhost:8080/token"],
    ["keycloak", "realm-url", "https://auth.example.com/realms/my-realm"],
    ["keycloak", "realm-url", "https://auth.example.com"],
    ["keycloak", "client-id", "https://my-api.example.com/{team}"],
    ["kubernetes", "server", "https://10.0.0.1:6443"],
    ["kubernetes", "certificate-authority-data", "A".repeat(4096)],
    ["nebius", "service-account-id", "serviceaccount-e00abc123"],
    ["s3-sts", "role-arn", "arn:aws:iam::my_tenant:role/team/my-api"],
    ["snowflake", "account", "xy12345.eu-central-1"],
    ["teleport", "cluster-name", "example.teleport.sh"],
    ["tencent", "role-arn", "qcs::cam::uin/1:role/tke-my-api"],
    ["thalassa", "organisation-id", "o-abc123"],
    ["volcengine", "role-trn", "trn:iam::2100000000:role/team/my-api"],
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
    ["aws", "target-role-arn", "their-role"],
    ["azure-terraform", "subscription-id", "my-subscription"],
    ["conjur", "appliance-url", "http://conjur.example.com"],
    ["conjur", "host-id", "my-api"],
    ["hcp", "provider-resource-name", "iam/project/p/workload-identity-provider/my-cluster"],
    ["huawei-cloud", "agency-urn", "my agency"],
    ["huawei-cloud", "sts-endpoint", "https://sts.myhuaweicloud.com@evil.example.com"],
    ["kafka-strimzi", "token-endpoint-uri", "https://a@b/token"],
    ["keycloak", "realm-url", "http://auth.example.com/realms/my-realm"],
    ["keycloak", "realm-url", "https://auth.example.com/realms/my-realm/"],
    ["keycloak", "realm-url", "https://auth.example.com/realms/${HOME}"],
    ["keycloak", "client-id", "${DATABASE_PASSWORD}"],
    ["keycloak", "client-id", "my-api$$"],
    ["kubernetes", "server", "http://10.0.0.1:8080"],
    ["kubernetes", "certificate-authority-data", "-----BEGIN CERTIFICATE-----"],
    ["nebius", "service-account-id", "my account"],
    ["s3-sts", "role-arn", "arn:aws:s3:::my-bucket"],
    ["snowflake", "account", "evil.example.com/x"],
    ["snowflake", "role", 'R"'],
    ["teleport", "cluster-name", "example.teleport.sh:443"],
    ["tencent", "role-arn", "arn:aws:iam::123456789012:role/my-api"],
    ["thalassa", "organisation-id", "o/abc123"],
    ["volcengine", "sts-endpoint", "https://sts.volcengineapi.com"],
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
    const decide = () => expect(hostile.filter((value) => pattern.matches(value))).toEqual([]);
    expect(workMs(decide)).toBeLessThan(250);
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
    const fileTexts = files.flatMap((file) => [
      file.text ?? "",
      ...strings(file.json ?? file.toml ?? file.ini ?? null),
    ]);
    const templates = [preset.token.audience, ...env.map(([, value]) => templateOf(value)), ...fileTexts];
    const used = templates.flatMap((text) => [...text.matchAll(REFERENCE)].map((match) => match[1] ?? ""));
    const known = [
      ...Object.keys(preset.parameters).map((name) => `parameter.${name}`),
      ...files.map((file) => `file.${file.name}`),
      "token.file",
      "token.dir",
      "token.audience",
      "subject",
      "serviceAccount.name",
      "serviceAccount.namespace",
    ];
    expect(used.filter((reference) => !known.includes(reference))).toEqual([]);
    const conditions = [...files, ...env.flatMap(([, value]) => (typeof value === "string" ? [] : [value]))].flatMap(
      ({ when = {} }) => Object.keys(when).map((name) => `parameter.${name}`),
    );
    // A variable may name the directory, and the program the file in it.
    const kinds = used.includes("token.dir") ? /^parameter\./ : /^(parameter|file)\./;
    const needed = known.filter((reference) => kinds.test(reference));
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

  it("lets no ServiceAccount choose its audience freely, or whoever writes one could have a token for anybody", () => {
    const [, alone] = /^\$\{parameter\.([^}]*)\}$/.exec(preset.token.audience) ?? [];
    if (alone === undefined) expect(preset.token.audience.replace(/\$\{[^}]*\}/g, "")).toMatch(/[a-z]{4}/);
    else expect(preset.parameters[alone]).toMatchObject({ scope: "platform", required: true });
  });

  it("has files of one kind each, and its own path where it has files", () => {
    for (const file of files)
      expect([file.json, file.toml, file.ini, file.text].filter((body) => body !== undefined)).toHaveLength(1);
    const always = files.filter(({ when }) => when === undefined);
    if (preset.support === "env+file") expect(files).not.toEqual([]);
    if (always.length > 0) expect(preset).toMatchObject({ support: "env+file" });
    if (always.length > 0) expect(preset.token.mountPath).toBeUndefined();
  });

  it("has a lifetime that Kubernetes grants", () => {
    const { default: usual = 0, min = 0, max = 0 } = preset.token.expirationSeconds ?? {};
    expect([600, min, usual, max, 86400]).toEqual([600, min, usual, max, 86400].sort((a, b) => a - b));
  });

  it("conflicts both ways, with presets that exist", () => {
    for (const other of preset.conflictsWith ?? []) expect(presetNamed(other).conflictsWith).toContain(preset.name);
  });

  it("names no variable of its own as a shadow or twice", () => {
    const { shadowedBy = [], shadowedEvenEmpty = [], displaces = [] } = preset;
    const conditional = files.filter(({ when }) => when !== undefined).map(({ name }) => `\${file.${name}}`);
    // Where it is not set, it may be one of those that hide the identity.
    const isAlways = (value: string | ConditionalEnv) => typeof value === "string" && !conditional.includes(value);
    const own = env.filter(([, value]) => isAlways(value)).map(([name]) => name);
    const named = [...own, ...shadowedBy, ...displaces];
    expect(named.filter((name, index) => named.indexOf(name) !== index)).toEqual([]);
    expect(shadowedEvenEmpty.filter((name) => !shadowedBy.includes(name))).toEqual([]);
    for (const group of preset.envTogether ?? [])
      expect(group.some((name) => Object.hasOwn(preset.env, name))).toBe(true);
    // With a reference in it, the variable would say more than which method is meant.
    for (const name of preset.chosenBy ?? []) expect(preset.env[name]).toMatch(/^[^$]+$/);
  });

  it("was seen with the versions that the tests run", () => {
    const { dependencies, devDependencies } = JSON.parse(
      readFileSync(new URL("../../package.json", import.meta.url), "utf8"),
    );
    const versions = { ...dependencies, ...devDependencies };
    for (const { registry, sdk, version } of preset.seenWith ?? [])
      if (registry === "npm") expect([sdk, versions[sdk]]).toEqual([sdk, version]);
      else if (registry === "Go") expect(allGoModules).toContain(`${sdk.replace(/\/cmd\/.*$/u, "")}@v${version}`);
      else if (registry === "Maven")
        expect(javaArtifacts).toContainEqual(expect.objectContaining({ id: sdk, version }));
      else expect(pythonPackages).toContain(`${sdk}==${version}`);
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
    for (const { name, env, seenWith = [], displaces = [] } of presets) {
      for (const { sdk, version } of seenWith) expect(page).toContain(`\`${sdk}\` ${version}`);
      for (const variable of displaces) expect(page).toContain(`\`${variable}\``);
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

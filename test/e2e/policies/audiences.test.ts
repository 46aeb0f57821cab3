import { beforeAll, describe, expect, it } from "vitest";
import { compileConfiguration } from "../../../src/configuration/compile.ts";
import type { ConfigurationFile } from "../../../src/configuration/schema.ts";
import { judge } from "../../../src/decision/judge.ts";
import { createServiceAccount, describeOnCluster, useCluster } from "../../cluster/harness.ts";
import { enforce, judgePod, type PodCase, policiesOf, token } from "./pods.ts";

const CONFIGURATION: Partial<ConfigurationFile> = {
  providers: {
    aws: { preset: "aws" },
    openai: { preset: "openai", allowedNamespaces: ["production", "team-*"] },
    gcp: { preset: "gcp" },
    databricks: { preset: "databricks" },
    star: { token: { audience: "literal*star" } },
    two: {
      token: { audience: "two/${parameter.a}/${parameter.b}" },
      parameters: { a: { default: "usual" }, b: {}, c: { required: true }, d: { value: "fixed" } },
    },
    region: {
      token: { audience: "region-${parameter.region}" },
      parameters: { region: { default: "eu", pattern: "[a-z]{2}" } },
      allowedNamespaces: ["team-*", "default"],
    },
  },
  policy: {
    tokens: { audiences: { allow: ["https://internal.example.com", "https://*.corp.example.com/*", "a.b*"] } },
  },
};
const compiled = compileConfiguration(CONFIGURATION);
if (!compiled.ok) throw new Error(JSON.stringify(compiled.problems));
const { settings } = compiled;

const POOL = "projects/1/locations/global/workloadIdentityPools/p/providers/x";
const GOOGLE = "https://iam.googleapis.com/";

const key = (provider: string, name: string): string => `${provider}.podpass.dev/${name}`;
const ACCOUNTS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  plain: {},
  // Names nothing, but has the parameter.
  sets: { [key("gcp", "workload-identity-provider")]: POOL },
  gcp: { "podpass.dev/federate": " aws ,gcp", [key("gcp", "workload-identity-provider")]: POOL },
  blank: { "podpass.dev/federate": "gcp", [key("gcp", "workload-identity-provider")]: " \u0085" },
  "bad-pool": { "podpass.dev/federate": "gcp", [key("gcp", "workload-identity-provider")]: "evil" },
  "bad-mail": {
    "podpass.dev/federate": "gcp",
    [key("gcp", "workload-identity-provider")]: POOL,
    [key("gcp", "service-account-email")]: "nobody",
  },
  "bad-seconds": {
    "podpass.dev/federate": "gcp",
    [key("gcp", "workload-identity-provider")]: POOL,
    [key("gcp", "expiration-seconds")]: "1h",
  },
  annotated: {
    "podpass.dev/federate": "gcp",
    [key("gcp", "workload-identity-provider")]: POOL,
    [key("gcp", "audience")]: "https://elsewhere.example.com",
  },
  "bad-audience": {
    "podpass.dev/federate": "gcp",
    [key("gcp", "workload-identity-provider")]: POOL,
    [key("gcp", "audience")]: "a\nb",
  },
  many: {
    "podpass.dev/federate": `gcp${",aws".repeat(32)}`,
    [key("gcp", "workload-identity-provider")]: POOL,
  },
  filtered: {
    "podpass.dev/federate": "gcp",
    "podpass.dev/skip-containers": Array.from({ length: 1001 }, (_, index) => `c${index}`).join(","),
    [key("gcp", "workload-identity-provider")]: POOL,
  },
  two: { "podpass.dev/federate": "two", [key("two", "b")]: "x*y", [key("two", "c")]: "there" },
  "two-without-c": { "podpass.dev/federate": "two", [key("two", "b")]: "x" },
  region: { "podpass.dev/federate": "region", [key("region", "region")]: "us" },
  "bad-region": { "podpass.dev/federate": "region", [key("region", "region")]: "usa" },
};

interface AudienceCase extends PodCase {
  readonly audience: string | null | undefined;
}

const one = (audience: string | null | undefined, account: string, refused?: RegExp): AudienceCase => ({
  what: `of ${account} with ${JSON.stringify(audience)}`,
  audience,
  account,
  volumes: [token(audience)],
  ...(refused && { refused }),
});

const refusal = (audience: string): RegExp =>
  new RegExp(
    `pod default/pod-[a-z0-9]+, volume "vault", path "t": serviceAccountToken.audience is ${audience}; allowed: the API server's own, "https://internal.example.com", .*\\(policy.tokens.audiences\\)$`,
  );
const SHOWN = /serviceAccountToken.audience is "/;
const HIDDEN = /serviceAccountToken.audience is a text of \d+ characters that cannot be shown; allowed: /;

const CASES: readonly AudienceCase[] = [
  one(undefined, "plain"),
  one(null, "plain"),
  one("", "plain"),
  one("https://internal.example.com", "plain"),
  one("https://internal.example.com ", "plain", SHOWN),
  one(" ", "plain", refusal('" "')),
  one("https://internal.example.community", "plain", SHOWN),
  one("https://x.corp.example.com/", "plain"),
  one("https://x.corp.example.com/\n\u{1f600}", "plain"),
  one("https://xcorp.example.com/", "plain", SHOWN),
  one("https://x.corp.example.com", "plain", SHOWN),
  one("a.b", "plain"),
  one("axb", "plain", SHOWN),
  one("a.b".padEnd(1024, "\u{1f600}"), "plain"),
  one("sts.amazonaws.com", "plain"),
  one("STS.amazonaws.com", "plain", refusal('"STS.amazonaws.com"')),
  one("https://api.openai.com/v1", "plain", SHOWN),
  one("*", "plain", SHOWN),
  one("literal*star", "plain"),
  one("literal-star", "plain", SHOWN),
  one("evil\u001b[2J\n", "plain", HIDDEN),
  one("\u{1f600}".repeat(1024), "plain", HIDDEN),
  one("x".repeat(1024), "plain", /serviceAccountToken.audience is "x{100}\.\.\."; allowed: /),
  one(`"quoted'\\`, "plain", SHOWN),
  one(GOOGLE + POOL, "gcp"),
  ...["plain", "sets", "blank", "bad-pool", "bad-mail", "bad-seconds", "bad-audience", "many", "filtered"].map((name) =>
    one(GOOGLE + POOL, name, /serviceAccountToken.audience is "https:\/\/iam.googleapis.com\/projects\/1/),
  ),
  one(GOOGLE + POOL, "annotated"),
  one("https://elsewhere.example.com", "annotated", SHOWN),
  one(`${GOOGLE}evil`, "bad-pool", SHOWN),
  one(GOOGLE, "blank", SHOWN),
  one(
    `${GOOGLE}${POOL}x`,
    "gcp",
    /allowed: .*, "https:\/\/iam.googleapis.com\/projects\/1.*\(policy.tokens.audiences\)$/,
  ),
  one("two/usual/x*y", "two"),
  one("two/usual/xzy", "two", SHOWN),
  one("two/usual/x", "two-without-c", SHOWN),
  one("region-eu", "plain"),
  one("region-us", "plain", SHOWN),
  one("region-us", "region"),
  one("region-eu", "region", SHOWN),
  one("region-eu", "bad-region"),
  one("region-usa", "bad-region", SHOWN),
];

const FIELDS: readonly PodCase[] = [
  { what: "without volumes" },
  { what: "with projected: {}", volumes: [{ name: "vault", projected: {} }] },
  { what: "with sources: []", volumes: [{ name: "vault", projected: { sources: [] } }] },
  { what: "with sources: null", volumes: [{ name: "vault", projected: { sources: null } }] },
  {
    what: "with the second of two bad",
    volumes: [
      token("sts.amazonaws.com"),
      {
        name: "other",
        projected: {
          sources: [
            { configMap: { name: "c" } },
            { serviceAccountToken: { audience: "sts.amazonaws.com", path: "one" } },
            { serviceAccountToken: { audience: "evil", path: "two" } },
          ],
        },
      },
    ],
    refused: /volume "other", path "two": serviceAccountToken.audience is "evil";/,
  },
  { what: "that is exempt", namespace: "kube-system", volumes: [token("evil")] },
  { what: "in a namespace of the provider", namespace: "team-a", volumes: [token("https://api.openai.com/v1")] },
  { what: "in the other one", namespace: "production", volumes: [token("https://api.openai.com/v1")] },
  { what: "where the provider is not for", namespace: "steam-a", volumes: [token("region-eu")], refused: SHOWN },
  {
    what: "with an audience that is too long",
    volumes: [token("a".repeat(1025))],
    refused: /pod default\/pod-[a-z0-9]+: spec.volumes has more than 1,024 characters in an audience; allowed: 1,024$/,
  },
];

describeOnCluster("the audiences policies", () => {
  const cluster = useCluster({ controllerManager: true });

  beforeAll(async () => {
    for (const [name, annotations] of Object.entries(ACCOUNTS))
      await createServiceAccount(cluster(), name, annotations);
    for (const name of ["production", "team-a", "steam-a"]) {
      await cluster().must("POST", "/api/v1/namespaces", { apiVersion: "v1", kind: "Namespace", metadata: { name } });
      await cluster().must("POST", `/api/v1/namespaces/${name}/serviceaccounts`, {
        apiVersion: "v1",
        kind: "ServiceAccount",
        metadata: { name: "own" },
      });
    }
    await enforce(cluster(), policiesOf(CONFIGURATION, "audiences", "own-audiences"));
  });

  it.each(CASES)("judge a pod $what", (podCase) => judgePod(cluster(), podCase));

  it.each(FIELDS)("judge a pod $what", (podCase) => {
    const account = podCase.namespace === undefined || podCase.namespace === "kube-system" ? "default" : "own";
    return judgePod(cluster(), { ...podCase, account });
  });
});

describe("the webhook", () => {
  it.each(CASES)("judges a pod $what like the policies", ({ audience, account = "plain", refused }) => {
    const annotations = new Map(Object.entries(ACCOUNTS[account] ?? {}));
    const source = { serviceAccountToken: { ...(typeof audience === "string" && { audience }), path: "t" } };
    const { verdicts } = judge({
      pod: { spec: { containers: [], volumes: [{ name: "vault", projected: { sources: [source] } }] } },
      namespace: "default",
      serviceAccount: { namespace: "default", name: account, annotations },
      settings,
    });
    expect(verdicts.denied.map(({ reason }) => reason)).toEqual(refused === undefined ? [] : ["audience-not-allowed"]);
  });
});

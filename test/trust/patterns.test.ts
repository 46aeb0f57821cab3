import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type TrustOptions, trust } from "../../src/cli/trust.ts";
import { matchesPattern } from "../../src/configuration/patterns.ts";
import { readAccountPattern, subjectOf, subjectRegex } from "../../src/trust/account-name.ts";
import { running } from "./running.ts";
import { ISSUER } from "./support.ts";

const UUID = "11111111-2222-3333-4444-555555555555";
const POOL = "projects/123456789012/locations/global/workloadIdentityPools/my-pool";

const run = (options: Partial<TrustOptions>) =>
  running((terminal, open) =>
    trust({ account: "preview-*/api", provider: "aws", issuer: ISSUER, output: "json", ...options }, terminal, open),
  );

const described = async (provider: string, set: readonly string[]) => {
  const { code, text } = await run({ provider, set });
  expect(code, text).toBe(0);
  return JSON.parse(text);
};

const argvOf = ({ steps }: { readonly steps: readonly { readonly argv?: readonly string[] }[] }) =>
  steps.flatMap(({ argv }) => (argv === undefined ? [] : [argv]));

describe("trust for a pattern of ServiceAccounts", () => {
  it("AWS: StringLike on the subject, StringEquals on the audience", async () => {
    const told = await described("aws", ["role-arn=arn:aws:iam::123456789012:role/preview"]);
    const [statement] = told.documents["trust-policy-for-pattern"].Statement;
    expect(statement.Condition).toEqual({
      StringEquals: { "oidc.example.com/cluster-1:aud": "sts.amazonaws.com" },
      StringLike: { "oidc.example.com/cluster-1:sub": "system:serviceaccount:preview-*:api" },
    });
    expect(Object.keys(told.documents)).toEqual(["trust-policy-for-pattern"]);
    expect(argvOf(told).map(([, , verb]) => verb)).toEqual(["create-open-id-connect-provider", "create-role"]);
    expect(told.warnings).toContainEqual(expect.stringContaining("whoever may create such a namespace"));
  });

  it("GCP: a condition in CEL on a provider of its own, and whom its attribute names, not all of the pool", async () => {
    const told = await described("gcp", [
      `workload-identity-provider=${POOL}/providers/preview`,
      "service-account-email=a@p.iam.gserviceaccount.com",
    ]);
    const words = argvOf(told).flat();
    expect(words).toContain("--attribute-condition=assertion.sub.matches('^system:serviceaccount:preview-[^:]*:api$')");
    const member = `--member=principalSet://iam.googleapis.com/${POOL}/attribute.podpass/`;
    const name = words.find((word) => word.startsWith(member))?.slice(member.length) ?? "";
    expect(name).toMatch(/^[a-z0-9-]+$/);
    expect(words).toContain(
      `--attribute-mapping=google.subject=assertion.sub,attribute.podpass=assertion.sub.matches('^system:serviceaccount:preview-[^:]*:api$') ? '${name}' : 'none'`,
    );
    expect(JSON.stringify(told)).not.toContain(`${POOL}/*`);
    expect(words.join(" ")).not.toContain("principal://");
  });

  it("Azure: a flexible credential of the application", async () => {
    const told = await described("azure", [`client-id=${UUID}`, `tenant-id=${UUID}`]);
    const [argv = []] = argvOf(told);
    expect(argv.slice(0, 2)).toEqual(["az", "rest"]);
    expect(JSON.parse(argv[argv.indexOf("--body") + 1] ?? "")).toMatchObject({
      claimsMatchingExpression: {
        value: "claims['sub'] matches 'system:serviceaccount:preview-*:api'",
        languageVersion: 1,
      },
    });
  });

  it("Azure for Terraform: the same", async () => {
    const told = await described("azure-terraform", [`client-id=${UUID}`, `tenant-id=${UUID}`]);
    const argvs = argvOf(told);
    expect(argvs).toHaveLength(1);
    expect(JSON.parse(argvs[0]?.at(-1) ?? "").claimsMatchingExpression.value).toContain("preview-*:api");
  });

  it("Anthropic: a prefix, and nothing else", async () => {
    const { code, text } = await run({ provider: "anthropic", account: "preview/api-*" });
    expect({ code, text }).toMatchObject({ code: 0 });
    expect(JSON.parse(text).documents["federation-rule"].match.subject_prefix).toBe(
      "system:serviceaccount:preview:api-*",
    );
  });

  it("Vault: a glob", async () => {
    const { code, text } = await run({ provider: "vault" });
    // The audience is the platform's to say, and there is no configuration here.
    expect({ code, text }).toMatchObject({ code: 0 });
    const role = argvOf(JSON.parse(text)).find(([program]) => program === "printf");
    expect(JSON.parse(role?.[2] ?? "")).toMatchObject({
      bound_claims_type: "glob",
      bound_claims: { sub: "system:serviceaccount:preview-*:api" },
    });
  });

  it.each<[why: string, options: Partial<TrustOptions>, said: string]>([
    ["a provider that knows none", { provider: "openai" }, "is told of each subject by itself"],
    ["a wildcard in front of another part of a prefix", { provider: "anthropic" }, "one * that ends the name"],
    ["two of them", { provider: "anthropic", account: "preview/a-**" }, "one * that ends the name"],
    ["what is no pattern of names", { account: "preview_*/api" }, "allowed: NAMESPACE/NAME"],
    [
      "a colon in the name, with --set",
      { account: "preview-*/a:b", set: ["role-arn=x"] },
      "is no pattern of ServiceAccounts",
    ],
    ["a colon, which would reach into the name", { account: "preview-*:x/api" }, "allowed: NAMESPACE/NAME"],
    ["--set for one ServiceAccount", { account: "a/b", set: ["role-arn=x"] }, "--set is for patterns"],
    ["--set without a value", { set: ["role-arn"] }, "allowed: PARAMETER=VALUE"],
    [
      "a parameter that there is not",
      { set: ["role-arnn=arn:aws:iam::123456789012:role/p"] },
      'annotation "aws.podpass.dev/role-arnn" is ignored',
    ],
    ["a value that the parameter does not take", { set: ["role-arn=x"] }, "role-arn"],
    ["a provider that there is not", { provider: "nothing" }, "there is no provider"],
  ])("refuses %s", async (_, options, said) => {
    expect(await run(options)).toMatchObject({ code: 2, text: expect.stringContaining(said) });
  });

  it("warns where it is the whole cluster", async () => {
    const { text } = await run({ account: "*/*", output: "text" });
    expect(text).toContain("in any namespace of the cluster");
  });

  it("means the same as `*` in names, whatever the pattern: no wildcard reaches from one name into the other", () => {
    const part = fc.stringMatching(/^[a-z0-9]([a-z0-9*-]{0,5}[a-z0-9*])?$/);
    const name = fc.stringMatching(/^[a-z0-9]([a-z0-9-]{0,7}[a-z0-9])?$/);
    fc.assert(
      fc.property(part, part, name, name, (namespace, account, otherNamespace, otherName) => {
        const pattern = readAccountPattern(`${namespace}/${account}`);
        if (pattern === undefined) return expect.unreachable(`${namespace}/${account} is a pattern`);
        const subject = subjectOf({ namespace: otherNamespace, name: otherName });
        const matches = matchesPattern(namespace, otherNamespace) && matchesPattern(account, otherName);
        expect(new RegExp(subjectRegex(pattern)).test(subject)).toBe(matches);
        // As AWS and Vault read it: `*` is any run of characters.
        expect(matchesPattern(subjectOf(pattern), subject)).toBe(matches);
      }),
      { numRuns: 2000 },
    );
  });
});

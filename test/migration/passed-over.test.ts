import { describe, expect, it } from "vitest";
import { bothSettings, manifests, migrate, podsOf } from "./migrated.ts";

const ROLE = "arn:aws:iam::123456789012:role/my-api";
const settings = bothSettings({
  providers: {
    aws: { preset: "aws", allowedNamespaces: ["team-*"], parameters: { region: { default: "eu-west-1" } } },
    azure: { preset: "azure", allowedNamespaces: ["team-*"] },
    openai: {
      preset: "openai",
      native: [
        {
          webhook: "w",
          trigger: { key: "v.example.com/id" },
          parameters: { "identity-provider-id": "v.example.com/id", "service-account-id": "v.example.com/id" },
        },
      ],
    },
  },
});

const template = (annotations: object = {}) => ({
  metadata: { annotations },
  spec: { serviceAccountName: "app", containers: [{ name: "app", image: "x" }] },
});

const passedOver = (key: string, provider: string) =>
  `warning: ServiceAccount annotation "${key}": provider "${provider}" is not for this namespace; kept`;

describe("a vendor's annotation outside the provider's allowedNamespaces", () => {
  it.each<readonly [about: string, annotations: Record<string, string>, told: readonly string[]]>([
    ["a role", { "eks.amazonaws.com/role-arn": ROLE }, [passedOver("eks.amazonaws.com/role-arn", "aws")]],
    ["a role that is none", { "eks.amazonaws.com/role-arn": "x" }, [passedOver("eks.amazonaws.com/role-arn", "aws")]],
    [
      "with more of that webhook's keys",
      { "eks.amazonaws.com/role-arn": ROLE, "eks.amazonaws.com/audience": "a" },
      [passedOver("eks.amazonaws.com/role-arn", "aws")],
    ],
    [
      "a client, whose pods need a label",
      { "azure.workload.identity/client-id": "11111111-2222-3333-4444-555555555555" },
      [passedOver("azure.workload.identity/client-id", "azure")],
    ],
    [
      "other keys without it",
      { "eks.amazonaws.com/audience": "a", "eks.amazonaws.com/token-expiration": "900" },
      [
        "warning: eks.amazonaws.com/audience, eks.amazonaws.com/token-expiration: nothing federates this ServiceAccount with aws, or it has opted out; left as it is",
      ],
    ],
  ])("stays, since ours would refuse the pods: %s", (_about, annotations, told) => {
    const source = manifests(annotations, template({ "eks.amazonaws.com/skip-containers": "app" }));
    const { text, messages } = migrate(source, settings);
    expect(text).toBe(source);
    expect(messages).toEqual(told);
    expect(podsOf(text, settings.after)).not.toContain("refused");
  });

  it("stays beside one that is migrated", () => {
    const source = manifests({ "eks.amazonaws.com/role-arn": ROLE, "v.example.com/id": "idp_1" }, template());
    const { text, messages } = migrate(source, settings);
    expect(messages).toEqual([passedOver("eks.amazonaws.com/role-arn", "aws")]);
    expect(text).toContain(`eks.amazonaws.com/role-arn: ${ROLE}`);
    expect(text).toContain("podpass.dev/federate: openai\n");
    expect(text).not.toContain("aws.podpass.dev");
    expect(podsOf(text, settings.after)).toEqual(podsOf(source, settings.before));
  });
});

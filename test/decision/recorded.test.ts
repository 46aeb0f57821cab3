import { describe, expect, it } from "vitest";
import { decide } from "../../src/decision/decide.ts";
import { prepareAccount } from "../../src/decision/prepared-account.ts";
import { kubernetesProblems } from "../property/kubernetes-rules.ts";
import { applied, recorded, serviceAccount, settingsOf } from "../support/pods.ts";
import { RECORDED } from "../support/reviews.ts";

const ACCOUNTS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  "openai and enkryptify": {
    "podpass.dev/federate": "enkryptify, openai",
    "openai.podpass.dev/identity-provider-id": "idp_1",
    "openai.podpass.dev/service-account-id": "user-1",
  },
  "three clouds": {
    "podpass.dev/federate": "aws, gcp, azure",
    "aws.podpass.dev/role-arn": "arn:aws:iam::123456789012:role/my-api",
    "aws.podpass.dev/region": "eu-west-1",
    "gcp.podpass.dev/workload-identity-provider": "projects/1/locations/global/workloadIdentityPools/p/providers/c",
    "azure.podpass.dev/client-id": "11111111-2222-3333-4444-555555555555",
    "azure.podpass.dev/tenant-id": "99999999-2222-3333-4444-555555555555",
  },
  "coreweave and aws": {
    "podpass.dev/federate": "coreweave-object-storage, aws",
    "aws.podpass.dev/role-arn": "arn:aws:iam::123456789012:role/my-api",
    "coreweave-object-storage.podpass.dev/organization-id": "abc123",
    "coreweave-object-storage.podpass.dev/region": "US-EAST-04A",
    "coreweave-object-storage.podpass.dev/addressing-style": "virtual",
  },
};

const POLICY = 'policy: { tokens: { expirationSeconds: { max: 1800 }, audiences: { allow: ["*"] } } }\n';

const cases = RECORDED.flatMap((review) =>
  Object.keys(ACCOUNTS).flatMap((account) => ["", POLICY].map((config) => [review, account, config] as const)),
);

describe("a recorded pod", () => {
  it.each(cases)(
    "%s of a ServiceAccount with %s: valid after injection, and then done (%j)",
    (review, name, config) => {
      const { pod, namespace } = recorded(review);
      const account = serviceAccount(ACCOUNTS[name] ?? {}, namespace);
      const settings = settingsOf(config);
      const input = { pod, namespace, serviceAccount: account, settings };
      const decision = decide(input);
      expect(decide({ ...input, prepared: prepareAccount(account, settings) })).toEqual(decision);
      const after = applied(pod, decision.patch);
      expect(kubernetesProblems(after)).toEqual([]);
      // One of the recorded pods has a role of its own.
      const differs = decision.warnings.some(({ reason }) => reason === "identity-differs");
      const reason = differs ? "identity-differs" : "already-present";
      expect(differs).toBe(review === "static-keys" && account.annotations.has("aws.podpass.dev/role-arn"));
      expect(decide({ ...input, pod: after })).toMatchObject({ outcome: "unchanged", reason, patch: [] });
    },
  );

  it.each(RECORDED)("%s of an unfederated ServiceAccount is left as it is", (review) => {
    const { pod, namespace } = recorded(review);
    const decision = decide({ pod, namespace, serviceAccount: serviceAccount({}, namespace), settings: settingsOf() });
    expect(decision).toMatchObject({
      outcome: "unchanged",
      reason: "not-federated",
      patch: [],
      warnings: [],
      reports: [],
    });
  });
});

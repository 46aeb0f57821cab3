import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Pod } from "../../src/pod/pod.ts";
import { PodJudge, type PodStatus } from "../../src/status/judge-pod.ts";
import { readRunningPod } from "../../src/status/running-pod.ts";
import { container, inject, pod, podWith, serviceAccount, settingsOf, tokenVolume } from "../support/pods.ts";

const ROLE = "arn:aws:iam::123456789012:role/my-api";
const AWS = { "podpass.dev/federate": "aws", "aws.podpass.dev/role-arn": ROLE };
const GCP = {
  "podpass.dev/federate": "gcp",
  "gcp.podpass.dev/workload-identity-provider": "projects/1/locations/global/workloadIdentityPools/p/providers/k8s",
};

interface Case {
  /** The pod that runs. */
  readonly runs: Pod;
  /** The ServiceAccount's annotations now; none: it is not federated. */
  readonly account?: Readonly<Record<string, string>>;
  /** The configuration now, below its header. */
  readonly config?: string;
}

const judge = ({ runs, account, config }: Case): PodStatus => {
  const running = readRunningPod({ ...runs, metadata: { ...runs.metadata, namespace: "production" } });
  if (running === undefined) return expect.unreachable("the pod is over");
  return new PodJudge(settingsOf(config)).judge(running, account && serviceAccount(account));
};

const statesOf = (given: Case): Readonly<Record<string, string>> =>
  Object.fromEntries(judge(given).providers.map(({ provider, state }) => [provider, state]));

/** A pod that was injected with these annotations of its ServiceAccount. */
const injected = (account: Readonly<Record<string, string>>, given: Pod = pod(), config?: string): Pod =>
  inject({ pod: given, account, ...(config !== undefined && { config }) });

const withAnnotations = (of: Pod, annotations: Readonly<Record<string, string>>): Pod => ({
  ...of,
  metadata: { ...of.metadata, annotations: { ...of.metadata?.annotations, ...annotations } },
});

const vendorsPod = podWith(
  {
    env: [
      { name: "AWS_ROLE_ARN", value: ROLE },
      { name: "AWS_WEB_IDENTITY_TOKEN_FILE", value: "/var/run/secrets/eks.amazonaws.com/serviceaccount/token" },
    ],
    volumeMounts: [
      { name: "aws-iam-token", mountPath: "/var/run/secrets/eks.amazonaws.com/serviceaccount", readOnly: true },
    ],
  },
  [tokenVolume("aws-iam-token", { audience: "sts.amazonaws.com", expirationSeconds: 86400, path: "token" })],
);

const CASES: Readonly<Record<string, readonly [given: Case, states: Readonly<Record<string, string>>]>> = {
  "as injected": [{ runs: injected(AWS), account: AWS }, { aws: "current" }],
  "without anything": [{ runs: pod(), account: AWS }, { aws: "missing" }],
  "copied from a live one, with its mark": [
    { runs: pod({}, { "podpass.dev/injected": "aws" }), account: AWS },
    { aws: "missing" },
  ],
  "copied, with its mark and a volume of our name that has no token": [
    {
      runs: pod({ volumes: [{ name: "podpass-aws", emptyDir: {} }] }, { "podpass.dev/injected": "aws" }),
      account: AWS,
    },
    { aws: "missing" },
  ],
  "copied, with its mark and a token in a volume of another name": [
    {
      runs: pod(
        { volumes: [tokenVolume("podpass-awsome", { audience: "sts.amazonaws.com", path: "token" })] },
        { "podpass.dev/injected": "aws,gcp" },
      ),
      account: AWS,
    },
    { aws: "missing" },
  ],
  "another role since": [
    { runs: injected(AWS), account: { ...AWS, "aws.podpass.dev/role-arn": `${ROLE}-2` } },
    { aws: "stale" },
  ],
  "another region since": [
    { runs: injected(AWS), account: { ...AWS, "aws.podpass.dev/region": "x-1" } },
    { aws: "stale" },
  ],
  "another audience since": [
    { runs: injected(AWS), account: { ...AWS, "aws.podpass.dev/audience": "mine" } },
    { aws: "stale" },
  ],
  "another lifetime since": [
    { runs: injected(AWS), account: { ...AWS, "aws.podpass.dev/expiration-seconds": "7200" } },
    { aws: "stale" },
  ],
  "another lifetime in the configuration since": [
    {
      runs: injected(AWS),
      account: AWS,
      config: "providers: { aws: { preset: aws, token: { expirationSeconds: { default: 900 } } } }",
    },
    { aws: "stale" },
  ],
  "a lifetime that the platform clamps since": [
    {
      runs: injected(AWS),
      account: AWS,
      config: "policy: { tokens: { expirationSeconds: { min: 600, max: 1800, violation: Clamp } } }",
    },
    { aws: "stale" },
  ],
  "another file content since": [
    {
      runs: injected(GCP),
      account: { ...GCP, "gcp.podpass.dev/service-account-email": "a@p.iam.gserviceaccount.com" },
    },
    { gcp: "stale" },
  ],
  "as injected, with a file": [{ runs: injected(GCP), account: GCP }, { gcp: "current" }],
  "a sidecar that came after it": [
    {
      runs: {
        ...injected(AWS),
        spec: {
          ...injected(AWS).spec,
          containers: [...injected(AWS).spec.containers, container({ name: "late" }) as never],
        },
      },
      account: AWS,
    },
    { aws: "stale" },
  ],
  "a provider more since": [
    { runs: injected(AWS), account: { ...AWS, ...GCP, "podpass.dev/federate": "aws, gcp" } },
    { aws: "current", gcp: "missing" },
  ],
  "a provider less since": [
    { runs: injected({ ...AWS, ...GCP, "podpass.dev/federate": "aws, gcp" }), account: AWS },
    { aws: "current", gcp: "stale" },
  ],
  "not federated any more": [{ runs: injected(AWS) }, { aws: "stale" }],
  "never federated": [{ runs: pod() }, {}],
  "opted out": [{ runs: pod({}, { "podpass.dev/inject": "false" }), account: AWS }, { aws: "opted-out" }],
  "a filter that names another container": [
    { runs: pod(), account: { ...AWS, "podpass.dev/only-containers": "other" } },
    { aws: "left-out" },
  ],
  "by AWS' own webhook": [{ runs: vendorsPod, account: AWS }, { aws: "vendor" }],
  "by AWS' own webhook, with another role since": [
    { runs: vendorsPod, account: { ...AWS, "aws.podpass.dev/role-arn": `${ROLE}-2` } },
    { aws: "vendor" },
  ],
  "by AWS' own webhook, which left a container out": [
    {
      runs: {
        ...vendorsPod,
        spec: { ...vendorsPod.spec, containers: [...vendorsPod.spec.containers, container({ name: "late" }) as never] },
      },
      account: AWS,
    },
    { aws: "vendor" },
  ],
  "another role since, beside a container with a role of its own": [
    {
      runs: injected(
        AWS,
        pod({
          containers: [
            container({
              env: [{ name: "AWS_ROLE_ARN", value: `${ROLE}-own` }, { name: "A" }, { name: "AWS_REGION", value: "x" }],
            }),
            container({ name: "second" }),
          ],
        }),
      ),
      account: { ...AWS, "aws.podpass.dev/role-arn": `${ROLE}-2` },
    },
    { aws: "stale" },
  ],
  "with variables of its own": [
    { runs: podWith({ env: [{ name: "AWS_WEB_IDENTITY_TOKEN_FILE", value: "/mine" }] }), account: AWS },
    { aws: "user-managed" },
  ],
  "an annotation that cannot be resolved": [
    { runs: injected(AWS), account: { ...AWS, "aws.podpass.dev/role-arn": "no ARN" } },
    { aws: "invalid" },
  ],
  "a provider that there is not any more": [
    { runs: injected(AWS), account: AWS, config: "providers: { gcp: { preset: gcp } }" },
    { aws: "invalid" },
  ],
};

describe("a pod that runs", () => {
  it.each(Object.entries(CASES))("%s", (_, [given, states]) => {
    expect(statesOf(given)).toEqual(states);
  });

  it("says what is not as it should be", () => {
    const role = judge({ runs: injected(AWS), account: { ...AWS, "aws.podpass.dev/role-arn": `${ROLE}-2` } });
    expect(role.providers[0]?.why).toBe("the variables of container app name another identity");
    const lifetime = judge({ runs: injected(AWS), account: { ...AWS, "aws.podpass.dev/expiration-seconds": "7200" } });
    expect(lifetime.providers[0]?.why).toBe("its token lives 3600 s, that of a new pod 7200 s");
    expect(judge({ runs: injected(AWS), account: AWS }).providers).toEqual([
      { provider: "aws", state: "current", why: "" },
    ]);
    const containers = ["a", "b", "c", "d"].map((name) => container({ name }));
    expect(judge({ runs: pod({ containers }), account: AWS }).providers).toEqual([
      { provider: "aws", state: "missing", why: "container a, b, c and 1 more" },
    ]);
  });

  it("that the rules would refuse today is judged all the same, and says so", () => {
    const config = "policy: { tokens: { audiences: { allow: [], violation: Deny } } }";
    const runs = withAnnotations(injected(AWS), {});
    const forbidden = tokenVolume("own", { audience: "https://forbidden.example.com", path: "token" });
    const given = { ...runs, spec: { ...runs.spec, volumes: [...(runs.spec.volumes ?? []), forbidden as never] } };
    const { providers, refusal } = judge({ runs: given, account: AWS, config });
    expect(providers).toMatchObject([{ provider: "aws", state: "current" }]);
    expect(refusal).toContain("https://forbidden.example.com");
  });

  it("whatever was injected is current as long as nothing changes", () => {
    const env = fc.uniqueArray(
      fc.record({ name: fc.constantFrom("A", "AWS_REGION", "AWS_ROLE_ARN"), value: fc.constantFrom("", "x", ROLE) }),
      { maxLength: 3, selector: ({ name }) => name },
    );
    const containers = fc.array(env, { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(containers, (envs) => {
        const before = pod({ containers: envs.map((own, index) => container({ name: `c${index}`, env: own })) });
        const { aws } = statesOf({ runs: injected(AWS, before), account: AWS });
        // A container with another role of its own keeps it, and a new pod would as well: nobody has to do anything.
        const differs = envs.some((own) => own.some(({ name, value }) => name === "AWS_ROLE_ARN" && value !== ROLE));
        expect(aws).toBe(differs ? "user-managed" : "current");
      }),
      { numRuns: 300 },
    );
  });
});

import { beforeAll, describe, expect, it } from "vitest";
import { compileConfiguration } from "../../../src/configuration/compile.ts";
import type { ConfigurationFile } from "../../../src/configuration/schema.ts";
import { createServiceAccount, describeOnCluster, useCluster } from "../../cluster/harness.ts";
import { enforce, judgePod, type PodCase, policiesOf } from "./pods.ts";

const provider = (index: number) => ({
  token: { audience: `https://p${index}.example.com/\${parameter.a}` },
  parameters: { a: { pattern: "^(x|y)+[a-z0-9]*$" }, b: { pattern: "z".repeat(1000) } },
});

const configuration = (wildcards: number, providers: number): Partial<ConfigurationFile> => ({
  providers: Object.fromEntries(Array.from({ length: providers }, (_, index) => [`p${index}`, provider(index)])),
  policy: {
    tokens: {
      expirationSeconds: { max: 86_400 },
      audiences: {
        allow: [
          ...Array.from({ length: 500 }, (_, index) => `https://exact-${index}.example.com`),
          ...Array.from({ length: wildcards }, (_, index) => `https://w${index}*.corp.example.com/*`),
        ],
      },
    },
  },
});

const fits = (wildcards: number, providers: number): boolean =>
  compileConfiguration(configuration(wildcards, providers)).ok;

/** The most wildcards that a configuration with so many providers may have. */
const most = (providers: number): number => {
  let wildcards = 0;
  while (fits(wildcards + 1, providers)) wildcards++;
  return wildcards;
};

/** 1,024 characters that nothing matches, and that every pattern has to look through. */
const worst = (index: number): string => `https://w${index}`.padEnd(1024, ".corp.example.com-");

const token = (index: number) => ({ serviceAccountToken: { audience: worst(index), path: `t${index}` } });
const PADDING = Array.from({ length: 4890 }, (_, index) => ({ configMap: { name: `c${index}` } }));

/** Of white space that is trimmed, so that the annotations together have nearly as many characters as Kubernetes allows. */
const PADDED = 23_500;

const worstPod = (tokens: number): readonly object[] => [
  ...Array.from({ length: tokens }, (_, index) => ({ name: `t${index}`, projected: { sources: [token(index)] } })),
  { name: "padding", projected: { sources: PADDING } },
  ...Array.from({ length: 890 }, (_, index) => ({ name: `e${index}`, emptyDir: {} })),
];

describe("a configuration", () => {
  it.each([0, 10])(
    "with %i providers has room for wildcards, and is refused with the numbers beyond it",
    (providers) => {
      const wildcards = most(providers);
      expect(wildcards).toBeGreaterThan(20);
      const compiled = compileConfiguration(configuration(wildcards + 1, providers));
      expect(compiled.ok ? [] : compiled.problems).toEqual([
        {
          path: ["policy", "tokens", "audiences"],
          message: expect.stringMatching(
            /^costs up to 10,\d{3},\d{3} units inside the API server, for a pod with 100 tokens of 1,024 characters; allowed: 10,000,000, with fewer or shorter wildcards/,
          ),
        },
      ]);
    },
  );
});

describeOnCluster.each([0, 10])("the worst pod, with %i providers and all wildcards that fit", (providers) => {
  const cluster = useCluster({ controllerManager: true });
  const account = "worst";

  beforeAll(async () => {
    await createServiceAccount(cluster(), account, {
      "podpass.dev/federate": Array.from({ length: providers }, (_, index) => `p${index}`).join(",".padEnd(PADDED)),
      ...Object.fromEntries(
        Array.from({ length: providers }, (_, index) => [`p${index}.podpass.dev/a`, "x".repeat(1024)]),
      ),
      ...Object.fromEntries(
        Array.from({ length: providers }, (_, index) => [`p${index}.podpass.dev/b`, "z".repeat(1000)]),
      ),
    });
    await enforce(
      cluster(),
      policiesOf(configuration(most(providers), providers), "lifetimes", "audiences", "own-audiences"),
    );
  });

  const CASES: readonly PodCase[] = [
    {
      what: "with what no list allows",
      volumes: worstPod(99),
      refused: /volume "t0", path "t0": serviceAccountToken.audience is "https:\/\/w0.corp/,
    },
    { what: "with nothing to refuse", volumes: worstPod(0) },
    {
      what: "with one more token than is allowed",
      volumes: worstPod(101),
      refused: /spec.volumes has more than 100 projected ServiceAccount tokens; allowed: 100$/,
    },
  ];

  it.each(CASES)("is judged $what", (one) => judgePod(cluster(), { ...one, account }));
});

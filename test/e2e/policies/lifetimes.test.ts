import { beforeAll, it } from "vitest";
import { describeOnCluster, useCluster } from "../../cluster/harness.ts";
import { enforce, judgePod, type PodCase, policiesOf, token } from "./pods.ts";

const MAX = 86_400;
const POLICIES = policiesOf({ policy: { tokens: { expirationSeconds: { min: 1200, max: MAX } } } }, "lifetimes");

const sources = (count: number, source: (index: number) => object): object[] =>
  Array.from({ length: count }, (_, index) => source(index));
const ofPath = (index: number): object => ({ serviceAccountToken: { audience: "a", path: `t${index}` } });
const outside = (seconds: number): RegExp =>
  new RegExp(
    `pod default/pod-[a-z0-9]+, volume "vault", path "t": serviceAccountToken.expirationSeconds is ${seconds}; allowed: 1200 to 86400 \\(policy.tokens.expirationSeconds\\)$`,
  );

const CASES: readonly PodCase[] = [
  { what: "without volumes" },
  { what: "with an empty list of volumes", volumes: [] },
  { what: "with a volume of another kind", volumes: [{ name: "tmp", emptyDir: {} }] },
  { what: "with projected: {}", volumes: [{ name: "vault", projected: {} }] },
  { what: "with sources: []", volumes: [{ name: "vault", projected: { sources: [] } }] },
  { what: "with sources: null", volumes: [{ name: "vault", projected: { sources: null } }] },
  { what: "with another source", volumes: [{ name: "vault", projected: { sources: [{ configMap: { name: "a" } }] } }] },
  { what: "without the API server's own token", spec: { automountServiceAccountToken: false } },
  { what: "with the default lifetime", volumes: [token("a")] },
  { what: "with a lifetime that is null", volumes: [token("a", null)] },
  { what: "with the shortest", volumes: [token("a", 1200)] },
  { what: "with the longest", volumes: [token("a", MAX)] },
  { what: "with a shorter one", volumes: [token("a", 1199)], refused: outside(1199) },
  { what: "with a longer one", volumes: [token(undefined, MAX + 1)], refused: outside(MAX + 1) },
  { what: "with the longest there is", volumes: [token("", 2 ** 32)], refused: outside(2 ** 32) },
  {
    what: "with a bad token behind a good one",
    volumes: [
      {
        name: "vault",
        projected: {
          sources: [ofPath(1), { serviceAccountToken: { path: "two", expirationSeconds: 700 } }],
        },
      },
    ],
    refused: /volume "vault", path "two": serviceAccountToken.expirationSeconds is 700;/,
  },
  {
    what: "with an astral path",
    volumes: [token("a", 700, "\u{1f600}")],
    refused: /path a text of 1 characters that cannot be shown: serviceAccountToken.expirationSeconds is 700;/,
  },
  {
    what: "with a long path",
    volumes: [token("a", 700, "p".repeat(200))],
    refused: /path "p{63}\.\.\.": serviceAccountToken.expirationSeconds is 700;/,
  },
  { what: "with 99 tokens", volumes: [{ name: "vault", projected: { sources: sources(99, ofPath) } }] },
  {
    what: "with 101 tokens",
    volumes: [{ name: "vault", projected: { sources: sources(101, ofPath) } }],
    refused:
      /pod default\/pod-[a-z0-9]+: spec.volumes has more than 100 projected ServiceAccount tokens; allowed: 100$/,
  },
  {
    what: "with 1,001 volumes",
    volumes: sources(1001, (index) => ({ name: `v${index}`, emptyDir: {} })),
    refused: /spec.volumes has more than 1,000 volumes; allowed: 1,000$/,
  },
  {
    what: "with 5,000 sources, those of the API server too",
    volumes: sources(10, (volume) => ({
      name: `v${volume}`,
      projected: { sources: sources(500, (index) => ({ configMap: { name: `c${index}` } })) },
    })),
    refused: /spec.volumes has more than 5,000 projected sources and items; allowed: 5,000$/,
  },
  {
    what: "with 4,900 sources in 49 volumes",
    volumes: sources(49, (volume) => ({
      name: `v${volume}`,
      projected: { sources: sources(100, (index) => ({ configMap: { name: `c${index}` } })) },
    })),
  },
  {
    what: "with 5,000 items",
    volumes: [
      {
        name: "v",
        projected: {
          sources: [{ configMap: { name: "c", items: sources(5000, (index) => ({ key: "k", path: `p${index}` })) } }],
        },
      },
    ],
    refused: /spec.volumes has more than 5,000 projected sources and items; allowed: 5,000$/,
  },
  {
    what: "with 5,001 sources of nothing",
    volumes: [
      { name: "v", projected: { sources: sources(20_000, (index) => ({ configMap: { name: `c${index}` } })) } },
    ],
    refused: /spec.volumes has more than 5,000 projected sources and items; allowed: 5,000$/,
  },
  {
    what: "with an audience that is too long",
    volumes: [token("\u{1f600}".repeat(1025))],
    refused: /spec.volumes has more than 1,024 characters in an audience; allowed: 1,024$/,
  },
  { what: "with an audience of 1,024 characters", volumes: [token("\u{1f600}".repeat(1024))] },
];

describeOnCluster("the lifetimes policy", () => {
  const cluster = useCluster({ controllerManager: true });

  beforeAll(() => enforce(cluster(), POLICIES));

  it.each(CASES)("judges a pod $what", (one) => judgePod(cluster(), one));

  it("judges nothing in an exempt namespace", () =>
    judgePod(cluster(), { what: "", namespace: "kube-system", volumes: [token("a", 700)] }));
});

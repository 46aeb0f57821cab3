/** Pods that once came past the policy, or would have come late, and what is to become of each. */
import {
  aliases,
  container,
  FORBIDDEN,
  json,
  LONG_LIVED,
  type MakeBody,
  own,
  protobuf,
  times,
  tokens,
  yaml,
} from "./hostile-bodies.ts";
import { containerWith, emptyContainers, PROTOBUF } from "./protobuf.ts";

const isHeavy = true;

/** One row. */
export interface HostileRow {
  readonly name: string;
  /** The request's body under a pod's name, and its content type. */
  readonly body: MakeBody;
  readonly contentType?: string;
  /** What the refusal says; undefined where the pod is created. */
  readonly refusal: RegExp | undefined;
  /** The providers that the created pod has an identity for. */
  readonly injected?: string;
  /** Does the API server itself take seconds for it? Then it is sent once. */
  readonly isHeavy?: true;
}

const manyEmpty = json({ containers: times(40_000, () => ({})) });
const VALUES = /its review has more than 100,000 JSON values; allowed: 100,000$/u;
const BYTES = /its review has more than 8,388,608 bytes; allowed: 8,388,608$/u;
const ANNOTATIONS = /metadata\.annotations has more than 262,144 bytes; allowed: 262,144$/u;
const TOKEN = /audience is "https:\/\/nobody\.example\.com"; allowed: /u;
const keys = (count: number, prefix: string): object =>
  Object.fromEntries(times(count, (index) => [`${prefix}${index}`, ""]));

/** Beyond a bound. */
const BEYOND: readonly HostileRow[] = [
  {
    name: "100,000 slashes before a path of ours",
    body: json({
      containers: [
        container({ volumeMounts: [{ name: "own", mountPath: `${"/".repeat(100_000)}var/run/secrets/p1` }] }),
      ],
    }),
    refusal: /spec\.containers has more than 4,096 characters in a mountPath; allowed: 4,096$/u,
  },
  { name: "40,000 containers as JSON", body: manyEmpty, refusal: VALUES },
  {
    name: "40,000 containers as YAML",
    body: (name) => yaml(manyEmpty, name),
    contentType: "application/yaml",
    refusal: VALUES,
  },
  {
    name: "40,000 containers as protobuf",
    body: protobuf(emptyContainers(40_000)),
    contentType: PROTOBUF,
    refusal: VALUES,
  },
  {
    name: "100,000 containers as protobuf",
    body: protobuf(emptyContainers(100_000)),
    contentType: PROTOBUF,
    refusal: VALUES,
    isHeavy,
  },
  {
    name: "65,000 names in the pod's skip-containers",
    body: json({ account: "plain", annotations: { "podpass.dev/skip-containers": "a,".repeat(65_000) } }),
    refusal: /metadata\.annotations has more than 1,000 names in a list; allowed: 1,000$/u,
  },
  {
    name: "100,000 sources and 1,500 containers",
    body: json({
      volumes: [own(times(100_000, () => ({}))), { ...tokens(FORBIDDEN), name: "other" }],
      containers: times(1500, (index) => container({ name: `c${index}` })),
    }),
    refusal: VALUES,
  },
  {
    name: "60,000 forbidden sources",
    body: json({ volumes: [own(times(60_000, () => ({ serviceAccountToken: { path: "t", audience: "x" } })))] }),
    refusal: VALUES,
  },
  {
    name: "4,000 forbidden sources",
    body: json({ volumes: [own(times(4000, () => ({ serviceAccountToken: { path: "t", audience: "x" } })))] }),
    refusal: /spec\.volumes has more than 100 projected ServiceAccount tokens; allowed: 100$/u,
  },
  { name: "1,000,000 sources", body: json({ volumes: [own(times(1_000_000, () => ({})))] }), refusal: VALUES, isHeavy },
  {
    name: "600,000 names",
    body: json({ annotations: { "podpass.dev/only-containers": "a,".repeat(600_000) } }),
    refusal: ANNOTATIONS,
  },
  // Of 100,000 the API server alone would make half a minute's work.
  { name: "40,000 keys", body: json({ annotations: keys(40_000, "p1.podpass.dev/") }), refusal: VALUES, isHeavy },
  { name: "30,000 keys", body: json({ annotations: keys(30_000, "p1.podpass.dev/") }), refusal: ANNOTATIONS, isHeavy },
  {
    name: "1,100 keys",
    body: json({ annotations: keys(1100, "p1.podpass.dev/") }),
    refusal: /metadata\.annotations has more than 1,000 annotations under the prefix; allowed: 1,000$/u,
  },
  { name: "25 MiB of aliases", body: aliases(24), contentType: "application/yaml", refusal: BYTES, isHeavy },
  { name: "110 MiB of aliases", body: aliases(99), contentType: "application/yaml", refusal: BYTES, isHeavy },
];

const LESS = "<".repeat(1_250_000);

/** Within every bound. */
const WITHIN: readonly HostileRow[] = [
  {
    name: "1,250,000 characters that Go writes as six, with a forbidden token",
    body: json({ containers: [container({ args: [LESS] })] }),
    refusal: TOKEN,
  },
  {
    name: "1,250,000 characters that Go writes as six, with a long-lived token",
    body: json({ account: "plain", volumes: [tokens(LONG_LIVED)], containers: [container({ args: [LESS] })] }),
    refusal: undefined,
    injected: "aws",
  },
  {
    name: "1.3 MiB in 150 containers",
    body: json({
      account: "plain",
      volumes: [tokens(LONG_LIVED)],
      containers: times(150, (index) => container({ name: `c${index}`, args: ["/".repeat(8000)] })),
    }),
    refusal: undefined,
    injected: "aws",
  },
  {
    name: "5,000 variables in 100 containers, and six identities",
    body: json({
      volumes: [tokens(LONG_LIVED)],
      containers: times(100, (index) =>
        container({ name: `c${index}`, env: times(50, (each) => ({ name: `V${each}`, value: "$(P1_A)" })) }),
      ),
    }),
    refusal: undefined,
    injected: "p1,p2,p3,p4,p5,p6",
  },
  {
    name: "250 containers, and six identities",
    body: json({ volumes: [], containers: times(250, (index) => container({ name: `c${index}` })) }),
    refusal: /the patch has more than 1,572,864 bytes; allowed: 1,572,864$/u,
  },
  {
    name: "250 KiB of annotations and 90 tokens",
    body: json({
      account: "plain",
      annotations: { note: "é".repeat(125_000) },
      volumes: [own(times(90, (index) => ({ serviceAccountToken: { ...LONG_LIVED, path: `t${index}` } })))],
    }),
    refusal: undefined,
    injected: "aws",
  },
];

/** ServiceAccounts that are as large as Kubernetes takes them. */
const LARGE_ACCOUNTS: readonly HostileRow[] = [
  {
    name: "a ServiceAccount with 65,000 names in skip-containers",
    body: json({ account: "names", volumes: [] }),
    refusal: /ServiceAccount default\/names cannot be resolved: .*more than 1,000 names in a list/u,
  },
  {
    name: "a ServiceAccount of 1.4 MiB, with a forbidden token",
    body: json({ account: "fat" }),
    refusal: TOKEN,
  },
  {
    name: "a ServiceAccount of 1.4 MiB",
    body: json({ account: "fat", volumes: [tokens(LONG_LIVED)] }),
    refusal: undefined,
    injected: "aws",
  },
  {
    name: "a ServiceAccount beyond its namespace's share, with a forbidden token",
    body: json({ account: "crowd-11" }),
    refusal: TOKEN,
  },
];

export const ROWS: readonly HostileRow[] = [...BEYOND, ...WITHIN, ...LARGE_ACCOUNTS];

/** As large in a review as may be, and small enough to be stored: Go writes each character as six. */
export const LARGEST = { body: protobuf(containerWith("\u0001".repeat(1_300_000))), contentType: PROTOBUF };

/** A small pod with a forbidden token, and one without. */
export const SMALL = {
  forbidden: json({ account: "plain" }),
  ordinary: json({ account: "plain", volumes: [] }),
};

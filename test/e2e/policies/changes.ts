/** Pairs of configurations that an installation goes between, and what a load of pods may meet meanwhile. */
import { AWS, EVIL, loadPod, STS } from "./load-pods.ts";
import type { Kind } from "./mixed-load.ts";

type Sections = Readonly<Record<string, unknown>>;

/** From one configuration to the next. */
export interface Change {
  readonly old: Sections;
  readonly next: Sections;
  /** Serves the API server a plain federated pod all the time, where it can at all? */
  readonly isServed: boolean;
  readonly kinds: Readonly<Record<string, Kind>>;
  /** A pod that only the old configuration refuses. */
  readonly refusedByOld: object;
  /** A pod that only the next one refuses. */
  readonly refusedByNext: object;
}

interface Parts {
  readonly providers: object;
  readonly allow?: readonly string[];
  readonly expirationSeconds?: object;
}

const INTERNAL = "https://internal.example.com";
const REPORTS = "https://reports.example.com";
const [STS_OLD, STS_NEXT] = ["sts.old.example.com", "sts.next.example.com"];

const sections = ({ providers, allow = [], expirationSeconds }: Parts): Sections => ({
  providers,
  policy: {
    exemptNamespaces: ["kube-system", "exempt-a"],
    tokens: { audiences: { allow: [INTERNAL, ...allow] }, ...(expirationSeconds && { expirationSeconds }) },
  },
});

const plainWith = (audience: string, expirationSeconds = 3600) =>
  loadPod({ account: "plain", token: { audience, expirationSeconds, path: "token" } });
const marked = (audience: string) =>
  loadPod({
    account: "federated",
    annotations: { "podpass.dev/injected": "aws" },
    token: { audience, path: "token" },
  });
const optOut = { "podpass.dev/inject": "false" };

/** What every configuration here treats in the same way. */
const COMMON: Readonly<Record<string, Kind>> = {
  plain: { pod: loadPod({ account: "plain" }), created: "always" },
  "opted out": { pod: loadPod({ account: "federated", annotations: optOut }), created: "always" },
  "in an exempt namespace": {
    namespace: "exempt-a",
    pod: loadPod({ account: "plain", token: EVIL }),
    created: "always",
  },
  "with an allowed token of its own": { pod: plainWith(INTERNAL), created: "always" },
  "with a forbidden audience": { pod: plainWith(EVIL.audience), created: "never" },
  "opted out, with a forbidden audience": {
    pod: loadPod({ account: "federated", annotations: optOut, token: EVIL }),
    created: "never",
  },
  "marked by hand, with a forbidden audience": { pod: marked(EVIL.audience), created: "never" },
};

const bounds = (max: number) => ({ min: 600, max, violation: "Deny" });
const aws = { preset: "aws" };
const awsFor = (audience: string) => ({ aws: { ...aws, token: { audience } } });

/** ServiceAccounts of all of them. */
export const ACCOUNTS = [
  { name: "plain" },
  { name: "plain", namespace: "exempt-a" },
  { name: "federated", annotations: AWS },
  { name: "both", annotations: { ...AWS, "podpass.dev/federate": "aws,reports" } },
];

/** A new provider, and tighter lifetimes. */
export const NEW_PROVIDER: Change = {
  old: sections({ providers: { aws }, expirationSeconds: bounds(7200) }),
  next: sections({
    providers: { aws, reports: { token: { audience: REPORTS } } },
    expirationSeconds: bounds(3600),
  }),
  isServed: true,
  kinds: {
    ...COMMON,
    federated: { pod: loadPod({ account: "federated" }), audiences: [STS] },
    "copied, with an old mark": {
      pod: loadPod({ account: "federated", annotations: { "podpass.dev/injected": "aws" } }),
      audiences: [STS],
    },
    "marked and written by hand": { pod: marked(STS), audiences: [STS], created: "always" },
    "that federates the new one as well": { pod: loadPod({ account: "both" }), audiences: [STS, REPORTS] },
    "with a lifetime that only the old one allows": { pod: plainWith(INTERNAL, 5000) },
    "with a forbidden lifetime": { pod: plainWith(INTERNAL, 80_000), created: "never" },
  },
  refusedByOld: plainWith(REPORTS),
  refusedByNext: plainWith(INTERNAL, 5000),
};

/** By what changes. */
export const CHANGES: Readonly<Record<string, Change>> = {
  "a new provider, and tighter lifetimes": NEW_PROVIDER,
  "other audiences, and lifetimes that were free": {
    old: sections({ providers: awsFor(STS_OLD), allow: ["https://*.old.example.com"] }),
    next: sections({
      providers: awsFor(STS_NEXT),
      allow: ["https://*.next.example.com"],
      expirationSeconds: bounds(7200),
    }),
    isServed: false,
    kinds: {
      ...COMMON,
      federated: { pod: loadPod({ account: "federated" }), audiences: [STS_OLD], otherAudiences: [STS_NEXT] },
      "copied, with an old mark": {
        pod: loadPod({ account: "federated", annotations: { "podpass.dev/injected": "aws" } }),
        audiences: [STS_OLD],
        otherAudiences: [STS_NEXT],
      },
      "with the old pattern's audience": { pod: plainWith("https://a.old.example.com") },
      "with the next pattern's audience": { pod: plainWith("https://a.next.example.com") },
    },
    refusedByOld: plainWith("https://a.next.example.com"),
    refusedByNext: plainWith("https://a.old.example.com"),
  },
};

/** Served whenever the webhook is there, whichever of the two configurations a replica has. */
export const SERVED_BY_WEBHOOK = ["federated", "copied, with an old mark"];

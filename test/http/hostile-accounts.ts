/** Reviews of hostile ServiceAccounts: everything large that Podpass reads, or steps over, of one. */
import { ACCOUNTS } from "../support/hostile-policy.ts";

// biome-ignore lint/suspicious/noExplicitAny: it breaks any JSON.
type Any = any;

/** Where reviews of ServiceAccounts are sent. */
export const ACCOUNTS_AT = "/validate/serviceaccounts?timeout=5s";

const MIB = 1024 * 1024;
const FILLERS = ["a", "<", "\u0001", "\ud800", "é", '"', ","] as const;

const times = <T>(size: number, make: (index: number) => T): T[] => Array.from({ length: size }, (_, i) => make(i));
const annotate = ({ metadata }: Any, key: string, value: string): void => {
  metadata.annotations[key] = value;
};
const keys = (account: Any, size: number, key: (index: number) => string): void =>
  times(size, key).forEach((one) => void annotate(account, one, "x"));

/** A list made so long. */
const LISTS: Readonly<Record<string, (account: Any, size: number) => void>> = {
  annotations: (account, size) => keys(account, size, (i) => `x/${i}`),
  "annotations of a provider": (account, size) => keys(account, size, (i) => `aws.podpass.dev/k${i}`),
  "annotations of many providers": (account, size) => keys(account, size, (i) => `p${i}.podpass.dev/region`),
  "annotations of nobody": (account, size) => keys(account, size, (i) => `podpass.dev/federat${i}`),
  federate: (account, size) => annotate(account, "podpass.dev/federate", times(size, (i) => `n${i}`).join()),
  "the same name": (account, size) => annotate(account, "podpass.dev/federate", "aws,".repeat(size)),
  commas: (account, size) => annotate(account, "podpass.dev/federate", `${",\u00a0".repeat(size)}awss`),
  "skip-containers": (account, size) => annotate(account, "podpass.dev/skip-containers", "a,".repeat(size)),
  "only-containers": (account, size) => annotate(account, "aws.podpass.dev/only-containers", ", app".repeat(size)),
  lifetime: (account, size) => annotate(account, "aws.podpass.dev/expiration-seconds", "9".repeat(size)),
  secrets: (account, size) => Object.assign(account, { secrets: times(size, (i) => ({ name: `s${i}` })) }),
  labels: ({ metadata }, size) =>
    Object.assign(metadata, { labels: Object.fromEntries(times(size, (i) => [`l${i}`, ""])) }),
  "managed fields": ({ metadata }, size) => {
    const fieldsV1 = Object.fromEntries(times(size, (i) => [`f:${i}`, "]},"]));
    Object.assign(metadata, { managedFields: [{ manager: "m", operation: "Update", fieldsV1 }] });
  },
};

/** A text made so long. */
const TEXTS: Readonly<Record<string, (account: Any, text: string) => void>> = {
  note: (account, text) => annotate(account, "note", text),
  key: (account, text) => annotate(account, `aws.podpass.dev/${text}`, "x"),
  prefix: (account, text) => annotate(account, `${text}.podpass.dev/audience`, "x"),
  "one name": (account, text) => annotate(account, "podpass.dev/federate", `a${text}`),
  audience: (account, text) => annotate(account, "aws.podpass.dev/audience", text),
  "role-arn": (account, text) =>
    annotate(account, "aws.podpass.dev/role-arn", `arn:aws:iam::123456789012:role/${text}\n`),
  "a pattern's best": (account, text) => annotate(account, "p1.podpass.dev/value", `${"v".repeat(text.length)}w`),
  name: ({ metadata }, text) => Object.assign(metadata, { name: text }),
  unknown: (account, text) => Object.assign(account, { [text]: text }),
};

/** The body of a review that creates `account`, or updates `before` to it. */
export const accountBody = (uid: string, account: Any, before: Any = null): string =>
  JSON.stringify({
    kind: "AdmissionReview",
    apiVersion: "admission.k8s.io/v1",
    request: {
      uid,
      kind: { group: "", version: "v1", kind: "ServiceAccount" },
      resource: { group: "", version: "v1", resource: "serviceaccounts" },
      name: account.metadata?.name,
      namespace: "production",
      operation: before === null ? "CREATE" : "UPDATE",
      userInfo: { username: "kubernetes-admin" },
      object: account,
      oldObject: before,
      dryRun: false,
    },
  });

/** A ServiceAccount that can be resolved, and one that never can. */
export const account = (isGood: boolean): Any => ({
  apiVersion: "v1",
  kind: "ServiceAccount",
  metadata: {
    name: "my-api",
    annotations: { ...ACCOUNTS["plain"], ...(!isGood && { "aws.podpass.dev/expiration-seconds": "never" }) },
  },
});

/** One review. */
export interface HostileAccount {
  readonly name: string;
  /** Its body under a uid. */
  readonly body: (uid: string) => string;
  /** Can nobody resolve it? Then it must not pass. */
  readonly mustFail: boolean;
  /** May what is large hide which review it is? */
  readonly mayHideHead: boolean;
}

/** Without these it may be federated no more, or not be read as wrong. */
const MAY_MEND = new Set(["federate", "the same name", "commas", "one name", "lifetime"]);

const grown = (place: string, size: string, grow: (account: Any) => void): readonly HostileAccount[] => {
  const make = (isGood: boolean): Any => {
    const made = account(isGood);
    grow(made);
    return made;
  };
  const common = { mustFail: !MAY_MEND.has(place), mayHideHead: place === "name" };
  const what = `${place} × ${size}`;
  return [
    { ...common, name: `${what}, bad, created`, body: (uid) => accountBody(uid, make(false)) },
    { ...common, name: `${what}, bad, updated`, body: (uid) => accountBody(uid, make(false), account(true)) },
    // What was as wrong before is no reason to refuse.
    { ...common, mustFail: false, name: `${what}, as it was`, body: (uid) => accountBody(uid, make(true), make(true)) },
  ];
};

/** Each place alone, at and far beyond its bound. */
export const HOSTILE_ACCOUNTS: readonly HostileAccount[] = [
  ...Object.entries(LISTS).flatMap(([place, grow]) =>
    [1001, 60_000].flatMap((size) => grown(place, `${size}`, (made) => grow(made, size))),
  ),
  ...Object.entries(TEXTS).flatMap(([place, grow], index) =>
    [4000, 1_250_000].flatMap((size, step) => {
      const filler = FILLERS[(index + step) % FILLERS.length] ?? "a";
      return grown(place, `${size} ${JSON.stringify(filler)}`, (made) => grow(made, filler.repeat(size)));
    }),
  ),
];

/** Of 8 MB, which nobody can resolve. */
export const largestAccount = (): string => {
  const made = account(false);
  made.metadata.annotations.note = "@";
  return accountBody("overload", made).replace('"@"', `"${"x".repeat(8_000_000)}"`);
};

const changed = (change: (review: Any) => void): string => {
  const review = JSON.parse(accountBody("odd", account(true)));
  change(review);
  return JSON.stringify(review);
};

/** Reviews that are none, beside those that are no review of a pod either. */
export const NO_ACCOUNT_REVIEWS: readonly string[] = [
  changed((review) => (review.request.object = null)),
  changed((review) => (review.request.namespace = "n".repeat(100_000))),
  changed((review) => (review.request.uid = "u".repeat(9 * MIB))),
  changed((review) => (review.request.resource = "serviceaccounts")),
  changed((review) => (review.request.subResource = "token")),
  changed((review) => (review.request.object.metadata.annotations = times(50_000, () => "x"))),
  accountBody("odd", account(true)).replace(
    '"annotations":{',
    `"x":${"[".repeat(90_000)}${"]".repeat(90_000)},"annotations":{`,
  ),
  accountBody("odd", account(true)).replace('"annotations":{', `"x":${'{"x":['.repeat(200_000)},"annotations":{`),
  accountBody("odd", account(true)).replace('"annotations":{', '"annotations":{"__proto__":"x","constructor":"x",'),
];

const WRONG: readonly unknown[] = [null, 5, "x", [], {}, [null], true];

/** Every review that comes out when one value of a ServiceAccount, new or old, is of another type. */
export const brokenAccounts = (): readonly string[] => {
  const bodies: string[] = [];
  const [made, before] = [account(true), account(false)];
  const walk = (at: Any): void => {
    for (const key of Object.keys(at)) {
      const right = at[key];
      for (const value of WRONG) {
        at[key] = value;
        bodies.push(accountBody("odd", made, before), accountBody("odd", made));
      }
      at[key] = right;
      if (typeof right === "object" && right !== null) walk(right);
    }
  };
  for (const one of [made, before]) walk(one);
  return bodies;
};

/** Reviews of hostile pods, drawn from a seed, and what an answer to one must never let through. */
import fc from "fast-check";
import jsonPatch from "fast-json-patch";
import { FILLERS, type Growth, hostilePod, PLACES } from "../support/hostile-pods.ts";
import { ACCOUNTS } from "../support/hostile-policy.ts";
import { patchIn } from "../support/reviews.ts";

// biome-ignore lint/suspicious/noExplicitAny: it reads any JSON.
type Any = any;

const LONG_LIVED = { audience: "https://internal.example.com", expirationSeconds: 86_400, path: "token" };

/** Hand-written tokens that a policy has to find. */
const TOKENS = [
  { audience: "https://nobody.example.com", path: "token" },
  { audience: "https://nobody.example.com", expirationSeconds: 3607, path: "token" },
  { audience: "sts.amazonaws.com.example.com", expirationSeconds: 3600, path: "t" },
  LONG_LIVED,
  { expirationSeconds: 86_400, path: "token" },
  { audience: "", expirationSeconds: 1e15, path: "token" },
  { audience: "sts.amazonaws.com", expirationSeconds: 0, path: "token" },
  { audience: null, expirationSeconds: 3607, path: "token" },
  { audience: "a-b-c", expirationSeconds: 7201, path: "x" },
] as const;

/** A text changed where JSON lets one write the same, or nearly the same, in more than one way. */
const SHAPES: Readonly<Record<string, (text: string) => string>> = {
  plain: (text) => text,
  "go's escapes": (text) => text.replaceAll("<", "\\u003c"),
  "spec first, then again": (text) => text.replace('"spec":{', '"spec":{"containers":[]},"spec":{'),
  "object twice": (text) => text.replace('"object":{', '"object":{"spec":{"containers":[]}},"object":{'),
  "escaped keys": (text) => text.replaceAll('"spec"', '"\\u0073pec"').replaceAll('"audience"', '"audi\\u0065nce"'),
  spaces: (text) => text.replace('"object":', `"object"${" ".repeat(300_000)}:\n\t\r `),
  nested: (text) => text.replace('"object":{', `"object":{"x":${"[".repeat(90_000)}${"]".repeat(90_000)},`),
  "nested beyond": (text) =>
    text.replace('"object":{', `"object":{"x":${'{"x":['.repeat(200_000)}1${"]}".repeat(200_000)},`),
  "special keys": (text) =>
    text.replace('"annotations":{', '"annotations":{"__proto__":"x","constructor":"x"},"labels":{'),
  "false managed fields": (text) => text.replace('"object":{', '"object":{"managedFields":[{"x":"]},\\"spec\\":{"}],'),
  "managed fields before spec": (text) => text.replace('"spec":{', '"managedFields":[{"spec":{"x":[]}}],"spec":{'),
  "bracket in a key": (text) => text.replace('"object":{', '"object":{"[\\"managedFields\\":[":{},'),
};

/** One review to be sent. */
export interface HostileReview {
  readonly account: string;
  readonly tokens: readonly object[];
  readonly growths: readonly Growth[];
  readonly shape: string;
  /** Sent without a length? */
  readonly isChunked: boolean;
}

const filler = fc.constantFrom(...FILLERS);
const list: fc.Arbitrary<Growth> = fc.record({
  place: fc.constantFrom(...PLACES.lists),
  size: fc.constantFrom(3, 99, 999, 1001, 5001, 40_000),
  filler,
});
const text: fc.Arbitrary<Growth> = fc.record({
  place: fc.constantFrom(...PLACES.texts),
  size: fc.constantFrom(1, 253, 1024, 5000, 100_000, 600_000),
  filler,
});

const review: fc.Arbitrary<HostileReview> = fc.record({
  account: fc.constantFrom(...Object.keys(ACCOUNTS), "missing"),
  tokens: fc.array(fc.constantFrom(...TOKENS), { maxLength: 2 }),
  growths: fc.array(fc.oneof(list, text), { minLength: 1, maxLength: 3 }),
  shape: fc.constantFrom("plain", ...Object.keys(SHAPES)),
  isChunked: fc.boolean(),
});

const alone = (growth: Growth, tokens: readonly object[] = [LONG_LIVED]): HostileReview => ({
  account: "six",
  tokens,
  growths: [growth],
  shape: "go's escapes",
  isChunked: false,
});

/** Each place alone, at and far beyond its bound, with a token that has to be clamped and one that is forbidden. */
export const EACH_ALONE: readonly HostileReview[] = [
  ...PLACES.lists.flatMap((place) =>
    [999, 60_000].flatMap((size) => [
      alone({ place, size, filler: "a" }),
      alone({ place, size, filler: "<" }, TOKENS.slice(0, 1)),
    ]),
  ),
  ...PLACES.texts.flatMap((place) => [
    alone({ place, size: 4000, filler: "\ud800" }),
    alone({ place, size: 100_000, filler: "/" }, TOKENS.slice(0, 1)),
    alone({ place, size: 1_250_000, filler: "<" }, TOKENS.slice(0, 1)),
  ]),
];

/** As many random ones as are asked for, always the same for one seed. */
export const randomReviews = (seed: number, count: number): readonly HostileReview[] =>
  fc.sample(review, { seed, numRuns: count });

/** The body of a review with `pod` under `uid`, in the order in which the API server writes it. */
export const bodyOf = (uid: string, pod: Any): string =>
  JSON.stringify({
    kind: "AdmissionReview",
    apiVersion: "admission.k8s.io/v1",
    request: {
      uid,
      kind: { group: "", version: "v1", kind: "Pod" },
      resource: { group: "", version: "v1", resource: "pods" },
      requestKind: { group: "", version: "v1", kind: "Pod" },
      requestResource: { group: "", version: "v1", resource: "pods" },
      name: pod.metadata?.name,
      namespace: "production",
      operation: "CREATE",
      userInfo: { username: "kubernetes-admin" },
      object: pod,
      oldObject: null,
      dryRun: false,
    },
  });

/** May the name of the pod hide what stands behind it? No pod of such a name is ever created. */
export const mayHideHead = ({ growths }: HostileReview): boolean =>
  growths.some(({ place, size }) => place === "podName" && size > 5000);

/** The body of a hostile review. */
export const hostileBody = (uid: string, { account, tokens, growths, shape }: HostileReview): string =>
  (SHAPES[shape] ?? String)(bodyOf(uid, hostilePod(account, tokens, growths)));

/** The pod that an answer lets through, undefined where it lets none. `body` is what was sent. */
export const letThrough = (body: string, response: Any): Any => {
  if (response.allowed !== true) return undefined;
  const { object } = JSON.parse(body).request;
  return response.patch === undefined
    ? object
    : jsonPatch.applyPatch(object, [...patchIn(response)] as Any).newDocument;
};

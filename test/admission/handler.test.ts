import { applyPatch } from "fast-json-patch";
import { describe, expect, it } from "vitest";
import type { Answer } from "../../src/admission/answer.ts";
import { createReviewer } from "../../src/admission/handler.ts";
import { compileConfiguration } from "../../src/configuration/compile.ts";
import { readConfiguration } from "../../src/configuration/read.ts";
import type { Settings } from "../../src/configuration/settings.ts";
import type { ServiceAccount } from "../../src/federation/service-account.ts";
import { LookupFailed, type ServiceAccountSource } from "../../src/serviceaccounts/source.ts";
import { patchIn, type ReviewBody, recordedReview, responseIn, reviewText } from "../support/reviews.ts";
import { account, federatedAccount, sourceOf } from "../support/sources.ts";

const presetsOnly = (): Settings => {
  const compiled = compileConfiguration({});
  if (!compiled.ok) throw new Error("not valid");
  return compiled.settings;
};

const configured = (policy: string): Settings => {
  const read = readConfiguration(`apiVersion: podpass.dev/v1alpha1\nkind: Configuration\npolicy: ${policy}\n`);
  if (!read.ok) throw new Error(JSON.stringify(read.problems));
  return read.settings;
};

const answerTo = async (
  body: string,
  find: ServiceAccountSource["find"] = () => federatedAccount(),
  settings = presetsOnly(),
): Promise<Answer> => createReviewer({ settings: () => settings, source: sourceOf(find) })(body, 1000);

describe("what is decided", () => {
  it("injects into the pod of a federated ServiceAccount", async () => {
    const answer = await answerTo(reviewText());
    expect(answer).toMatchObject({ status: 200, outcome: "patched", reason: "injected", providers: ["openai"] });
    const response = responseIn(answer.body);
    expect(response).toMatchObject({
      uid: "08d06f3a-bb22-424c-ab9d-ec483d3f3a0b",
      allowed: true,
      patchType: "JSONPatch",
      auditAnnotations: { decision: "patched", reason: "injected", injected: "openai" },
    });
    const { object } = recordedReview()["request"];
    applyPatch(object, [...patchIn(response)] as Parameters<typeof applyPatch>[1]);
    expect(object.metadata.annotations["podpass.dev/injected"]).toBe("openai");
    expect(object.spec.containers[0].env).toContainEqual({ name: "OPENAI_SERVICE_ACCOUNT_ID", value: "user-1" });
  });

  it("sends neither a patch nor its type where there is nothing to change", async () => {
    const response = responseIn((await answerTo(reviewText(), () => account())).body);
    expect(response).toStrictEqual({
      uid: "08d06f3a-bb22-424c-ab9d-ec483d3f3a0b",
      allowed: true,
      auditAnnotations: { decision: "unchanged", reason: "not-federated" },
    });
  });

  it("refuses with 403 inside a 200", async () => {
    const answer = await answerTo(reviewText(), () => account({ "podpass.dev/federate": "openay" }));
    expect(answer).toMatchObject({ status: 200, outcome: "denied", reason: "invalid-service-account" });
    const response = responseIn(answer.body);
    expect(response).toMatchObject({
      allowed: false,
      status: { code: 403, reason: "Forbidden" },
      auditAnnotations: { decision: "denied", reason: "invalid-service-account", problems: "unknown-provider" },
    });
    expect(response["status"].message).toContain('"openay"');
    expect(response).not.toHaveProperty("patch");
  });

  it("says what enforcement: Warn let pass", async () => {
    const find = () => account({ "podpass.dev/federate": "openay" });
    const answer = await answerTo(reviewText(), find, configured("{ enforcement: Warn }"));
    expect(answer).toMatchObject({ reason: "invalid-service-account", wouldDeny: ["invalid-service-account"] });
    expect(responseIn(answer.body)).toMatchObject({
      allowed: true,
      warnings: [expect.stringContaining("openay")],
      auditAnnotations: { "would-deny": "invalid-service-account" },
    });
  });

  it("has audit annotation keys that the API server takes", async () => {
    const { auditAnnotations } = responseIn((await answerTo(reviewText())).body);
    for (const key of Object.keys(auditAnnotations)) expect(key).toMatch(/^[a-z][-a-z]{0,62}$/);
  });

  it.each<[string, (review: ReviewBody) => void]>([
    ["an update", (review) => (review["request"].operation = "UPDATE")],
    ["a subresource", (review) => (review["request"].subResource = "ephemeralcontainers")],
    ["something that is no pod", (review) => (review["request"].resource.resource = "nodes")],
  ])("lets %s pass untouched, whatever its object is", async (_name, change) => {
    const text = reviewText((review) => {
      change(review);
      review["request"].object = null;
    });
    const answer = await answerTo(text);
    expect(answer).toMatchObject({ status: 200, outcome: "unchanged", reason: "not-a-pod-create" });
    expect(responseIn(answer.body)).toMatchObject({ allowed: true });
  });
});

describe("looking up the ServiceAccount", () => {
  it("asks for the pod's, in the request's namespace, within the budget", async () => {
    const asked: unknown[] = [];
    await answerTo(
      reviewText((review) => (review["request"].object.metadata.namespace = "other")),
      (...question) => void asked.push(question),
    );
    expect(asked).toStrictEqual([["production", "my-api", 1000]]);
  });

  it.each<[string, string, (review: ReviewBody) => void]>([
    [
      "a mirror pod",
      "mirror-pod",
      (review) => (review["request"].object.metadata.annotations["kubernetes.io/config.mirror"] = "x"),
    ],
    [
      "a pod without ServiceAccount",
      "no-service-account",
      (review) => {
        delete review["request"].object.spec.serviceAccountName;
        delete review["request"].object.spec.serviceAccount;
      },
    ],
  ])("does not ask for %s", async (_name, reason, change) => {
    const answer = await answerTo(reviewText(change), () => {
      throw new Error("asked");
    });
    expect(answer).toMatchObject({ status: 200, outcome: "unchanged", reason });
  });

  it("waits where it must, and only there", async () => {
    const settings = presetsOnly();
    const reviewer = (find: ServiceAccountSource["find"]) =>
      createReviewer({ settings: () => settings, source: sourceOf(find) });
    expect(reviewer(() => federatedAccount())(reviewText(), 1000)).not.toBeInstanceOf(Promise);
    const later = reviewer(async () => federatedAccount())(reviewText(), 1000);
    expect(later).toBeInstanceOf(Promise);
    expect(await later).toMatchObject({ outcome: "patched" });
  });

  it("lets a pod pass whose ServiceAccount does not exist", async () => {
    expect(await answerTo(reviewText(), async () => undefined)).toMatchObject({ reason: "service-account-not-found" });
  });

  it("resolves a ServiceAccount once for each configuration", async () => {
    let reads = 0;
    class CountedMap extends Map<string, string> {
      override [Symbol.iterator]() {
        reads++;
        return super[Symbol.iterator]();
      }
    }
    const found: ServiceAccount = {
      ...federatedAccount(),
      annotations: new CountedMap(federatedAccount().annotations),
    };
    let settings = presetsOnly();
    const review = createReviewer({ settings: () => settings, source: sourceOf(() => found) });
    for (let i = 0; i < 3; i++) await review(reviewText(), 1000);
    expect(reads).toBe(1);
    settings = presetsOnly();
    await review(reviewText(), 1000);
    expect(reads).toBe(2);
  });
});

describe("faults, which are never refusals", () => {
  const lookupFailed = new LookupFailed("the API server\ndoes not answer");

  it.each<[string, ServiceAccountSource["find"]]>([
    [
      "thrown",
      () => {
        throw lookupFailed;
      },
    ],
    ["rejected", () => Promise.reject(lookupFailed)],
  ])("answers 500 when a lookup failed (%s)", async (_name, find) => {
    const answer = await answerTo(reviewText(), find);
    expect(answer).toMatchObject({ status: 500, outcome: "failed", reason: "lookup-failed", serviceAccount: "my-api" });
    expect(answer.body).toBe(
      "podpass: ServiceAccount production/my-api could not be read: the API server\\u000adoes not answer\n",
    );
  });

  it.each<[string, ServiceAccountSource["find"]]>([
    [
      "thrown",
      () => {
        throw new TypeError("secret detail");
      },
    ],
    ["rejected", () => Promise.reject(new TypeError("secret detail"))],
  ])("answers 500 to what should not happen (%s), and keeps the detail for the log", async (_name, find) => {
    const answer = await answerTo(reviewText(), find);
    expect(answer).toMatchObject({ status: 500, outcome: "failed", reason: "internal-error" });
    expect(answer.body).toContain("08d06f3a-bb22-424c-ab9d-ec483d3f3a0b");
    expect(answer.body).not.toContain("secret detail");
    expect(answer.error).toBeInstanceOf(TypeError);
  });

  it("answers 503 before the first list is in", async () => {
    const settings = presetsOnly();
    const review = createReviewer({
      settings: () => settings,
      source: sourceOf(
        () => federatedAccount(),
        () => false,
      ),
    });
    expect(await review(reviewText(), 1000)).toMatchObject({ status: 503, outcome: "not-ready", reason: "not-ready" });
  });

  it.each<[string, string]>([
    ["no review", "{}"],
    ["a pod without spec", reviewText((review) => delete review["request"].object.spec)],
    ["no object", reviewText((review) => delete review["request"].object)],
    ["no namespace", reviewText((review) => delete review["request"].namespace)],
  ])("answers 400 to %s", async (_name, body) => {
    expect(await answerTo(body)).toMatchObject({ status: 400, outcome: "bad-request", reason: "not-a-review" });
  });
});

describe("hostile content", () => {
  it("is judged in a pod without containers, which Go writes as null", async () => {
    const settings = configured("{ tokens: { audiences: { allow: [https://vault.example.com] } } }");
    const audience = "https://nobody.example.com";
    const body = reviewText((review) => {
      const { spec } = review["request"].object;
      spec.containers = null;
      spec.volumes = [{ name: "own", projected: { sources: [{ serviceAccountToken: { audience, path: "t" } }] } }];
    });
    const answer = await answerTo(body, undefined, settings);
    expect(answer).toMatchObject({ status: 200, outcome: "denied", reason: "audience-not-allowed" });
  });

  it("takes keys that are special in JavaScript for what they are", async () => {
    const text = reviewText().replace(
      '"annotations":{',
      '"annotations":{"__proto__":"a","constructor":"b","podpass.dev/__proto__":"c","__proto__.podpass.dev/x":"d",',
    );
    const answer = await answerTo(text);
    expect(answer).toMatchObject({ status: 200, outcome: "patched" });
    expect(({} as Record<string, unknown>)["podpass.dev/__proto__"]).toBeUndefined();
  });

  it("cuts a name for the log that no ServiceAccount can have", async () => {
    const text = reviewText((review) => (review["request"].object.spec.serviceAccountName = "x".repeat(100_000)));
    const answer = await answerTo(text, () => undefined);
    expect(answer.serviceAccount).toHaveLength(253);
  });
});

describe("a fault lets no pod past the policy on tokens:", () => {
  const POLICY =
    "{ tokens: { audiences: { allow: [vault] }, expirationSeconds: { max: 7200 } }, exemptNamespaces: [exempt] }";
  const GCP = "https://iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/p/providers/x";
  const withToken = (token: object, namespace = "production"): string =>
    reviewText((review) => {
      review["request"].namespace = namespace;
      const { spec } = review["request"].object;
      const sources = [{ serviceAccountToken: { path: "token", expirationSeconds: 3600, ...token } }];
      spec.volumes = [...(spec.volumes ?? []), { name: "own", projected: { sources } }];
    });
  const FAULTS: readonly (readonly [string, ServiceAccountSource["find"], string])[] = [
    ["a lookup that fails", () => Promise.reject(new LookupFailed("no route")), "lookup-failed"],
    [
      "a lookup that fails at once",
      () => {
        throw new LookupFailed("closed");
      },
      "lookup-failed",
    ],
    [
      "an internal error",
      () => {
        throw new TypeError("x is not a function");
      },
      "internal-error",
    ],
    [
      "an internal error in deciding",
      () => ({ ...federatedAccount(), annotations: 1 as unknown as ReadonlyMap<string, string> }),
      "internal-error",
    ],
  ];

  it.each(FAULTS)("%s", async (_name, find, reason) => {
    const settings = configured(POLICY);
    const answer = (body: string) => answerTo(body, find, settings);
    expect(await answer(withToken({ audience: "evil" }))).toMatchObject({
      status: 200,
      outcome: "denied",
      reason: "audience-not-allowed",
      error: expect.anything(),
    });
    // With the ServiceAccount it would have been brought down.
    const long = await answer(withToken({ audience: "vault", expirationSeconds: 86_400 }));
    expect(long).toMatchObject({ status: 200, outcome: "denied", reason: "lifetime-not-allowed" });
    expect(responseIn(long.body)["status"].message).toMatch(/86400; allowed: 600 to 7200 .*\(podpass: /);
    for (const token of [{ audience: "vault" }, { audience: "" }, { audience: GCP }, { audience: "sts.amazonaws.com" }])
      expect(await answer(withToken(token))).toMatchObject({ status: 500, outcome: "failed", reason });
    expect(await answer(withToken({ audience: "evil" }, "exempt"))).toMatchObject({ status: 500, reason });
  });

  it("with Warn nothing is refused", async () => {
    const settings = configured(POLICY.replace("{ tokens", "{ enforcement: Warn, tokens"));
    const find = () => Promise.reject(new LookupFailed("no route"));
    expect(await answerTo(withToken({ audience: "evil" }), find, settings)).toMatchObject({ status: 500 });
  });
});

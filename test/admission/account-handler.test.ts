import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createAccountReviewer } from "../../src/admission/account-handler.ts";
import { compileConfiguration } from "../../src/configuration/compile.ts";
import type { Settings } from "../../src/configuration/settings.ts";
import { type ReviewBody, responseIn } from "../support/reviews.ts";

const settings = (): Settings => {
  const compiled = compileConfiguration({});
  if (!compiled.ok) throw new Error("not valid");
  return compiled.settings;
};

const { review, reviewUnread } = createAccountReviewer(settings);

const object = (annotations: unknown) => ({
  kind: "ServiceAccount",
  apiVersion: "v1",
  metadata: { name: "my-api", namespace: "production", annotations },
});

const BAD = { "podpass.dev/federate": "awss" };

const body = (change: (request: ReviewBody) => void = () => {}): string => {
  const request: ReviewBody = {
    uid: "u",
    resource: { group: "", version: "v1", resource: "serviceaccounts" },
    name: "my-api",
    namespace: "production",
    operation: "CREATE",
    object: object(BAD),
    oldObject: null,
  };
  change(request);
  return JSON.stringify({ kind: "AdmissionReview", apiVersion: "admission.k8s.io/v1", request });
};

describe("what is answered", () => {
  it("refuses with 403 inside a 200", () => {
    const answer = review(body());
    expect(answer).toMatchObject({
      status: 200,
      outcome: "denied",
      reason: "invalid-service-account",
      uid: "u",
      namespace: "production",
      serviceAccount: "my-api",
    });
    expect(responseIn(answer.body)).toMatchObject({
      uid: "u",
      allowed: false,
      status: { status: "Failure", code: 403, reason: "Forbidden", message: expect.stringContaining('"awss"') },
      auditAnnotations: { decision: "denied", reason: "invalid-service-account", problems: "unknown-provider" },
    });
  });

  it("warns where an update leaves it as it was, in a dry run too", () => {
    const answer = review(
      body((request) => Object.assign(request, { operation: "UPDATE", oldObject: object(BAD), dryRun: true })),
    );
    expect(responseIn(answer.body)).toMatchObject({ allowed: true, warnings: [expect.stringContaining("awss")] });
    expect(responseIn(answer.body)).not.toHaveProperty("patch");
  });

  it.each<[string, (request: ReviewBody) => void]>([
    ["a deletion", (request) => (request["operation"] = "DELETE")],
    ["a token's request", (request) => (request["subResource"] = "token")],
    ["a pod", (request) => (request["resource"].resource = "pods")],
    ["another group", (request) => (request["resource"].group = "example.com")],
    ["no resource", (request) => delete request["resource"]],
  ])("lets %s pass untouched, whatever its object is", (_name, change) => {
    const answer = review(
      body((request) => {
        change(request);
        request["object"] = null;
      }),
    );
    expect(answer).toMatchObject({ status: 200, outcome: "unchanged", reason: "not-a-service-account-write" });
    expect(responseIn(answer.body)).toMatchObject({ allowed: true });
  });

  it.each<[string, (request: ReviewBody) => void, string]>([
    ["no object", (request) => (request["object"] = null), "request.object.metadata is not an object"],
    ["no namespace", (request) => delete request["namespace"], "request.namespace is missing"],
    ["a list of annotations", (request) => (request["object"] = object([])), "annotations is not an object"],
    ["a number", (request) => (request["object"] = object({ a: 1 })), "has a value that is not a string"],
    ["a long name", (request) => (request["object"].metadata.name = "x".repeat(254)), "at most 253 characters"],
  ])("says that a review with %s is none", (_name, change, problem) => {
    const answer = review(body(change));
    expect(answer).toMatchObject({ status: 400, outcome: "bad-request", reason: "not-a-review" });
    expect(answer.body).toContain(problem);
  });

  it("judges an update whose old object cannot be read as a new one", () => {
    const change = (request: ReviewBody) => Object.assign(request, { operation: "UPDATE", oldObject: object([BAD]) });
    expect(review(body(change))).toMatchObject({ outcome: "denied" });
  });

  it("answers a fault with 500, which is no refusal", () => {
    const broken = createAccountReviewer(() => {
      throw new Error("broken");
    });
    expect(broken.review(body())).toMatchObject({ status: 500, outcome: "failed", reason: "internal-error" });
  });
});

describe("what is too large to be read", () => {
  const head = body().slice(0, 300);

  it("is refused, and warned about where nothing is enforced", () => {
    const answer = reviewUnread(head, "too-large");
    expect(answer).toMatchObject({ status: 200, outcome: "denied", reason: "too-large" });
    expect(responseIn(answer.body)["status"].message).toBe(
      "a ServiceAccount in namespace production is refused: its review has more than 8,388,608 bytes; allowed: 8,388,608",
    );
    const exempt = reviewUnread(head.replace("production", "kube-system"), "too-many-values");
    expect(exempt).toMatchObject({ outcome: "unchanged", wouldDeny: ["too-many-values"] });
  });

  it("is let through where it writes no ServiceAccount, and no review where it does not begin as one", () => {
    expect(reviewUnread(head.replace("CREATE", "DELETE"), "too-large")).toMatchObject({ outcome: "unchanged" });
    expect(reviewUnread("{", "too-large")).toMatchObject({ status: 413, reason: "body-too-large" });
  });
});

describe("hostile bodies", () => {
  it("never throws, whatever the JSON", () => {
    const json = fc.jsonValue({ maxDepth: 4 });
    fc.assert(
      fc.property(json, json, json, fc.constantFrom("CREATE", "UPDATE"), (one, other, metadata, operation) => {
        const bodies = [
          JSON.stringify(one),
          body((request) => Object.assign(request, { operation, object: one, oldObject: other })),
          body((request) =>
            Object.assign(request, { operation, object: { metadata }, oldObject: { metadata: other } }),
          ),
          body((request) => Object.assign(request, { operation, object: object(one), oldObject: object(other) })),
        ];
        for (const text of bodies) expect([200, 400]).toContain(review(text).status);
      }),
    );
  });

  it("never throws, whatever the annotations say, and says it on one printable line", () => {
    const key = fc.oneof(
      fc.constantFrom("podpass.dev/federate", "aws.podpass.dev/role-arn", "aws.podpass.dev/audience", "__proto__"),
      fc.string({ unit: "binary" }).map((text) => `${text}.podpass.dev/${text}`),
    );
    const value = fc.oneof(fc.constantFrom("aws", "aws, gcp", "", "\u0000", "\u202e"), fc.string({ unit: "binary" }));
    fc.assert(
      fc.property(fc.array(fc.tuple(key, value), { maxLength: 20 }), (entries) => {
        const answer = review(body((request) => (request["object"] = object(Object.fromEntries(entries)))));
        expect(answer.status).toBe(200);
        const { warnings = [], status } = responseIn(answer.body);
        for (const said of [...warnings, status?.message ?? ""]) expect(said).toMatch(/^[^\p{Cc}\u202e]*$/u);
      }),
    );
  });

  it.each<[string, Readonly<Record<string, string>>]>([
    ["100,000 keys", Object.fromEntries(Array.from({ length: 100_000 }, (_, i) => [`p${i}.podpass.dev/k`, ""]))],
    ["a megabyte of names", { "podpass.dev/federate": "a,".repeat(500_000) }],
    ["a megabyte of spaces", { "podpass.dev/federate": " ".repeat(1_000_000) }],
    ["a megabyte of one name", { "podpass.dev/federate": "a".repeat(1_000_000) }],
    ["a long key", { [`${"a.".repeat(100_000)}podpass.dev/x`]: "x" }],
  ])("answers %s at once", (_name, annotations) => {
    const text = body((request) => (request["object"] = object(annotations)));
    const startedMs = performance.now();
    const answer = review(text);
    expect(performance.now() - startedMs).toBeLessThan(1000);
    expect(answer.body.length).toBeLessThan(16_384);
  });
});

import { describe, expect, it } from "vitest";
import { createUnreadReviewer } from "../../src/admission/unread.ts";
import { readConfiguration } from "../../src/configuration/read.ts";
import { type ReviewBody, responseIn, reviewText } from "../support/reviews.ts";
import { sourceOf } from "../support/sources.ts";

interface Given {
  readonly policy?: string;
  readonly isSynced?: boolean;
  readonly breach?: "too-large" | "too-many-values";
}

const answerTo = (head: string, { policy = "{}", isSynced = true, breach = "too-large" }: Given = {}) => {
  const read = readConfiguration(`apiVersion: podpass.dev/v1alpha1\nkind: Configuration\npolicy: ${policy}\n`);
  if (!read.ok) throw new Error(JSON.stringify(read.problems));
  const { settings } = read;
  const source = sourceOf(
    () => undefined,
    () => isSynced,
  );
  return createUnreadReviewer({ settings: () => settings, source })(head, breach);
};

describe("a review that is too large to be read", () => {
  it.each([
    ["too-large", "8,388,608 bytes"],
    ["too-many-values", "100,000 JSON values"],
  ] as const)("is refused under its uid with 403 (%s)", (breach, allowed) => {
    const answer = answerTo(reviewText(), { breach });
    expect(answer).toMatchObject({
      status: 200,
      outcome: "denied",
      reason: breach,
      namespace: "production",
      wouldDeny: [],
    });
    expect(responseIn(answer.body)).toStrictEqual({
      uid: "08d06f3a-bb22-424c-ab9d-ec483d3f3a0b",
      allowed: false,
      status: {
        status: "Failure",
        code: 403,
        reason: "Forbidden",
        message: `a pod in namespace production is refused: its review has more than ${allowed}; allowed: ${allowed.split(" ")[0]}`,
      },
      auditAnnotations: { decision: "denied", reason: breach },
    });
  });

  it.each([
    ["where the policy only warns", "{ enforcement: Warn }"],
    ["in an exempt namespace", '{ exemptNamespaces: ["prod*"] }'],
  ])("passes with a warning, and is counted, %s", (_name, policy) => {
    const answer = answerTo(reviewText(), { policy, breach: "too-many-values" });
    expect(answer).toMatchObject({ status: 200, outcome: "unchanged", reason: "too-many-values" });
    expect(answer.wouldDeny).toStrictEqual(["too-many-values"]);
    const response = responseIn(answer.body);
    expect(response).toMatchObject({
      allowed: true,
      warnings: [expect.stringContaining("more than 100,000 JSON values; allowed: 100,000")],
      auditAnnotations: { "would-deny": "too-many-values" },
    });
    expect(response["warnings"][0].length).toBeLessThanOrEqual(120);
    expect(response).not.toHaveProperty("patch");
  });

  it.each<[string, (review: ReviewBody) => void]>([
    ["an update", (review) => (review["request"].operation = "UPDATE")],
    ["something that is no pod", (review) => (review["request"].resource.resource = "nodes")],
  ])("passes as %s does", (_name, change) => {
    const answer = answerTo(reviewText(change));
    expect(answer).toMatchObject({ status: 200, outcome: "unchanged", reason: "not-a-pod-create" });
    expect(responseIn(answer.body)).toMatchObject({ allowed: true });
  });

  it("is no review where it does not begin as one", () => {
    expect(answerTo("{}")).toMatchObject({
      status: 413,
      reason: "body-too-large",
      body: "podpass: the body has more than 8,388,608 bytes; allowed: 8,388,608; the body is not an AdmissionReview of admission.k8s.io/v1\n",
    });
  });

  it("has to say where the pod is created", () => {
    const head = reviewText((review) => delete review["request"].namespace);
    expect(answerTo(head)).toMatchObject({ status: 400, reason: "not-a-review" });
  });

  it("is asked for again before the first list is in", () => {
    expect(answerTo(reviewText(), { isSynced: false })).toMatchObject({ status: 503, reason: "not-ready" });
  });
});

import { describe, expect, it } from "vitest";
import { readReview } from "../../src/admission/review.ts";
import { type ReviewBody, reviewText } from "../support/reviews.ts";

const problemOf = (text: string): string | undefined => {
  const read = readReview(text);
  return "problem" in read ? read.problem : undefined;
};

describe("readReview", () => {
  it("reads what a decision needs", () => {
    const read = readReview(reviewText());
    expect(read).toMatchObject({
      review: { uid: "08d06f3a-bb22-424c-ab9d-ec483d3f3a0b", namespace: "production", isPodCreate: true },
    });
  });

  it.each<[string, (review: ReviewBody) => void, boolean]>([
    ["a pod's creation", () => {}, true],
    ["an empty subresource", (review) => (review["request"].subResource = ""), true],
    ["a dry run", (review) => (review["request"].dryRun = true), true],
    ["a pod's update", (review) => (review["request"].operation = "UPDATE"), false],
    ["an ephemeral container", (review) => (review["request"].subResource = "ephemeralcontainers"), false],
    ["another resource", (review) => (review["request"].resource.resource = "deployments"), false],
    ["another group", (review) => (review["request"].resource.group = "metrics.k8s.io"), false],
    ["no resource", (review) => delete review["request"].resource, false],
  ])("%s: is it a pod's creation?", (_name, change, expected) => {
    expect(readReview(reviewText(change))).toMatchObject({ review: { isPodCreate: expected } });
  });

  it.each([
    ["", "the body is not a JSON object"],
    ["[]", "the body is not a JSON object"],
    ["null", "the body is not a JSON object"],
    ['{"kind":"AdmissionReview"', "the body is not a JSON object"],
    ['{"kind":"Pod"}', "the body is not an AdmissionReview of admission.k8s.io/v1"],
    ['{"__proto__":{"kind":"AdmissionReview"}}', "the body is not an AdmissionReview of admission.k8s.io/v1"],
    [
      reviewText((review) => (review["apiVersion"] = "admission.k8s.io/v1beta1")),
      "the body is not an AdmissionReview of admission.k8s.io/v1",
    ],
    [reviewText((review) => delete review["request"]), "request is not an object"],
    [reviewText((review) => (review["request"] = [])), "request is not an object"],
    [reviewText((review) => delete review["request"].uid), "request.uid must be a string of 1 to 253 characters"],
    [reviewText((review) => (review["request"].uid = "")), "request.uid must be a string of 1 to 253 characters"],
    [
      reviewText((review) => (review["request"].uid = "x".repeat(254))),
      "request.uid must be a string of 1 to 253 characters",
    ],
    [
      reviewText((review) => (review["request"].namespace = 1)),
      "request.namespace must be a string of at most 253 characters",
    ],
  ])("refuses %.60s", (text, problem) => {
    expect(problemOf(text)).toBe(problem);
  });
});

import { describe, expect, it } from "vitest";
import { createBusyReviewer } from "../../src/admission/busy.ts";
import { settingsOf } from "../support/pods.ts";
import { responseIn, reviewText } from "../support/reviews.ts";
import { federatedAccount, sourceOf } from "../support/sources.ts";

const reviewer = (config = "") =>
  createBusyReviewer({ settings: () => settingsOf(config), source: sourceOf(() => federatedAccount()) });
const head = (uid: string, namespace = "production"): string =>
  reviewText((review) => {
    review["request"].uid = uid;
    review["request"].namespace = namespace;
  }).slice(0, 2000);

describe("a large review for which there is no memory", () => {
  it("is put off once, and refused when it is asked again: it must not pass when the API server's time is over", () => {
    const answer = reviewer();
    expect(answer(head("a"), 9000)).toMatchObject({ status: 503, reason: "busy", outcome: "not-ready" });
    expect(answer(head("b"), 9000)).toMatchObject({ status: 503 });
    const again = answer(head("a"), 9000);
    expect(again).toMatchObject({ status: 200, outcome: "denied", reason: "busy", uid: "a" });
    expect(responseIn(again.body)).toMatchObject({ uid: "a", allowed: false, status: { code: 403 } });
  });

  it("is refused at once where the API server could not ask again in time", () => {
    expect(reviewer()(head("a"), 900)).toMatchObject({ status: 200, outcome: "denied", reason: "busy" });
  });

  it.each([
    ["in an exempt namespace", "", "kube-system"],
    ["where nothing is enforced", "policy: { enforcement: Warn }\n", "production"],
  ])("%s passes with a warning", (_name, config, namespace) => {
    const answer = reviewer(config)(head("a", namespace), 900);
    expect(answer).toMatchObject({ status: 200, outcome: "unchanged", reason: "busy", wouldDeny: ["busy"] });
    expect(responseIn(answer.body)).toMatchObject({
      allowed: true,
      warnings: [expect.stringContaining("create it again")],
    });
  });

  it.each(["", "{", '{"kind":"AdmissionReview"}', "x".repeat(4096)])(
    "is put off always where %j does not say whose it is",
    (text) => {
      const answer = reviewer();
      for (let time = 0; time < 3; time++) expect(answer(text, 900)).toMatchObject({ status: 503, reason: "busy" });
    },
  );

  it("is forgotten where thousands come", () => {
    const answer = reviewer();
    for (let index = 0; index < 2000; index++) answer(head(`uid-${index}`), 9000);
    expect(answer(head("uid-0"), 9000)).toMatchObject({ status: 503 });
    expect(answer(head("uid-1999"), 9000)).toMatchObject({ status: 200 });
  });
});

import { describe, expect, it } from "vitest";
import { type Answer, NOT_READY } from "../../src/admission/answer.ts";
import { createMetrics } from "../../src/telemetry/metrics.ts";

const denied: Answer = {
  status: 200,
  body: "",
  outcome: "denied",
  reason: "audience-not-allowed",
  wouldDeny: ["lifetime-not-allowed", "lifetime-not-allowed"],
};

describe("createMetrics", () => {
  it("counts answers by outcome and reason, and how long they took", async () => {
    const metrics = createMetrics(false);
    metrics.answered(denied, 0.2, "pods");
    metrics.answered(denied, 0.2, "pods");
    metrics.answered(NOT_READY, 2000, "pods");
    const page = await metrics.render();
    expect(page).toContain(
      'podpass_admission_requests_total{outcome="denied",reason="audience-not-allowed",resource="pods"} 2',
    );
    expect(page).toContain(
      'podpass_admission_requests_total{outcome="not-ready",reason="not-ready",resource="pods"} 1',
    );
    expect(page).toContain('podpass_policy_would_deny_total{reason="lifetime-not-allowed"} 4');
    expect(page).toContain('podpass_admission_duration_seconds_bucket{le="0.0001",resource="pods"} 0');
    expect(page).toContain('podpass_admission_duration_seconds_bucket{le="0.00025",resource="pods"} 2');
    expect(page).toContain('podpass_admission_duration_seconds_bucket{le="1",resource="pods"} 2');
    expect(page).toContain('podpass_admission_duration_seconds_bucket{le="+Inf",resource="pods"} 3');
  });

  it("starts with what an alert needs to be there", async () => {
    const page = await createMetrics(false).render();
    expect(page).toContain("podpass_configuration_generation 1");
    expect(page).toContain("podpass_configuration_last_reload_successful 1");
    expect(page).toContain('podpass_configuration_reloads_total{result="failure"} 0');
    expect(page).toContain('podpass_serving_certificate_reloads_total{result="failure"} 0');
  });

  it("forgets a reason that no ServiceAccount has any more", async () => {
    const metrics = createMetrics(false);
    metrics.surveyed({ federated: 2, invalid: new Set(["a/b"]), byReason: new Map([["bad-number", 1]]) });
    metrics.surveyed({ federated: 2, invalid: new Set(), byReason: new Map() });
    const page = await metrics.render();
    expect(page).toContain('podpass_serviceaccounts{state="federated"} 2');
    expect(page).toContain('podpass_serviceaccounts{state="invalid"} 0');
    expect(page).not.toContain("bad-number");
  });

  it("is no global: two are apart", async () => {
    const [one, two] = [createMetrics(), createMetrics()];
    one.answered(denied, 1, "pods");
    expect(await two.render()).not.toContain("audience-not-allowed");
  });
});

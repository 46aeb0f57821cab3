/** Bugs that were found by reading the goldens and by properties, each with the test that would have caught it. */
import { describe, expect, it } from "vitest";
import { decideOn, envOf, inject, pod, podWith, tokenVolume, warningReasons, warningsOf } from "../support/pods.ts";

describe("a provider's key on a pod whose ServiceAccount does not federate that provider", () => {
  const config = `
providers:
  a: { token: { audience: a } }
  b: { token: { audience: b }, files: [{ name: f.json, json: 1 }] }
policy: { podOverrides: [expiration-seconds] }
`;
  // DESIGN, section 2: any key under our prefix that nothing reads is ignored with an admission warning.
  it.each([
    "b.podpass.dev/skip-containers",
    "b.podpass.dev/only-containers",
    "b.podpass.dev/expiration-seconds",
    "b.podpass.dev/f.json",
  ])("%s is read by nothing, and warned about", (key) => {
    const decision = decideOn({ config, account: { "podpass.dev/federate": "a" }, pod: pod({}, { [key]: "900" }) });
    expect(warningReasons(decision)).toEqual(["unused-key"]);
  });
});

describe("a reused token that the policy shortens in the same decision", () => {
  // DESIGN, section 4: a lifetime above the provider's max is warned about. After the clamp it is not above it any more.
  it("is not said to live longer than the provider accepts", () => {
    const config = `
providers: { a: { token: { audience: a, mountPath: /a, expirationSeconds: { max: 7200 } } } }
policy: { tokens: { expirationSeconds: { max: 7200 } } }
`;
    const of = podWith({ volumeMounts: [{ name: "mine", mountPath: "/a" }] }, [
      tokenVolume("mine", { audience: "a", path: "token", expirationSeconds: 9000 }),
    ]);
    expect(warningReasons(decideOn({ config, account: { "podpass.dev/federate": "a" }, pod: of }))).toEqual([
      "lifetime-clamped",
    ]);
  });
});

describe("a path variable that is held back by envTogether", () => {
  // As the EKS webhook does it: with one of the two set by the user, neither is added.
  const config = `
providers:
  a:
    token: { audience: a, mountPath: /a }
    env: { A_ROLE: r, A_TOKEN: "\${token.file}" }
    envTogether: [[A_ROLE, A_TOKEN]]
  b: { token: { audience: b, mountPath: /b }, env: { A_TOKEN: somewhere } }
`;
  const own = podWith({ env: [{ name: "A_ROLE", value: "mine" }] });

  it("leaves the container to itself, since nothing would say where the token is", () => {
    const decision = decideOn({ config, account: { "podpass.dev/federate": "a" }, pod: own });
    expect(warningsOf(decision)).toEqual([
      'manages-itself: container "app": has its own settings for a; nothing is added',
    ]);
  });

  it("changes nothing when the pod is injected again", () => {
    const given = { config, account: { "podpass.dev/federate": "a, b" } };
    const once = inject({ ...given, pod: own });
    expect(envOf(once)["A_TOKEN"]).toBe("somewhere");
    expect(decideOn({ ...given, pod: once }).patch).toEqual([]);
  });
});

describe("a variable that two providers set to the same", () => {
  const config = (value: string) => `
providers:
  a: { token: { audience: a }, env: { SHARED: same } }
  b: { token: { audience: b }, env: { SHARED: ${value}, REGION: r, B_TOKEN: "\${token.file}" }, envTogether: [[SHARED, REGION, B_TOKEN]] }
`;
  const given = (value: string) => ({ config: config(value), account: { "podpass.dev/federate": "a, b" } });

  it("holds nothing back of what goes together with it, and is no conflict", () => {
    const once = inject(given("same"));
    expect(envOf(once)).toMatchObject({ SHARED: "same", REGION: "r", B_TOKEN: expect.any(String) });
    expect(warningReasons(decideOn(given("same")))).toEqual([]);
    expect(decideOn({ ...given("same"), pod: once }).patch).toEqual([]);
  });

  it("holds it back where it is not the same", () => {
    const once = inject(given("other"));
    expect(envOf(once)).toEqual({ SHARED: "same" });
    expect(warningReasons(decideOn(given("other")))).toEqual(["variable-conflict"]);
    expect(decideOn({ ...given("other"), pod: once }).patch).toEqual([]);
  });
});

describe("a Secret's file that a projected volume lays over its token", () => {
  // kube-apiserver does not see the collision; the last source is what lies there.
  it("is not reused as the token", () => {
    const config = `providers: { a: { token: { audience: a, mountPath: /a } } }\n`;
    const secret = { secret: { name: "s", items: [{ key: "k", path: "token" }] } };
    const of = podWith({ volumeMounts: [{ name: "mine", mountPath: "/a" }] }, [
      tokenVolume("mine", { audience: "a", path: "token" }, [secret]),
    ]);
    const decision = decideOn({ config, account: { "podpass.dev/federate": "a" }, pod: of });
    expect(decision.reports[0]?.isReused).toBe(false);
  });
});

import { describe, expect, it } from "vitest";
import { container, decideOn, pod, warningReasons, warningsOf } from "../support/pods.ts";

const CONFIG = `
providers:
  a: { token: { audience: a } }
  b: { token: { audience: b } }
`;

const POD = {
  initContainers: [container({ name: "init" }), container({ name: "native", restartPolicy: "Always" })],
  containers: [container({ name: "app" }), container({ name: "sidecar" })],
};

/** `container/provider` of everything that is injected. */
const placed = (account: Readonly<Record<string, string>>, onPod: Readonly<Record<string, string>> = {}) => {
  const decision = decideOn({
    config: CONFIG,
    account: { "podpass.dev/federate": "a, b", ...account },
    pod: pod(POD, onPod),
  });
  const injected = decision.reports.filter((report) => report.placement === "injected");
  return { decision, injected: injected.map((report) => `${report.container}/${report.provider}`).join(" ") };
};

const ALL = "init/a init/b native/a native/b app/a app/b sidecar/a sidecar/b";

describe("container filters", () => {
  it.each<[string, Readonly<Record<string, string>>, Readonly<Record<string, string>>, string]>([
    ["none: every container, init containers and native sidecars too", {}, {}, ALL],
    ["only", { "podpass.dev/only-containers": "app" }, {}, "app/a app/b"],
    ["only an init container", { "podpass.dev/only-containers": "init" }, {}, "init/a init/b"],
    ["skip", { "podpass.dev/skip-containers": "init, native,sidecar" }, {}, "app/a app/b"],
    [
      "skip wins over only",
      { "podpass.dev/only-containers": "app, sidecar", "podpass.dev/skip-containers": "sidecar" },
      {},
      "app/a app/b",
    ],
    [
      "an empty list narrows nothing",
      { "podpass.dev/only-containers": " , ", "podpass.dev/skip-containers": "" },
      {},
      ALL,
    ],
    ["for one provider", { "a.podpass.dev/only-containers": "app" }, {}, "init/b native/b app/a app/b sidecar/b"],
    [
      "global and for one provider",
      { "podpass.dev/only-containers": "app, init", "a.podpass.dev/skip-containers": "init" },
      {},
      "init/b app/a app/b",
    ],
    [
      "a provider's only does not widen the global one",
      { "podpass.dev/only-containers": "app", "a.podpass.dev/only-containers": "app, init" },
      {},
      "app/a app/b",
    ],
    [
      "the pod narrows",
      { "podpass.dev/only-containers": "app, init" },
      { "podpass.dev/only-containers": "app, sidecar" },
      "app/a app/b",
    ],
    [
      "the pod cannot take a skip back",
      { "podpass.dev/skip-containers": "app" },
      { "podpass.dev/only-containers": "app" },
      "",
    ],
    [
      "the pod narrows one provider",
      { "podpass.dev/only-containers": "app" },
      { "b.podpass.dev/skip-containers": "app" },
      "app/a",
    ],
    [
      "one at every place where there may be one",
      {
        "podpass.dev/only-containers": "app, init",
        "a.podpass.dev/only-containers": "app, init",
        "b.podpass.dev/only-containers": "app, init",
      },
      {
        "podpass.dev/only-containers": "app, sidecar",
        "a.podpass.dev/only-containers": "app, sidecar",
        "b.podpass.dev/only-containers": "app, sidecar",
      },
      "app/a app/b",
    ],
    [
      "nothing in common",
      { "podpass.dev/only-containers": "app" },
      { "a.podpass.dev/only-containers": "init" },
      "app/b",
    ],
  ])("%s", (_, account, onPod, expected) => {
    expect(placed(account, onPod).injected).toBe(expected);
  });

  it("that leave nothing still leave the annotation", () => {
    const { decision } = placed({ "podpass.dev/skip-containers": "init,native,app,sidecar" });
    expect(decision).toMatchObject({ outcome: "patched", reason: "left-out", providers: [], warnings: [] });
    expect(decision.patch.map((operation) => operation.path)).toEqual(["/metadata/annotations/podpass.dev~1injected"]);
  });

  it("name unknown containers once each, wherever they are written", () => {
    const { decision } = placed(
      { "podpass.dev/skip-containers": "nobody", "a.podpass.dev/only-containers": "app,__proto__" },
      { "podpass.dev/only-containers": "nobody, app", "b.podpass.dev/skip-containers": "App" },
    );
    expect(warningsOf(decision)).toEqual(
      ["nobody", "__proto__", "App"].map(
        (name) => `unknown-container: a container filter names "${name}", but the pod has no such container`,
      ),
    );
  });

  it("do not take ephemeral containers for containers", () => {
    const debugged = pod({ ...POD, ephemeralContainers: [{ name: "debug", image: "busybox" }] });
    const decision = decideOn({
      config: CONFIG,
      account: { "podpass.dev/federate": "a", "podpass.dev/only-containers": "app, debug" },
      pod: debugged,
    });
    expect(warningReasons(decision)).toEqual(["unknown-container"]);
    expect(JSON.stringify(decision.patch)).not.toContain("ephemeralContainers");
  });
});

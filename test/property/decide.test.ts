import { isDeepStrictEqual } from "node:util";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readConfiguration, showProblems } from "../../src/configuration/read.ts";
import type { Settings } from "../../src/configuration/settings.ts";
import { type Decision, decide } from "../../src/decision/decide.ts";
import { prepareAccount } from "../../src/decision/prepared-account.ts";
import { selects } from "../../src/federation/container-filter.ts";
import { resolveFederation } from "../../src/federation/federation.ts";
import type { Identity } from "../../src/federation/identity.ts";
import type { ServiceAccount } from "../../src/federation/service-account.ts";
import { factsOf, isPlain } from "../../src/injection/container-facts.ts";
import { patchJson } from "../../src/injection/patch.ts";
import type { PlacementReport } from "../../src/injection/plan.ts";
import { planContainer } from "../../src/injection/plan-container.ts";
import { PodIdentities } from "../../src/injection/pod-identities.ts";
import { type Container, type Pod, placedContainers, type ServiceAccountTokenProjection } from "../../src/pod/pod.ts";
import { VolumeFacts } from "../../src/pod/volumes.ts";
import { applied, asPod } from "../support/pods.ts";
import { accounts, configurations, pods } from "./arbitraries.ts";
import { kubernetesProblems } from "./kubernetes-rules.ts";

/** More for a hunt: `PROPERTY_RUNS=20000 npx vitest run --project unit test/property`. */
const RUNS = Number(process.env["PROPERTY_RUNS"] ?? 200);

interface Scenario {
  readonly pod: Pod;
  readonly account: ServiceAccount;
  readonly settings: Settings;
}

const withPrefix = (annotations: ReadonlyMap<string, string>, prefix: string): ReadonlyMap<string, string> =>
  new Map([...annotations].map(([key, value]) => [key.replace("podpass.dev/", `${prefix}/`), value]));

const scenarios: fc.Arbitrary<Scenario> = fc
  .record({ pod: pods, configuration: configurations })
  .chain(({ pod, configuration }) =>
    fc.record({
      pod: fc.constant(pod),
      configuration: fc.constant(configuration),
      annotations: accounts(Object.keys(configuration.providers)),
    }),
  )
  .map(({ pod, annotations, configuration }) => {
    const read = readConfiguration(JSON.stringify(configuration));
    if (!read.ok) throw new Error(showProblems("generated", read.problems));
    const { settings } = read;
    const account = {
      namespace: "production",
      name: "my-api",
      annotations: withPrefix(annotations, settings.annotationPrefix),
    };
    return { pod: asPod(pod), account, settings };
  });

const decideOver = ({ pod, account, settings }: Scenario): Decision =>
  decide({ pod, namespace: "production", serviceAccount: account, settings });

const holds = (property: (scenario: Scenario) => void): void =>
  fc.assert(fc.property(scenarios, property), { numRuns: RUNS });

/** A path as the application reads it, however many slashes and drives the user wrote into it. */
const samePath = (path: string | undefined): string | undefined =>
  path
    ?.replace(/^[A-Za-z]:/, "")
    .replace(/[\\/](\.?[\\/])*/g, "/")
    .replace(/^\/run\//, "/var/run/")
    .toLowerCase();

/** Where in `container` a token for the identity's audience lies. */
const tokenFiles = (
  pod: Pod,
  container: Container,
  { audience, provider }: Identity,
): readonly (string | undefined)[] =>
  (container.volumeMounts ?? [])
    .filter((mount) => !mount.subPath && !mount.subPathExpr)
    .filter((mount) =>
      pod.spec.volumes
        ?.find((volume) => volume.name === mount.name)
        ?.projected?.sources?.some((source) => source.serviceAccountToken?.audience === audience),
    )
    .map((mount) => samePath(`${mount.mountPath}/${provider.fileName}`));

/** The variables that hold the token's path and nothing else. */
const tokenVariables = ({ provider }: Identity): readonly string[] =>
  provider.env
    .filter(({ template }) => isDeepStrictEqual(template, [{ kind: "token", field: "file" }]))
    .map((variable) => variable.name);

/** The pod after injection, or undefined where it is refused. */
const injected = (scenario: Scenario): Pod | undefined => {
  const decision = decideOver(scenario);
  return decision.outcome === "denied" ? undefined : applied(scenario.pod, decision.patch);
};

const tokenSeconds = (token: ServiceAccountTokenProjection): number | undefined => token.expirationSeconds;

const containers = (pod: Pod): readonly Container[] => placedContainers(pod).map((placed) => placed.container);

/** `pod` as a mesh leaves it: one more container, with a token of its own at a popular path. */
const withMesh = (pod: Pod): Pod =>
  asPod({
    ...pod,
    spec: {
      ...pod.spec,
      volumes: [
        ...(pod.spec.volumes ?? []),
        {
          name: "istio-token",
          projected: {
            sources: [{ serviceAccountToken: { audience: "istio-ca", path: "istio-token", expirationSeconds: 43200 } }],
          },
        },
      ],
      containers: [
        ...pod.spec.containers,
        {
          name: "proxy",
          env: [{ name: "P", value: "x" }],
          volumeMounts: [{ name: "istio-token", mountPath: "/var/run/secrets/tokens" }],
        },
      ],
    },
  });

/** Without what a policy may change and what belongs to Podpass. */
const usersOwn = (pod: Pod, count: { volumes: number }): unknown => {
  const { volumes, initContainers, containers: list, ...spec } = pod.spec;
  const strip = ({ env: _, volumeMounts: __, ...rest }: Container) => rest;
  const { annotations: _, ...metadata } = pod.metadata ?? {};
  return {
    ...pod,
    metadata,
    spec: {
      ...spec,
      volumes: (volumes ?? [])
        .slice(0, count.volumes)
        .map((volume) => JSON.parse(JSON.stringify(volume), (key, value) => (key === "expirationSeconds" ? 0 : value))),
      initContainers: (initContainers ?? []).map(strip),
      containers: list.map(strip),
    },
  };
};

const normaliseSeconds = (value: unknown): unknown =>
  JSON.parse(JSON.stringify(value), (key, inner) => {
    // A clamp writes the member where it was left to Kubernetes' default.
    if (key === "serviceAccountToken" && inner) return { expirationSeconds: 0, ...inner };
    return inner;
  });

/** What `report` says must be true of `pod`. */
const expectReported = (report: PlacementReport, pod: Pod, identities: readonly Identity[]): void => {
  const identity = identities.find((one) => one.provider.name === report.provider);
  const container = containers(pod).find((one) => one.name === report.container);
  if (identity === undefined || container === undefined) throw new Error("a report about nothing");
  expect(tokenFiles(pod, container, identity)).toContain(samePath(report.tokenFile));
  for (const name of report.env) expect(container.env?.filter((one) => one.name === name)).toHaveLength(1);
  for (const name of tokenVariables(identity))
    expect(samePath(container.env?.findLast((one) => one.name === name)?.value)).toBe(samePath(report.tokenFile));
};

describe("decide, over generated pods, configurations and ServiceAccounts,", () => {
  it("makes a patch of add operations that applies to a pod that Kubernetes then accepts", () => {
    holds((scenario) => {
      fc.pre(kubernetesProblems(scenario.pod).length === 0);
      const decision = decideOver(scenario);
      for (const operation of decision.patch) expect(operation.op).toBe("add");
      if (decision.outcome === "denied") expect(decision.patch).toEqual([]);
      expect(kubernetesProblems(applied(scenario.pod, decision.patch))).toEqual([]);
    });
  });

  it("changes nothing the second time", () => {
    holds((scenario) => {
      const once = injected(scenario);
      if (once === undefined) return;
      const second = decideOver({ ...scenario, pod: once });
      expect(second.patch).toEqual([]);
      expect(second.outcome).toBe("unchanged");
    });
  });

  it("gives a container that a mesh adds its identities, leaves the others alone, and then changes nothing", () => {
    holds((scenario) => {
      const once = injected(scenario);
      if (once === undefined) return;
      const meshed = withMesh(once);
      const twice = injected({ ...scenario, pod: meshed });
      if (twice === undefined) return;
      expect(containers(twice).slice(0, -1)).toEqual(containers(once));
      expect(decideOver({ ...scenario, pod: twice }).patch).toEqual([]);
    });
  });

  it("keeps everything of the user's, in its order", () => {
    holds((scenario) => {
      const before = structuredClone(scenario.pod);
      const after = injected(scenario);
      expect(scenario.pod).toEqual(before);
      if (after === undefined) return;
      const count = { volumes: before.spec.volumes?.length ?? 0 };
      expect(normaliseSeconds(usersOwn(after, count))).toEqual(normaliseSeconds(usersOwn(before, count)));
      containers(before).forEach((container, index) => {
        const now = containers(after)[index];
        const env = container.env ?? [];
        const mounts = container.volumeMounts ?? [];
        expect((now?.env ?? []).slice((now?.env ?? []).length - env.length)).toEqual(env);
        expect((now?.volumeMounts ?? []).slice(0, mounts.length)).toEqual(mounts);
      });
      const files = [...scenario.settings.providers.values()].flatMap((provider) =>
        provider.files.map((file) => file.annotation),
      );
      for (const [key, value] of Object.entries(before.metadata?.annotations ?? {}))
        if (!files.includes(key) && key !== `${scenario.settings.annotationPrefix}/injected`)
          expect(after.metadata?.annotations?.[key]).toBe(value);
    });
  });

  it("puts a token for the right audience where it says it is, and says it to the application", () => {
    holds((scenario) => {
      const decision = decideOver(scenario);
      if (decision.outcome === "denied") return;
      const after = applied(scenario.pod, decision.patch);
      const { identities } = resolveFederation(scenario.account, scenario.settings);
      for (const report of decision.reports)
        if (report.placement === "injected" || report.placement === "already-present")
          expectReported(report, after, identities);
    });
  });

  it("warns in at most 120 characters, without control characters, and less than 4,096 in all", () => {
    holds((scenario) => {
      const { warnings, message } = decideOver(scenario);
      for (const { text } of warnings) {
        expect(text.length).toBeLessThanOrEqual(120);
        expect(text).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}]/u);
        expect(text).not.toBe("");
      }
      expect(new Set(warnings.map(({ text }) => text)).size).toBe(warnings.length);
      expect(warnings.reduce((sum, { text }) => sum + text.length, 0)).toBeLessThan(4096);
      expect(message ?? "").not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}]/u);
    });
  });

  it("decides the same with a ServiceAccount that was resolved once for many pods", () => {
    const twoPods = fc.tuple(scenarios, pods.map(asPod));
    const both = fc.property(twoPods, ([scenario, second]) => {
      const prepared = prepareAccount(scenario.account, scenario.settings);
      for (const pod of [scenario.pod, second, scenario.pod]) {
        const shared = decide({
          pod,
          namespace: "production",
          serviceAccount: scenario.account,
          settings: scenario.settings,
          prepared,
        });
        expect(shared).toEqual(decideOver({ ...scenario, pod }));
        expect(patchJson(shared.patch)).toBe(JSON.stringify(shared.patch));
      }
    });
    fc.assert(both, { numRuns: RUNS });
  });

  it("plans containers with equal facts once, and each as if everything of it had been looked at", () => {
    const seen = { plain: 0, other: 0 };
    holds(({ pod, account, settings }) => {
      const { federation, rendered } = prepareAccount(account, settings);
      const wanted = rendered.map((one) => ({
        rendered: one,
        seconds: one.identity.requestedSeconds ?? one.identity.provider.lifetime.default,
        filters: [federation.filter, one.identity.filter],
      }));
      const shared = new PodIdentities(wanted);
      const volumes = new Map(pod.spec.volumes?.map((volume) => [volume.name, new VolumeFacts(volume)]));
      const context = { windows: false, keysOf: undefined, volume: (name: string) => volumes.get(name) };
      const planner = shared.planner(false, tokenSeconds);
      for (const container of containers(pod)) {
        const facts = factsOf(container, { ...context, reach: shared.reach });
        seen[isPlain(facts, shared.reach) ? "plain" : "other"]++;
        const everything = {
          variables: new Set([...shared.reach.variables, ...(container.env ?? []).map(({ name }) => name)]),
          unixPaths: ["/"],
          windowsPaths: ["/"],
        };
        const whole = factsOf(container, { ...context, reach: everything });
        const isSelected = (index: number) => selects(shared.list[index]?.filters ?? [], container.name);
        const scope = { identities: shared.list, isSelected, windows: false, lifetimeOf: tokenSeconds };
        expect(planner.planOf(facts, container.name)).toEqual(planContainer(whole, scope));
      }
    });
    expect(Math.min(seen.plain, seen.other)).toBeGreaterThan(RUNS / 4);
  });

  it("never touches what all objects share", () => {
    const before = Object.getOwnPropertyNames(Object.prototype);
    holds((scenario) => void decideOver(scenario));
    expect(Object.getOwnPropertyNames(Object.prototype)).toEqual(before);
  });
});

/** What Podpass itself says of policies on a real API server that somebody changed, removed, or does not let it read. */
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { createAuthority } from "../../../scripts/certificates.ts";
import type { JudgedPolicies } from "../../../src/check/policy-states.ts";
import type { Read } from "../../../src/check/read.ts";
import { POLICY_KINDS } from "../../../src/check/stored-policy.ts";
import { readVersion } from "../../../src/check/versions.ts";
import { configurationDigest } from "../../../src/cli/configuration-digest.ts";
import { createPolicyJudge } from "../../../src/cli/policy-drift/judge-policies.ts";
import { SETTLING_MS, startPolicyLoop } from "../../../src/cli/policy-drift/loop.ts";
import { readConfiguration } from "../../../src/configuration/read.ts";
import { type Connection, createConnection } from "../../../src/kube/connection.ts";
import { kubeconfigAccess } from "../../../src/kube/kubeconfig.ts";
import { createObjectQueries } from "../../../src/kube/object-queries.ts";
import type { PolicyObject } from "../../../src/policies/objects.ts";
import { renderPolicies } from "../../../src/policies/render.ts";
import { renderUnion } from "../../../src/policies/render-union.ts";
import type { User } from "../../cluster/credentials.ts";
import { describeOnCluster, useCluster } from "../../cluster/harness.ts";
import { applyPolicies, removePolicies } from "../../cluster/policies.ts";
import { ManualClock } from "../../kube/manual-clock.ts";
import { temporaryFolder, writeFiles } from "../../support/folder.ts";
import { spawnServe } from "../../support/processes.ts";
import { podpassKubeconfig, podpassUser } from "../accounts.ts";
import { kubeconfigFor } from "../installation.ts";
import { configuration } from "../podpass.ts";

const GROUP = "/apis/admissionregistration.k8s.io/v1";
const RBAC = "/apis/rbac.authorization.k8s.io/v1";
const POLICY = `${GROUP}/validatingadmissionpolicies/podpass-identity.podpass.dev`;
const BINDING = `${GROUP}/validatingadmissionpolicybindings/podpass-identity.podpass.dev`;

const configurationOf = (sections: object) => {
  const read = readConfiguration(configuration({ ...sections }), { ownNamespace: "podpass-system" });
  return read.ok ? read : expect.unreachable();
};
const OWN = configurationOf({ policy: { tokens: { legacySecrets: "Deny" } } });
const OTHER = configurationOf({ providers: { aws: { preset: "aws" } } });

/** Reads policies, and nothing else: the right that the chart gives. */
const reader: User = { name: "reader", groups: [] };

describeOnCluster("drift of policies on a real API server", { timeout: 90_000 }, () => {
  const cluster = useCluster({ users: [reader, podpassUser] });
  const names = new Set<string>();
  let connection: Connection;
  let readerKubeconfig = "";
  let minor = 0;
  let applied: readonly PolicyObject[] = [];

  const rendered = ({ settings, written }: typeof OWN): readonly PolicyObject[] =>
    renderPolicies(settings, { name: "podpass", minor, mode: "exact", digest: configurationDigest(written) }).objects;
  const apply = async (objects: readonly PolicyObject[]): Promise<void> => {
    applied = [...applied.filter((one) => !objects.some((other) => isSame(one, other))), ...objects];
    await applyPolicies(cluster(), objects);
  };
  const isSame = (one: PolicyObject, other: PolicyObject): boolean =>
    one.kind === other.kind && one.metadata.name === other.metadata.name;
  const bind = async (name: string): Promise<void> => {
    names.add(name);
    await cluster().must("POST", `${RBAC}/clusterrolebindings`, {
      metadata: { name: `${name}-policies` },
      roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "reads-policies" },
      subjects: [{ kind: "User", apiGroup: "rbac.authorization.k8s.io", name }],
    });
  };
  const unbind = (name: string): Promise<unknown> =>
    cluster().request("DELETE", `${RBAC}/clusterrolebindings/${name}-policies`);
  const judge = () =>
    createPolicyJudge({
      ask: createObjectQueries(connection),
      name: "podpass",
      isValidatingOnly: false,
      excluded: [],
      configuration: () => OWN,
    });
  const told = async (): Promise<Readonly<Record<string, string>>> => {
    const read = await judge()();
    return read.kind === "read" ? Object.fromEntries(read.value.states) : { kind: read.kind };
  };
  const others = async (): Promise<Readonly<Record<string, string>>> =>
    Object.fromEntries(Object.entries(await told()).filter(([, state]) => state !== "as-configured"));

  beforeAll(async () => {
    const { gitVersion } = await cluster().must<{ gitVersion: string }>("GET", "/version");
    minor = readVersion(gitVersion)?.minor ?? 0;
    readerKubeconfig = await kubeconfigFor(cluster(), reader.name, cluster().userToken(reader.name));
    connection = createConnection({ access: kubeconfigAccess({ path: readerKubeconfig }) });
    const resources = POLICY_KINDS.map(({ resource }) => resource);
    await cluster().must("POST", `${RBAC}/clusterroles`, {
      metadata: { name: "reads-policies" },
      rules: [{ apiGroups: ["admissionregistration.k8s.io"], resources, verbs: ["get"] }],
    });
  });
  afterEach(async () => {
    for (const name of names) await unbind(name);
    names.clear();
    await removePolicies(cluster(), applied);
    applied = [];
  });
  afterAll(() => connection.close());

  it("names what was changed, made to warn, left without its binding, and removed", async () => {
    await bind(reader.name);
    await apply(rendered(OWN));
    await expect.poll(others, { timeout: 10_000 }).toEqual({});
    expect(Object.keys(await told())).toContain("legacy-secrets");

    await cluster().must("PATCH", BINDING, { spec: { validationActions: ["Warn", "Audit"] } });
    expect(await others()).toEqual({ identity: "warning" });
    await cluster().must("PATCH", BINDING, { spec: { validationActions: ["Deny"] } });
    await cluster().must("PATCH", POLICY, { spec: { failurePolicy: "Ignore" } });
    expect(await others()).toEqual({ identity: "changed" });
    await cluster().must("DELETE", BINDING);
    expect(await others()).toEqual({ identity: "without-binding" });
    await cluster().must("DELETE", POLICY);
    expect(await others()).toEqual({ identity: "missing" });
    await removePolicies(cluster(), applied);
    expect(new Set(Object.values(await told()))).toEqual(new Set(["missing"]));
  });

  it("tells a change under way from another configuration, and what is left over from it", async () => {
    await bind(reader.name);
    await apply(rendered(OTHER));
    await expect.poll(others, { timeout: 10_000 }).toMatchObject({ identity: "other-configuration" });
    const installation = { name: "podpass", minor, mode: "exact", digest: configurationDigest(OTHER.written) } as const;
    const unionWith = configurationDigest(OWN.written);
    await apply(renderUnion(OWN.settings, OTHER.settings, { ...installation, unionWith }).objects);
    expect(new Set(Object.values(await told()))).toEqual(new Set(["changing"]));
    await apply(rendered(OWN));
    expect(await others()).toEqual({});
  });

  it("is told once it has lasted, its end at once, and a right that is missing as such", async () => {
    await bind(reader.name);
    await apply(rendered(OWN));
    await expect.poll(others, { timeout: 10_000 }).toEqual({});
    const clock = new ManualClock();
    const reports: Read<JudgedPolicies>[] = [];
    const loop = startPolicyLoop({ clock, read: judge(), report: (reading) => reports.push(reading) });
    const kinds = (): readonly string[] =>
      reports.map((reading) => (reading.kind === "read" ? (reading.value.states.get("identity") ?? "") : reading.kind));
    /** A timer is set once a reading has ended. */
    const isIdle = (): boolean => clock.pending === 1;
    const advance = async (ms: number): Promise<void> => {
      await expect.poll(isIdle, { timeout: 20_000 }).toBe(true);
      clock.advance(ms);
      await expect.poll(isIdle, { timeout: 20_000 }).toBe(true);
    };
    await expect.poll(kinds, { timeout: 20_000 }).toEqual(["as-configured"]);
    await cluster().must("PATCH", BINDING, { spec: { validationActions: ["Warn"] } });
    await advance(11 * 60_000);
    expect(kinds()).toEqual(["as-configured"]);
    await advance(SETTLING_MS * 1.2);
    expect(kinds()).toEqual(["as-configured", "warning"]);
    await cluster().must("PATCH", BINDING, { spec: { validationActions: ["Deny"] } });
    await advance(11 * 60_000);
    expect(kinds()).toEqual(["as-configured", "warning", "as-configured"]);
    await unbind(reader.name);
    await expect.poll(told, { timeout: 10_000 }).toEqual({ kind: "forbidden" });
    await advance(11 * 60_000);
    expect(reports.at(-1)).toEqual({
      kind: "forbidden",
      permission: "get validatingadmissionpolicies.admissionregistration.k8s.io",
    });
    loop.close();
  });

  it("is in the log and the metrics of a server, and in the way of nothing where it may not be read", async () => {
    const folder = temporaryFolder();
    const { cert, key } = await (await createAuthority()).issue({ names: ["localhost"] });
    await writeFiles(folder, { "config.yaml": configuration({}), "tls.crt": cert, "tls.key": key });
    const kubeconfig = await podpassKubeconfig(cluster(), folder, cluster().url);
    const at = (name: string): string => join(folder, name);
    const files = { config: at("config.yaml"), tlsCert: at("tls.crt"), tlsKey: at("tls.key") };
    const options = { ...files, namespace: "podpass-system", policies: "podpass" };
    const own = rendered(configurationOf({}));
    await apply(own);
    const messages = ({ lines }: ReturnType<typeof spawnServe>): readonly unknown[] =>
      lines().flatMap(({ msg }) => (String(msg).includes("admission policies") ? [msg] : []));
    const page = async (server: ReturnType<typeof spawnServe>, path: string): Promise<string> =>
      (await fetch(`${(await server.line("serving"))["healthUrl"]}${path}`)).text();
    const metrics = (server: ReturnType<typeof spawnServe>): Promise<string> => page(server, "/metrics");

    await bind(reader.name);
    const forbidden = spawnServe({ ...options, kubeconfig });
    // It may not read ServiceAccounts, and so is not ready: these readings do not wait for that.
    const server = spawnServe({ ...options, kubeconfig: readerKubeconfig });
    const may = "admission policies may not be read; their drift is not reported until they may";
    await expect.poll(() => messages(forbidden), { timeout: 100_000 }).toEqual([may]);
    expect(await metrics(forbidden)).toContain("podpass_policies_last_read_successful 0");
    expect(await page(forbidden, "/readyz")).toMatch(/ready$/m);

    const same = "admission policies are what the configuration comes to";
    await expect.poll(() => messages(server), { timeout: 100_000 }).toEqual([same]);
    const policies = own.filter(({ kind }) => !kind.endsWith("Binding")).length;
    expect(await metrics(server)).toContain(`podpass_policies{state="as-configured"} ${policies}\n`);
  }, 240_000);
});

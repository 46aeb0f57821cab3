import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { at } from "../../src/check/json.ts";
import { configurationDigest } from "../../src/cli/configuration-digest.ts";
import { readConfiguration } from "../../src/configuration/read.ts";
import { podpassInside } from "../cli/podpass.ts";
import {
  chart,
  describeWithHelm,
  helm,
  mustHelm,
  objectsIn,
  type Rendered,
  type Values,
} from "../cluster/helm/harness.ts";

const folder = mkdtempSync(join(tmpdir(), "podpass-chart-policies-"));
const fileWith = (name: string, text: string): string => {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
};

interface Where {
  readonly values?: Values;
  readonly release?: string;
  readonly namespace?: string;
  readonly kubernetes?: string;
}

const template = ({ values = {}, release = "podpass", namespace = "podpass-system", kubernetes = "1.37.0" }: Where) =>
  helm(["template", release, chart, "--namespace", namespace, "--kube-version", kubernetes], values);
const policiesOf = async (where: Where): Promise<readonly Rendered[]> => {
  const { code, stdout, stderr } = await template(where);
  if (code !== 0) throw new Error(stderr);
  return objectsIn(stdout).filter(({ kind }) => kind.includes("AdmissionPolicy"));
};

/** What decides: all but labels, which are a release's own. */
const withoutLabels = ({ metadata: { labels: _own, ...metadata }, ...rest }: Rendered) => ({ ...rest, metadata });
const byName = (objects: readonly Rendered[]) =>
  objects
    .map(withoutLabels)
    .sort((one, other) => (`${one.kind}${one.metadata.name}` < `${other.kind}${other.metadata.name}` ? -1 : 1));
const commandWith = async (...args: readonly string[]): Promise<string> => {
  const { stdout, stderr, exitCode } = await podpassInside(["policies", ...args]);
  if (exitCode !== 0) throw new Error(stderr);
  return stdout;
};

const NARROW = { providers: { aws: { preset: "aws" } } };
const HEAD = { apiVersion: "podpass.dev/v1alpha1", kind: "Configuration" };
const narrowFile = fileWith("narrow.json", JSON.stringify({ ...HEAD, ...NARROW }));
const otherFile = fileWith("other.json", JSON.stringify({ ...HEAD, policy: { enforcement: "Warn" } }));
const ofOther = await commandWith("--config", otherFile);
const ofOtherRelease = await commandWith("--config", narrowFile, "--release", "other");

describeWithHelm("the chart's policies", () => {
  it("ask for nothing where the webhook is never called", async () => {
    const policies = await policiesOf({ values: { webhook: { excludedNamespaces: ["legacy"] } } });
    const identity = policies.find(({ metadata }) => metadata.name.startsWith("podpass-identity."));
    const values = ["kube-node-lease", "kube-system", "legacy", "podpass-system"];
    const namespaceSelector = { matchExpressions: [{ key: "kubernetes.io/metadata.name", operator: "NotIn", values }] };
    expect(identity).toMatchObject({ spec: { matchConstraints: { namespaceSelector } } });
    const byLabel = { webhook: { namespaceSelector: { matchLabels: { team: "a" } } } };
    expect(await policiesOf({ values: byLabel })).toEqual([]);
  });

  it.each([
    [{}, []],
    [{ release: "other", namespace: "a" }, ["--release", "other-podpass", "-n", "a"]],
    [{ namespace: "kube-system" }, ["-n", "kube-system"]],
    [{ kubernetes: "1.30.4" }, ["--kubernetes", "1.30"]],
    [{ kubernetes: "v1.35.1-gke.1" }, ["--kubernetes", "1.35"]],
    [{ kubernetes: "v1.36.0" }, ["--kubernetes", "1.36"]],
    [{ values: { policies: { mode: "label" } } }, ["--mode", "label"]],
  ])("are those of the command: %j", async (where, args) => {
    expect(byName(await policiesOf(where))).toEqual(byName(objectsIn(await commandWith(...args))));
  });

  it.each<[string, Where]>([
    ["are turned off", { values: { policies: { enabled: false } } }],
    ["are not of the default configuration", { values: { configuration: NARROW } }],
    ["are of a configuration that the chart does not know", { values: { existingConfigMap: "other" } }],
    ["are somebody else's to make", { values: { clusterObjects: { create: false } } }],
  ])("are not there where they %s", async (_, where) => {
    expect(await policiesOf(where)).toEqual([]);
  });

  it("have no mutating half where it is turned off", async () => {
    const policies = await policiesOf({ values: { policies: { mutating: { enabled: false } } } });
    expect(policies.filter(({ kind }) => kind.startsWith("Mutating"))).toEqual([]);
    expect(policies).not.toEqual([]);
  });

  it("are those that were rendered", async () => {
    for (const rendered of [
      await commandWith("--config", narrowFile),
      (await commandWith("--config", narrowFile)).replaceAll("\n", "\r\n"),
      await commandWith("--config", narrowFile, "--union-with", otherFile),
      await commandWith("--config", otherFile, "--union-with", narrowFile),
    ]) {
      const values = { configuration: NARROW, policies: { rendered } };
      expect(byName(await policiesOf({ values }))).toEqual(byName(objectsIn(rendered)));
      const validating = objectsIn(rendered).filter(({ kind }) => kind.startsWith("Validating"));
      expect(byName(await policiesOf({ values, kubernetes: "1.35.0" }))).toEqual(byName(validating));
      expect(await policiesOf({ values: { existingConfigMap: "x", policies: { rendered } } })).not.toEqual([]);
    }
  });

  it.each<[string, Values, RegExp]>([
    [
      "are of another configuration",
      { configuration: NARROW, policies: { rendered: ofOther } },
      new RegExp(
        `policies\\.rendered is of another configuration: it has podpass\\.dev/configuration: ${configurationDigest({ policy: { enforcement: "Warn" } })}, and the configuration of these values is ${configurationDigest(NARROW)}\\. To change a configuration .* union of both.*\\. Otherwise: Render them again:\\n +helm template podpass CHART .* \\| podpass policies --config - --release podpass --namespace podpass-system`,
        "u",
      ),
    ],
    [
      "are of another release",
      { configuration: NARROW, policies: { rendered: ofOtherRelease } },
      /policies\.rendered has no policy called podpass-…: .* or of another release/u,
    ],
    ["are no policies", { policies: { rendered: "a: b" } }, /policies\.rendered has no policy called podpass-…/u],
    ["are in a mode that there is not", { policies: { mode: "fast" } }, /at '\/policies\/mode'/u],
    [
      "would need a label that nothing keeps",
      { policies: { mode: "label", mutating: { enabled: false } } },
      /policies\.mode is label, and nothing keeps the label/u,
    ],
  ])("are refused where they %s", async (_, values, message) => {
    const { code, stderr } = await template({ values });
    expect(stderr).toMatch(message);
    expect(code).not.toBe(0);
  });

  it.each<[string, Values]>([
    ["nothing", {}],
    ["its head alone", HEAD],
    ["a provider", NARROW],
    [
      "what JSON and Go write in their own ways",
      {
        annotationPrefix: "identity.example.com",
        providers: {
          hostile: {
            token: {
              audience: "<a&b>\u2028\u2029\u{1f600}",
              mountPath: "/var/run/x",
              expirationSeconds: { max: 4294967296 },
            },
            parameters: { role: { pattern: '[\\w"<>&]+', default: "<&>", description: "\t'\"\\ \n y" } },
            env: { ROLE: "${parameter.role}", EMPTY: "" },
            files: [
              {
                name: "f.json",
                json: {
                  "\u{1f600}": 1,
                  "\uffee": [1.5, 9007199254740991, 1e-7, 123456789012, 0, -1.25, true, false, ""],
                  "<&>": { no: "yes", "1": "0o17", b: {}, a: [] },
                },
              },
            ],
          },
        },
        policy: { exemptNamespaces: ["kube-*", "on", "1e3"], tokens: { audiences: { allow: ["*", "&"] } } },
      },
    ],
  ])("carry the digest that Helm and the command know a configuration by: %s", async (_, configuration) => {
    const values = { configuration, policies: { enabled: false } };
    const rendered = await mustHelm(["template", "podpass", chart, "--show-only=templates/configmap.yaml"], values);
    const { "configuration.yaml": text = "" } = (objectsIn(rendered)[0]?.["data"] ?? {}) as Record<string, string>;
    const ofMap = readConfiguration(text);
    const ofFile = readConfiguration(JSON.stringify({ ...HEAD, ...configuration }));
    if (!ofMap.ok || !ofFile.ok) throw new Error(JSON.stringify({ ofMap, ofFile }));
    // Helm says its own where another one is rendered.
    const wrong = { configuration, policies: { rendered: (await commandWith()).replaceAll("sha256:4", "sha256:0") } };
    const { stderr } = await template({ values: wrong });
    const [, ofHelm] = /the configuration of these values is (sha256:[0-9a-f]{64})/u.exec(stderr) ?? [];
    expect({ map: configurationDigest(ofMap.written), file: configurationDigest(ofFile.written) }).toEqual({
      map: ofHelm,
      file: ofHelm,
    });
  });
});

interface Installed {
  readonly args: readonly string[];
  readonly rules: readonly { readonly resources: readonly string[]; readonly verbs: readonly string[] }[];
  readonly alerts: string;
}

const reportOf = async (where: Where): Promise<Installed> => {
  const values = { ...where.values, prometheusRule: { enabled: true } };
  const { code, stdout, stderr } = await template({ ...where, values });
  if (code !== 0) throw new Error(stderr);
  const objects = objectsIn(stdout);
  const of = (wanted: string) => objects.find(({ kind }) => kind === wanted);
  const { containers } = at(of("Deployment"), "spec", "template", "spec") as {
    readonly containers: readonly { readonly args: readonly string[] }[];
  };
  const rules = (of("ClusterRole")?.["rules"] ?? []) as Installed["rules"];
  return {
    args: (containers[0]?.args ?? []).filter((arg) => arg.includes("polic")),
    rules: rules.filter(({ resources }) => resources.some((resource) => resource.includes("polic"))),
    alerts: JSON.stringify(of("PrometheusRule")),
  };
};

describeWithHelm("the report of the policies' drift", () => {
  const validating = ["validatingadmissionpolicies", "validatingadmissionpolicybindings"];
  const mutating = ["mutatingadmissionpolicies", "mutatingadmissionpolicybindings"];
  const verbs = ["get"];

  it.each<[string, Where, readonly string[], readonly string[], boolean]>([
    ["both halves", {}, ["--policies=podpass"], [...validating, ...mutating], true],
    [
      "what Kubernetes has before 1.36",
      { kubernetes: "1.35.0" },
      ["--policies=podpass", "--validating-policies-only"],
      validating,
      true,
    ],
    [
      "one half where the other was left out",
      { values: { policies: { mutating: { enabled: false } } } },
      ["--policies=podpass", "--validating-policies-only"],
      validating,
      true,
    ],
    [
      "those of a release, but for what the webhook does not see",
      { release: "x", values: { webhook: { excludedNamespaces: ["legacy"] } } },
      ["--policies=x-podpass", "--policies-exempt=legacy"],
      [...validating, ...mutating],
      true,
    ],
    [
      "those of a configuration that may have none, without an alert",
      { values: { configuration: NARROW } },
      ["--policies=podpass"],
      [...validating, ...mutating],
      false,
    ],
    ["nothing where there are none", { values: { policies: { enabled: false } } }, [], [], false],
    ["nothing where that is not wanted", { values: { policies: { reportDrift: false } } }, [], [], false],
  ])("is about %s", async (_, where, args, resources, hasAlert) => {
    const installed = await reportOf(where);
    expect(installed.args).toEqual(args);
    expect(installed.rules).toEqual(
      resources.length === 0 ? [] : [{ apiGroups: ["admissionregistration.k8s.io"], resources, verbs }],
    );
    expect(installed.alerts.includes("PodpassPoliciesDrifted")).toBe(hasAlert);
  });
});

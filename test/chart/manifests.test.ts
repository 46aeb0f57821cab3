import { cpSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { parse } from "yaml";
import { asManifests, missingPolicies, OLDEST } from "../../scripts/plain-manifests.ts";
import { chartValues, chartYaml, manifests } from "../../scripts/release/files.ts";
import {
  chart,
  describeWithHelm,
  helm,
  mustHelm,
  type Rendered,
  render,
  type Values,
} from "../cluster/helm/harness.ts";
import { anchorsOf, blocksOf, pages, textOf } from "../docs/markdown.ts";
import { mistakesOf } from "../docs/metric-mistakes.ts";
import { temporaryFolder } from "../support/folder.ts";
import { valueSets } from "./value-sets.ts";

const namespace = "podpass-system";

interface Rule {
  readonly alert: string;
  readonly expr: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

const rulesOf = (objects: readonly Rendered[]): readonly Rule[] => {
  const rule = objects.find(({ kind }) => kind === "PrometheusRule");
  const { groups = [] } = (rule?.["spec"] ?? {}) as { groups?: readonly { rules: readonly Rule[] }[] };
  return groups.flatMap(({ rules }) => rules);
};

const isBalanced = (expression: string): boolean => {
  const open: string[] = [];
  for (const sign of expression.replace(/"[^"]*"/g, "")) {
    if ("([{".includes(sign)) open.push(sign);
    const other = { ")": "(", "]": "[", "}": "{" }[sign];
    if (other !== undefined && open.pop() !== other) return false;
  }
  return open.length === 0;
};

describeWithHelm("what is made of the chart", () => {
  it("is up to date for kubectl; `npm run manifests` writes it", async () => {
    const rendered = await mustHelm(["template", "podpass", chart, "--namespace", namespace, ...OLDEST]);
    expect(textOf("deploy/podpass.yaml")).toBe(asManifests(rendered, namespace));
  });

  it("is not silent where a configuration of one's own has no policies", async () => {
    const withValues = async (values: Values) =>
      missingPolicies((await helm(["template", "podpass", chart, "--namespace", namespace], values)).stdout, namespace);
    expect(await withValues({})).toBeUndefined();
    expect(await withValues({ configuration: { policy: { enforcement: "Warn" } } })).toContain(
      "| podpass policies --config - --namespace podpass-system | kubectl apply --server-side -f -",
    );
  });

  it("stays up to date through a release", async () => {
    const folder = temporaryFolder();
    cpSync(chart, folder, { recursive: true });
    const [version, image] = ["0.2.0-rc.1", "registry.example.com/podpass"];
    const edit = (name: string, change: (text: string) => string): void =>
      writeFileSync(join(folder, name), change(readFileSync(join(folder, name), "utf8")));
    edit("Chart.yaml", (text) => chartYaml(text, version));
    edit("values.yaml", (text) => chartValues(text, image));
    const rendered = await mustHelm(["template", "podpass", folder, "--namespace", namespace, ...OLDEST]);
    expect(manifests(textOf("deploy/podpass.yaml"), version, image)).toBe(asManifests(rendered, namespace));
  });

  it("has the program's version", () => {
    const { version } = JSON.parse(textOf("package.json"));
    expect(parse(readFileSync(join(chart, "Chart.yaml"), "utf8"))).toMatchObject({ version, appVersion: version });
  });

  it.each(
    pages.flatMap((page) =>
      blocksOf(textOf(page))
        .filter(({ language, text }) => language === "yaml" && text.startsWith("# values.yaml\n"))
        .map(({ text, line }) => [`${page}:${line}`, text] as const),
    ),
  )("takes the values at %s", async (_, text) => {
    expect(await helm(["lint", "--strict", chart], parse(text))).toMatchObject({ code: 0 });
  });

  it("alerts on metrics that there are, each with a page", async () => {
    const rules = rulesOf(
      await render({ values: { prometheusRule: { enabled: true }, podStatus: { enabled: true } } }),
    );
    expect(rules.map(({ alert }) => alert)).toEqual([
      "PodpassNotReady",
      "PodpassFailsOpen",
      "PodpassCallsFail",
      "PodpassCertificateExpiresSoon",
      "PodpassCertificatesNeedAttention",
      "PodpassHandshakesFail",
      "PodpassInternalFaults",
      "PodpassWatchStale",
      "PodpassConfigurationRefused",
      "PodpassServiceAccountsInvalid",
      "PodpassPoliciesDrifted",
      "PodpassPodsWithoutIdentity",
    ]);
    const anchors = anchorsOf(textOf("docs/runbooks.md"));
    for (const { alert, expr, labels, annotations } of rules) {
      expect(mistakesOf(expr), alert).toEqual([]);
      expect(isBalanced(expr), expr).toBe(true);
      expect(labels["severity"], alert).toMatch(/^(critical|warning)$/);
      const [page, anchor = ""] = annotations["runbook_url"]?.split("#") ?? [];
      expect(page).toBe("https://podpass.dev/docs/runbooks");
      expect(anchors.has(anchor), alert).toBe(true);
      for (const text of Object.values(annotations))
        expect(text.match(/\{\{.*?\}\}/g) ?? []).toHaveLength(text.split("{{").length - 1);
    }
    expect(rules.find(({ alert }) => alert === "PodpassCertificateExpiresSoon")?.expr).toBe(
      'podpass_serving_certificate_not_after_seconds{namespace="podpass-system", job="podpass"} - time() < 14400',
    );
    // One handshake that fails, which any pod can bring about, is gone from the rate before the alert is due.
    expect(rules.find(({ alert }) => alert === "PodpassHandshakesFail")).toMatchObject({
      expr: expect.stringMatching(/rate\(podpass_tls_handshake_failures_total\{.*\}\[3m\]\)\) > 0$/u),
      for: "5m",
      labels: { severity: "warning" },
    });
  });

  it("has the alerts that are asked for", async () => {
    const rules = rulesOf(await render({ values: valueSets["the most of monitoring"] ?? {} }));
    const names = rules.map(({ alert }) => alert);
    expect(names).toContain("Extra");
    expect(names).not.toContain("PodpassServiceAccountsInvalid");
    expect(rules[0]?.labels).toEqual({ severity: "critical", team: "platform" });
  });

  it("shows metrics that there are on the dashboard", () => {
    const { panels } = JSON.parse(readFileSync(join(chart, "dashboards/podpass.json"), "utf8"));
    const expressions = (panels as readonly { targets: readonly { expr: string }[] }[]).flatMap(({ targets }) =>
      targets.map(({ expr }) => expr),
    );
    expect(expressions.length).toBeGreaterThan(10);
    for (const expr of expressions) {
      expect(mistakesOf(expr)).toEqual([]);
      expect(isBalanced(expr), expr).toBe(true);
    }
  });
});

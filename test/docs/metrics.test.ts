/** What the pages say of metrics, outcomes and reasons, compared with the code: an alert on what is not there never fires. */
import { Registry } from "prom-client";
import { describe, expect, it } from "vitest";
import { DECISION_REASONS, PROBLEM_REASONS, WARNING_REASONS } from "../../src/reasons/reasons.ts";
import { HANDSHAKE_FAILURES } from "../../src/telemetry/handshakes.ts";
import { createKubeMetrics } from "../../src/telemetry/kube-metrics.ts";
import { openLog } from "../../src/telemetry/log.ts";
import { createMetrics, OUTCOMES } from "../../src/telemetry/metrics.ts";
import { pages as allPages, blocksOf, textOf } from "./markdown.ts";

/** The changelog also names what is gone. */
const pages = allPages.filter((page) => page !== "CHANGELOG.md");

interface Metric {
  readonly type: string;
  readonly labelNames: readonly string[];
  /** By label, as far as they are there from the start. */
  readonly values: ReadonlyMap<string, ReadonlySet<string>>;
}

interface Described {
  readonly name: string;
  readonly type: string;
  readonly labelNames: readonly string[];
  get(): Promise<{ readonly values: readonly { readonly labels: Readonly<Record<string, string>> }[] }>;
}

const REASONS = new Set(Object.keys({ ...DECISION_REASONS, ...PROBLEM_REASONS, ...WARNING_REASONS }));
const OUTCOME_NAMES = new Set(Object.keys(OUTCOMES));

const metricsOf = async (registry: Registry): Promise<ReadonlyMap<string, Metric>> => {
  const all = new Map<string, Metric>();
  for (const metric of registry.getMetricsAsArray() as unknown as readonly Described[]) {
    const { name, type, labelNames } = metric;
    const { values } = await metric.get();
    const told = (label: string) => new Set(values.flatMap(({ labels }) => labels[label] ?? []));
    all.set(name, { type, labelNames, values: new Map(labelNames.map((label) => [label, told(label)])) });
  }
  return all;
};

const ofCluster = new Registry();
createKubeMetrics(ofCluster, openLog("silent").log, () => undefined);
const metrics = new Map([...(await metricsOf(createMetrics(false).registry)), ...(await metricsOf(ofCluster))]);

/** The metric that a page means: of a histogram there are three. */
const metricOf = (name: string): Metric | undefined => {
  const exact = metrics.get(name);
  if (exact !== undefined) return exact;
  const histogram = metrics.get(name.replace(/_(bucket|count|sum)$/, ""));
  return histogram?.type === "histogram" ? histogram : undefined;
};

/** May `label` of `metric` be `value`? */
const isValue = ({ values }: Metric, label: string, value: string): boolean => {
  if (label === "outcome") return OUTCOME_NAMES.has(value);
  const known = values.get(label) ?? new Set();
  // Reason codes are not there from the start, but where they are a closed set of a few.
  return known.has(value) || (label === "reason" && [...known].every((one) => REASONS.has(one)) && REASONS.has(value));
};

/** What is wrong with the matchers after a metric's name: `{state="invalid"}`. */
const wrongMatchers = (name: string, metric: Metric, matchers: string): readonly string[] =>
  [...matchers.matchAll(/(\w+)\s*(?:=~?|!=|!~)\s*"([^"]*)"/g)].flatMap(([, label = "", text = ""]) => {
    if (!metric.labelNames.includes(label)) return [`${name} has no label ${label}`];
    const wrong = text.split("|").filter((value) => !isValue(metric, label, value));
    return wrong.map((value) => `${name}{${label}} is never ${value}`);
  });

const mistakesOf = (text: string): readonly string[] =>
  [...text.matchAll(/\b(podpass_[a-z0-9_]+)(?:\{([^}\n]*)\})?/g)].flatMap(([, name = "", matchers = ""]) => {
    const metric = metricOf(name);
    return metric === undefined ? [`there is no ${name}`] : wrongMatchers(name, metric, matchers);
  });

interface Line {
  readonly page: string;
  readonly outcome?: string;
  readonly reason?: string;
}

/** The log lines that pages show. */
const logLines: readonly Line[] = pages.flatMap((page) =>
  blocksOf(textOf(page))
    .filter(({ language }) => language === "json")
    .flatMap(({ text }) => text.split("\n"))
    .filter((text) => text.startsWith('{"level"'))
    .map((text) => ({ ...(JSON.parse(text) as Omit<Line, "page">), page })),
);

/** The first cells of the table under a heading that begins with `head`. */
const rowsUnder = (text: string, head: string): readonly string[] => {
  const lines = text.split("\n");
  const start = lines.findIndex((line) => line.startsWith(`| ${head} |`));
  const end = lines.findIndex((line, index) => index > start && !line.startsWith("|"));
  return lines.slice(start + 2, end).map((line) => /^\| `([^`]+)`/.exec(line)?.[1] ?? line);
};

describe("the documentation", () => {
  it.each(pages)("names only metrics, labels and values that there are, in %s", (page) => {
    expect(mistakesOf(textOf(page))).toEqual([]);
  });

  it("would not get away with others", () => {
    const text = [
      "podpass_nonsense_total",
      'podpass_admission_requests_total{outcome="injected"}',
      'podpass_admission_requests_total{outcome="patched",reason="nonsense"}',
      'podpass_serviceaccounts{kind="invalid"}',
      'podpass_tls_handshake_failures_total{reason="injected"}',
      'podpass_watch_errors_total{error=~"idle-timeout|silent"}',
      'podpass_live_get_duration_seconds_count{result="found"}',
      "podpass_watch_age_seconds_count",
    ].join("\n");
    expect(mistakesOf(text)).toEqual([
      "there is no podpass_nonsense_total",
      "podpass_admission_requests_total{outcome} is never injected",
      "podpass_admission_requests_total{reason} is never nonsense",
      "podpass_serviceaccounts has no label kind",
      "podpass_tls_handshake_failures_total{reason} is never injected",
      "podpass_watch_errors_total{error} is never silent",
      "there is no podpass_watch_age_seconds_count",
    ]);
  });

  it("shows log lines with outcomes and reasons that there are", () => {
    expect(logLines.length).toBeGreaterThan(0);
    const wrong = logLines.filter(
      ({ outcome, reason }) => !OUTCOME_NAMES.has(outcome ?? "") || !REASONS.has(reason ?? ""),
    );
    expect(wrong).toEqual([]);
  });

  it("says what to do about each kind of failed handshake", () => {
    expect(rowsUnder(textOf("docs/operations.md"), "`reason`")).toEqual([...HANDSHAKE_FAILURES]);
  });

  it.each(pages)("gives codes in tables of codes that there are, in %s", (page) => {
    const tables = textOf(page).split(/\n(?=\| (?:Code|Reason) \|)/);
    const codes = tables.slice(1).flatMap((table) => rowsUnder(table, table.startsWith("| Code") ? "Code" : "Reason"));
    expect(codes.filter((code) => !REASONS.has(code))).toEqual([]);
  });
});

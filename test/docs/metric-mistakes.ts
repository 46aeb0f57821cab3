/** What a text says of metrics, labels and their values, compared with the code: an alert on what is not there never fires. */
import { Registry } from "prom-client";
import { DECISION_REASONS, PROBLEM_REASONS, WARNING_REASONS } from "../../src/reasons/reasons.ts";
import { createKubeMetrics } from "../../src/telemetry/kube-metrics.ts";
import { openLog } from "../../src/telemetry/log.ts";
import { createMetrics, OUTCOMES } from "../../src/telemetry/metrics.ts";
import { createPodStatusTelemetry } from "../../src/telemetry/pod-status.ts";
import { createPolicyTelemetry } from "../../src/telemetry/policies.ts";

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

/** Every reason code. */
export const REASONS = new Set(Object.keys({ ...DECISION_REASONS, ...PROBLEM_REASONS, ...WARNING_REASONS }));

/** Every outcome. */
export const OUTCOME_NAMES = new Set(Object.keys(OUTCOMES));

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
createPolicyTelemetry(ofCluster, openLog("silent").log);
createPodStatusTelemetry(ofCluster, openLog("silent").log);
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

/** Prometheus gives these to every metric that it reads. */
const TARGET_LABELS: ReadonlySet<string> = new Set(["namespace", "job", "pod"]);

/** What is wrong with the matchers after a metric's name: `{state="invalid"}`. */
const wrongMatchers = (name: string, metric: Metric, matchers: string): readonly string[] =>
  [...matchers.matchAll(/(\w+)\s*(?:=~?|!=|!~)\s*"([^"]*)"/g)].flatMap(([, label = "", text = ""]) => {
    if (TARGET_LABELS.has(label)) return [];
    if (!metric.labelNames.includes(label)) return [`${name} has no label ${label}`];
    const wrong = text.split("|").filter((value) => !isValue(metric, label, value));
    return wrong.map((value) => `${name}{${label}} is never ${value}`);
  });

/** What there is not of the metrics, labels and values in `text`. */
export const mistakesOf = (text: string): readonly string[] =>
  [...text.matchAll(/\b(podpass_[a-z0-9_]+)(?:\{([^}\n]*)\})?/g)].flatMap(([, name = "", matchers = ""]) => {
    const metric = metricOf(name);
    return metric === undefined ? [`there is no ${name}`] : wrongMatchers(name, metric, matchers);
  });

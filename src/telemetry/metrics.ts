/** Every metric, made by a function: two servers in one process have two registries. */
import { Counter, Gauge, Histogram, Registry } from "prom-client";
import type { Answer, Outcome, Reviewed } from "../admission/answer.ts";
import type { DecisionReason, PolicyReason } from "../reasons/reasons.ts";
import type { Survey } from "../serviceaccounts/survey.ts";
import { addProcessMetrics } from "./process-metrics.ts";
import { createTlsMetrics, type TlsMetrics } from "./tls-metrics.ts";

/** Every way in which a request ends, and what it means: the label `outcome`. */
export const OUTCOMES: Readonly<Record<Outcome, string>> = {
  patched: "Allowed, and something was added.",
  unchanged: "Allowed as it was.",
  denied: "Refused by the policy, or since the ServiceAccount cannot be resolved.",
  failed: "A fault of Podpass: the webhook's `failurePolicy` decides.",
  "not-ready": "Not ready, or too busy: the API server asks again.",
  "bad-request": "Not a request that an API server makes.",
};

/** Did a reload take? */
export type ReloadResult = "success" | "failure";

/** The metrics, by what happened. */
export interface Metrics extends TlsMetrics {
  /** Where other modules add their own. */
  readonly registry: Registry;
  /** The text of `/metrics`. */
  render(): Promise<string>;
  answered(answer: Answer, milliseconds: number, reviewed: Reviewed): void;
  configurationReloaded(result: ReloadResult): void;
  surveyed(survey: Pick<Survey, "federated" | "invalid" | "byReason">): void;
  serving(edge: EdgeState): void;
}

/** What the server holds, asked for at each scrape. */
export interface EdgeState {
  bodyBytes(): number;
  connections(): number;
  closedConnections(): number;
}

/** From a tenth of a millisecond, which is a usual answer, to a second, in which a pod's creation is noticed. */
const BUCKETS = [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1];

/** Of pods, and of ServiceAccounts. */
type OfEach<Value> = Readonly<Record<Reviewed, Value>>;

/** What is called with each answer to reviews of one kind. */
type CountRequest = (outcome: Outcome, reason: DecisionReason) => void;

/** Requests since the last scrape, by outcome and reason. */
type Counts = Map<Outcome, Map<DecisionReason, number>>;

const countIn =
  (counts: Counts): CountRequest =>
  (outcome, reason) => {
    let byReason = counts.get(outcome);
    if (byReason === undefined) {
      byReason = new Map();
      counts.set(outcome, byReason);
    }
    byReason.set(reason, (byReason.get(reason) ?? 0) + 1);
  };

/** Counted here, and handed over when it is scraped: the client makes a text of all labels for each increase. */
const requestCounters = (registry: Registry): OfEach<CountRequest> => {
  const counts: OfEach<Counts> = { pods: new Map(), serviceaccounts: new Map() };
  const counter = new Counter({
    name: "podpass_admission_requests_total",
    help: "Requests answered, by outcome and reason, and by what was reviewed.",
    labelNames: ["outcome", "reason", "resource"],
    registers: [registry],
    collect() {
      for (const resource of ["pods", "serviceaccounts"] as const)
        for (const [outcome, byReason] of counts[resource])
          for (const [reason, count] of byReason) {
            this.inc({ outcome, reason, resource }, count);
            byReason.set(reason, 0);
          }
    },
  });
  // Without a first sample an alert on the increase misses the first fault.
  for (const reason of ["lookup-failed", "internal-error"])
    counter.inc({ outcome: "failed", reason, resource: "pods" }, 0);
  counter.inc({ outcome: "failed", reason: "internal-error", resource: "serviceaccounts" }, 0);
  return { pods: countIn(counts.pods), serviceaccounts: countIn(counts.serviceaccounts) };
};

const answerMetrics = (registry: Registry): Metrics["answered"] => {
  const countRequest = requestCounters(registry);
  const durations = new Histogram({
    name: "podpass_admission_duration_seconds",
    help: "From the last byte of the request to the first of the answer, by what was reviewed.",
    labelNames: ["resource"],
    buckets: BUCKETS,
    registers: [registry],
  });
  // As a histogram without labels has them.
  for (const resource of ["pods", "serviceaccounts"]) durations.zero({ resource });
  const ofPods = durations.labels({ resource: "pods" });
  const wouldDeny = new Counter<"reason">({
    name: "podpass_policy_would_deny_total",
    help: "What the policy would have refused or clamped, had enforcement not been Warn.",
    labelNames: ["reason"],
    registers: [registry],
  });
  const countLetPass = (reasons: readonly PolicyReason[]) => {
    for (const reason of reasons) wouldDeny.inc({ reason });
  };
  return (answer, milliseconds, reviewed) => {
    const seconds = milliseconds / 1000;
    if (reviewed === "pods") {
      countRequest.pods(answer.outcome, answer.reason);
      ofPods.observe(seconds);
    } else {
      countRequest[reviewed](answer.outcome, answer.reason);
      durations.observe({ resource: reviewed }, seconds);
    }
    if (answer.wouldDeny !== undefined && answer.wouldDeny.length > 0) countLetPass(answer.wouldDeny);
  };
};

const configurationMetrics = (registry: Registry): Metrics["configurationReloaded"] => {
  const registers = [registry];
  const generation = new Gauge({
    name: "podpass_configuration_generation",
    help: "1 for the configuration at the start, one more for each that replaced it.",
    registers,
  });
  const reloads = new Counter({
    name: "podpass_configuration_reloads_total",
    help: "Changed configuration files, by whether they could be used.",
    labelNames: ["result"],
    registers,
  });
  const isLastGood = new Gauge({
    name: "podpass_configuration_last_reload_successful",
    help: "1 while the configuration file as it is now is the one in use.",
    registers,
  });
  generation.set(1);
  isLastGood.set(1);
  reloads.inc({ result: "success" }, 0);
  reloads.inc({ result: "failure" }, 0);
  return (result) => {
    reloads.inc({ result });
    isLastGood.set(result === "success" ? 1 : 0);
    if (result === "success") generation.inc();
  };
};

const surveyMetrics = (registry: Registry): Metrics["surveyed"] => {
  const byState = new Gauge({
    name: "podpass_serviceaccounts",
    help: "Federated ServiceAccounts, and how many of them cannot be resolved.",
    labelNames: ["state"],
    registers: [registry],
  });
  const byReason = new Gauge({
    name: "podpass_serviceaccounts_invalid",
    help: "Federated ServiceAccounts that cannot be resolved, by each reason that they have.",
    labelNames: ["reason"],
    registers: [registry],
  });
  for (const state of ["federated", "invalid"]) byState.set({ state }, 0);
  return (survey) => {
    byState.set({ state: "federated" }, survey.federated);
    byState.set({ state: "invalid" }, survey.invalid.size);
    byReason.reset();
    for (const [reason, count] of survey.byReason) byReason.set({ reason }, count);
  };
};

const edgeMetrics = (registry: Registry): Metrics["serving"] => {
  let state: EdgeState | undefined;
  const registers = [registry];
  new Gauge({
    name: "podpass_http_large_body_bytes",
    help: "Memory of bodies of more than 64 KiB that are not answered yet.",
    registers,
    collect() {
      this.set(state?.bodyBytes() ?? 0);
    },
  });
  new Gauge({
    name: "podpass_http_connections",
    help: "Open connections to the webhook.",
    registers,
    collect() {
      this.set(state?.connections() ?? 0);
    },
  });
  new Counter({
    name: "podpass_http_connections_closed_total",
    help: "Connections closed in favour of new ones, or not taken, since there were too many.",
    registers,
    collect() {
      this.reset();
      this.inc(state?.closedConnections() ?? 0);
    },
  });
  return (edge) => {
    state = edge;
  };
};

/** Makes a registry with every metric in it; `withProcess` adds those of Node. */
export const createMetrics = (withProcess = true): Metrics => {
  const registry = new Registry();
  if (withProcess) addProcessMetrics(registry);
  return {
    registry,
    render: () => registry.metrics(),
    answered: answerMetrics(registry),
    configurationReloaded: configurationMetrics(registry),
    ...createTlsMetrics(registry),
    surveyed: surveyMetrics(registry),
    serving: edgeMetrics(registry),
  };
};

/** What the admission policies of the release tell, as metrics and log lines. */
import { Gauge, type Registry } from "prom-client";
import { hasDrifted, isChanging, type JudgedPolicies, POLICY_STATES } from "../check/policy-states.ts";
import type { Read } from "../check/read.ts";
import { line } from "../reasons/text.ts";
import type { Log } from "./log.ts";

const MAX_LENGTH = 500;

const logJudged = (log: Log, { states, minor }: JudgedPolicies): void => {
  const kubernetes = `1.${minor}`;
  const policies = states.size;
  if (states.size > 0 && [...states.values()].every((state) => state === "missing"))
    log.warn({ kubernetes }, "there are no admission policies: while no replica answers, nothing is enforced");
  else if (hasDrifted(states)) {
    const drifted = [...states].filter(([, state]) => state !== "as-configured");
    log.warn(
      { drifted: drifted.map(([policy, state]) => `${policy}: ${state}`), kubernetes },
      "admission policies are not what the configuration comes to; podpass check says what to do",
    );
  } else if (isChanging(states))
    log.info({ policies, kubernetes }, "admission policies are the union of this configuration and another one");
  else log.info({ policies, kubernetes }, "admission policies are what the configuration comes to");
};

const logReading = (log: Log, reading: Read<JudgedPolicies>): void => {
  if (reading.kind === "read") logJudged(log, reading.value);
  else if (reading.kind === "absent")
    log.info("the API server has no ValidatingAdmissionPolicy: there is no drift to report");
  else if (reading.kind === "forbidden")
    log.warn(
      { permission: reading.permission },
      "admission policies may not be read; their drift is not reported until they may",
    );
  else log.warn({ problem: line(reading.message, MAX_LENGTH) }, "admission policies could not be read; trying again");
};

/** Those of which a line is to be logged only once have the same text. */
const textOf = (reading: Read<JudgedPolicies>): string =>
  reading.kind === "read" ? JSON.stringify([[...reading.value.states], reading.value.minor]) : reading.kind;

/** Makes the function that is told of each reading: a log line where it is another than before, and metrics. */
export const createPolicyTelemetry = (registry: Registry, log: Log): ((reading: Read<JudgedPolicies>) => void) => {
  const registers = [registry];
  const byState = new Gauge({
    name: "podpass_policies",
    help: "Admission policies of this release inside the API server, by how they stand to the configuration in use.",
    labelNames: ["state"],
    registers,
  });
  const isLastRead = new Gauge({
    name: "podpass_policies_last_read_successful",
    help: "1 while the last reading of the admission policies told of them, 0 where it could not, and before the first.",
    registers,
  });
  const names = Object.keys(POLICY_STATES);
  for (const state of names) byState.set({ state }, 0);
  isLastRead.set(0);
  let told: string | undefined;
  return (reading) => {
    isLastRead.set(reading.kind === "read" ? 1 : 0);
    // After a failure what was known before is the best that there is.
    if (reading.kind !== "failed") {
      const states = reading.kind === "read" ? [...reading.value.states.values()] : [];
      for (const name of names) byState.set({ state: name }, states.filter((state) => state === name).length);
    }
    const text = textOf(reading);
    if (text !== told) logReading(log, reading);
    told = text;
  };
};

/** Whether the admission policies of the release are those of the configuration: read every ten minutes, where that is asked for. */

import { isObjectName } from "../configuration/names.ts";
import type { LiveConfiguration } from "../files/configuration-file.ts";
import { systemClock } from "../kube/clock.ts";
import type { Connection } from "../kube/connection.ts";
import { messageOf, quote } from "../reasons/text.ts";
import type { Log } from "../telemetry/log.ts";
import type { Metrics } from "../telemetry/metrics.ts";
import type { PolicyLoop } from "./policy-drift/loop.ts";
import type { ServeOptions } from "./serve-options.ts";

/** What it is opened with. */
export interface DriftPorts {
  readonly configuration: Pick<LiveConfiguration, "settings" | "written">;
  /** Undefined: no cluster is asked. */
  readonly connection: Connection | undefined;
  readonly log: Log;
  readonly metrics: Pick<Metrics, "registry">;
}

/** After the start, and its code is not loaded before: a replica has other things to do until it is ready. */
const FIRST_MS = 15_000;

/** What is wrong with the options. */
export const driftProblems = ({
  policies,
  policiesExempt,
  validatingPoliciesOnly,
  manifests,
}: ServeOptions): readonly string[] => {
  if (policies === undefined)
    return policiesExempt === undefined && validatingPoliciesOnly !== true
      ? []
      : ["--policies-exempt and --validating-policies-only need --policies NAME, which says whose policies are read"];
  return [
    ...(isObjectName(policies)
      ? []
      : [`--policies: ${quote(policies)} is no name; allowed: lower-case letters, digits, - and ., 253 at most`]),
    ...(manifests === undefined ? [] : ["--policies needs a cluster, where the policies are; --manifests asks none"]),
  ];
};

const start = async (name: string, options: ServeOptions, ports: DriftPorts): Promise<PolicyLoop | undefined> => {
  const { configuration, connection, log, metrics } = ports;
  if (connection === undefined) return undefined;
  const [{ createPolicyJudge }, { startPolicyLoop }, { createPolicyTelemetry }, { createObjectQueries }] =
    await Promise.all([
      import("./policy-drift/judge-policies.ts"),
      import("./policy-drift/loop.ts"),
      import("../telemetry/policies.ts"),
      import("../kube/object-queries.ts"),
    ]);
  const read = createPolicyJudge({
    ask: createObjectQueries(connection),
    name,
    isValidatingOnly: options.validatingPoliciesOnly === true,
    excluded: options.policiesExempt ?? [],
    configuration: () => ({ settings: configuration.settings(), written: configuration.written() }),
  });
  return startPolicyLoop({ clock: systemClock, read, report: createPolicyTelemetry(metrics.registry, log) });
};

/** Begins in a quarter of a minute; undefined where it is not asked for. Nothing that goes wrong in it is told but in the log. */
export const openPolicyDrift = (options: ServeOptions, ports: DriftPorts): PolicyLoop | undefined => {
  const { policies } = options;
  if (policies === undefined || ports.connection === undefined) return undefined;
  let loop: PolicyLoop | undefined;
  let isClosed = false;
  const begin = async (): Promise<void> => {
    const started = await start(policies, options, ports);
    if (isClosed) started?.close();
    else loop = started;
  };
  const cancel = systemClock.after(FIRST_MS * (1 + systemClock.random()), () => {
    begin().catch((error: unknown) =>
      ports.log.error({ problem: messageOf(error) }, "admission policies are not read: a fault of Podpass"),
    );
  });
  return {
    configurationReloaded: () => loop?.configurationReloaded(),
    close: () => {
      isClosed = true;
      cancel();
      loop?.close();
    },
  };
};

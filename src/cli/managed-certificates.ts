/** Certificates that Podpass makes itself, as `podpass serve` is told of them. */
import { isObjectName } from "../configuration/names.ts";
import type { Connection } from "../kube/connection.ts";
import { quote } from "../reasons/text.ts";
import type { Log } from "../telemetry/log.ts";
import type { Metrics } from "../telemetry/metrics.ts";
import type { WebhookConfiguration } from "../tls/managed/facts.ts";
import type { ManagedCertificates } from "../tls/managed/open.ts";
import type { CertificateSource } from "../tls/source.ts";
import type { ServeOptions } from "./serve-options.ts";

/** Where they are kept and whom they are for; how long they live is not said. */
type ManagedNames = Omit<ManagedCertificates, "lifetimes">;

/** The options of managed certificates, and what the source is opened with. */
export interface ManagedPorts {
  /** Undefined: no cluster is asked. */
  readonly connection: Connection | undefined;
  readonly log: Log;
  readonly metrics: Metrics;
  /** Aborted as soon as the process is told to end. */
  readonly stopping: AbortSignal;
}

const NEEDS_SECRET =
  "needs --ca-secret NAME, which names the Secret with the CA of certificates that Podpass makes itself";

const nameProblems = (option: string, names: readonly string[]): readonly string[] =>
  names
    .filter((name) => !isObjectName(name))
    .map((name) => `${option}: ${quote(name)} is no name; allowed: lower-case letters, digits, - and ., 253 at most`);

const missingProblems = (options: ServeOptions, namespace: string | undefined): readonly string[] => {
  const problems: string[] = [];
  if (options.tlsCert !== undefined || options.tlsKey !== undefined)
    problems.push("--ca-secret excludes --tls-cert and --tls-key: certificates are either made or read from files");
  if (options.manifests !== undefined)
    problems.push(
      "--ca-secret needs a cluster, where the Secret is; --manifests asks none: use --tls-cert and --tls-key",
    );
  if (options.service === undefined)
    problems.push(
      "--ca-secret needs --service NAME, the Service that API servers call, for the names in the certificate",
    );
  if (options.webhookConfiguration === undefined)
    problems.push(
      "--ca-secret needs --webhook-configuration NAME, the MutatingWebhookConfiguration whose caBundle has to vouch for it",
    );
  if (namespace === undefined)
    problems.push(
      "--ca-secret needs --namespace NAME, where the Secret and the Service are; this process runs in no pod",
    );
  return problems;
};

const ofKind = (
  kind: WebhookConfiguration["kind"],
  names: readonly string[] | undefined,
): readonly WebhookConfiguration[] => [...new Set(names)].map((name) => ({ kind, name }));

/** Reads the options; undefined where they ask for no managed certificates. */
export const readManaged = (
  options: ServeOptions,
  namespace: string | undefined,
): ManagedNames | { readonly problems: readonly string[] } | undefined => {
  const { caSecret: secret, service, webhookConfiguration, validatingWebhookConfiguration } = options;
  if (secret === undefined) {
    const problems = [
      ...(service === undefined ? [] : [`--service ${NEEDS_SECRET}`]),
      ...(webhookConfiguration === undefined ? [] : [`--webhook-configuration ${NEEDS_SECRET}`]),
      ...(validatingWebhookConfiguration === undefined ? [] : [`--validating-webhook-configuration ${NEEDS_SECRET}`]),
    ];
    return problems.length === 0 ? undefined : { problems };
  }
  const problems = [
    ...missingProblems(options, namespace),
    ...nameProblems("--ca-secret", [secret]),
    ...nameProblems("--service", service === undefined ? [] : [service]),
    ...nameProblems("--webhook-configuration", webhookConfiguration ?? []),
    ...nameProblems("--validating-webhook-configuration", validatingWebhookConfiguration ?? []),
  ];
  if (problems.length > 0 || namespace === undefined || service === undefined) return { problems };
  const configurations = [
    ...ofKind("MutatingWebhookConfiguration", webhookConfiguration),
    ...ofKind("ValidatingWebhookConfiguration", validatingWebhookConfiguration),
  ];
  return { namespace, secret, service, configurations };
};

/** Opens the source; nothing is asked of the cluster before it is watched. */
export const openManaged = async (
  names: ManagedNames,
  { caSeconds, leafSeconds }: ServeOptions,
  { connection, log, metrics, stopping }: ManagedPorts,
): Promise<CertificateSource> => {
  if (connection === undefined) throw new Error("managed certificates need a cluster");
  const [{ LIFETIMES, openManagedCertificates }, { createManagedTelemetry }] = await Promise.all([
    import("../tls/managed/open.ts"),
    import("../telemetry/managed-certificates.ts"),
  ]);
  const lifetimes = {
    caMs: caSeconds === undefined ? LIFETIMES.caMs : caSeconds * 1000,
    leafMs: leafSeconds === undefined ? LIFETIMES.leafMs : leafSeconds * 1000,
  };
  return openManagedCertificates(
    { ...names, lifetimes },
    { connection, stopping, telemetry: createManagedTelemetry(log, metrics) },
  );
};

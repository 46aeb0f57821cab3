/** The whole webhook over its ports: the admission server, the health server, readiness and the way out. */
import { createBusyReviewer } from "../admission/busy.ts";
import { createReviewer } from "../admission/handler.ts";
import { createUnreadReviewer } from "../admission/unread.ts";
import type { Settings } from "../configuration/settings.ts";
import type { ServiceAccountSource } from "../serviceaccounts/source.ts";
import type { FailedHandshake } from "../telemetry/handshakes.ts";
import type { Metrics } from "../telemetry/metrics.ts";
import { createLazyAccountReviewer } from "./account-reviewer.ts";
import { watchHandshakes } from "./handshakes.ts";
import { buildHealthServer, type Condition } from "./health.ts";
import { close, listen } from "./listen.ts";
import { rehearse } from "./rehearsal.ts";
import type { AnsweringPorts } from "./responder.ts";
import { buildAdmissionServer, type KeyPair, secureContext, type Timeouts } from "./server.ts";

/** A scrape that takes longer than this is not waited for. */
const HEALTH_DEADLINE_MS = 1000;

/** What the webhook is made of. */
export interface WebhookPorts {
  settings(): Settings;
  readonly source: ServiceAccountSource;
  /** What is served until another is; undefined: every handshake fails until there is one. */
  readonly certificate: KeyPair | undefined;
  readonly metrics: Pick<Metrics, "registry" | "render" | "serving">;
  readonly answered: AnsweringPorts["answered"];
  readonly handshakeFailed: (failed: FailedHandshake) => void;
  /** Told of answers to made-up reviews, in the place of `answered`; without it there are none. */
  readonly rehearsed?: AnsweringPorts["answered"] | undefined;
  /** That of the configuration in use, by which replicas are told apart that have another one. */
  readonly digest?: () => string;
  /** Conditions of readiness beside the usual ones. */
  readonly conditions?: readonly Condition[];
  readonly timeouts?: Timeouts;
}

/** Where to listen; port 0 takes a free one, and no host means every address. */
export interface Addresses {
  readonly host?: string | undefined;
  readonly port: number;
  readonly healthHost?: string | undefined;
  readonly healthPort: number;
}

/** A webhook that listens. */
export interface Webhook {
  readonly url: string;
  readonly healthUrl: string;
  /** For new handshakes; open connections live on. */
  serveCertificate(pair: KeyPair): void;
  /** Fails readiness; requests are answered as before, but each answer closes its connection. */
  drain(): void;
  /** Closes the listeners and waits for what is being answered; false when `giveUp` came first. */
  close(giveUp: AbortSignal): Promise<boolean>;
}

const conditionsOf = (ports: WebhookPorts, isDraining: () => boolean): readonly Condition[] => [
  // There is no server without a valid one.
  { name: "configuration", missing: () => undefined, about: ports.digest },
  {
    name: "serviceaccounts",
    missing: () => (ports.source.isSynced() ? undefined : "the first complete list is not in yet"),
  },
  ...(ports.conditions ?? []),
  { name: "shutdown", missing: () => (isDraining() ? "shutting down" : undefined) },
];

/** Rehearses once, when it is first called with what is served, and until `stop` is aborted. */
const rehearsalOf = (
  { settings, rehearsed }: WebhookPorts,
  stop: AbortSignal,
): ((certificate: KeyPair | undefined) => void) => {
  let isDue = rehearsed !== undefined;
  return (certificate) => {
    if (!isDue || rehearsed === undefined) return;
    isDue = false;
    // One that fails is missed by nobody.
    if (!stop.aborted && certificate !== undefined)
      rehearse({ settings, certificate, answered: rehearsed }, stop).catch(() => {});
  };
};

/** Starts both servers; rejects where an address cannot be had. */
export const startWebhook = async (ports: WebhookPorts, addresses: Addresses): Promise<Webhook> => {
  const { answered, timeouts } = ports;
  let draining = false;
  let { certificate } = ports;
  const isDraining = () => draining;
  const wanted = new AbortController();
  const rehearseOnce = rehearsalOf(ports, wanted.signal);
  const health = buildHealthServer({
    conditions: conditionsOf(ports, isDraining),
    metrics: ports.metrics,
    onReady: () => rehearseOnce(certificate),
  });
  const { server: admission, state } = buildAdmissionServer(certificate, {
    review: createReviewer(ports),
    reviewUnread: createUnreadReviewer(ports),
    reviewBusy: createBusyReviewer(ports),
    accounts: createLazyAccountReviewer(ports.settings),
    answered,
    isDraining,
    ...(timeouts && { timeouts }),
  });
  watchHandshakes(admission, () => certificate !== undefined, ports.handshakeFailed);
  admission.once("connection", () => wanted.abort());
  ports.metrics.serving(state);
  const healthAt = await listen(health, addresses.healthPort, addresses.healthHost);
  let at: string;
  try {
    at = await listen(admission, addresses.port, addresses.host);
  } catch (error) {
    await close(health, AbortSignal.abort());
    throw error;
  }
  return {
    url: `https://${at}`,
    healthUrl: `http://${healthAt}`,
    serveCertificate: (pair) => {
      admission.setSecureContext(secureContext(pair));
      certificate = pair;
    },
    drain: () => {
      draining = true;
    },
    close: async (giveUp) => {
      draining = true;
      wanted.abort();
      const isComplete = await close(admission, giveUp);
      await close(health, AbortSignal.any([giveUp, AbortSignal.timeout(HEALTH_DEADLINE_MS)]));
      return isComplete;
    },
  };
};

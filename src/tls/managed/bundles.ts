/** What belongs into the `caBundle` of a webhook configuration; pure. */
import { type Ca, type ConfigurationView, hasEnded, type View, type WebhookConfiguration } from "./facts.ts";

/**
 * Certificates in one `caBundle`. Usually there are one or two. The rest is room for those of others, and for a Secret that
 * is deleted again and again; and a bound, since whoever may write the configuration could otherwise make us read anything.
 */
export const MAX_BUNDLE = 16;

/** A `caBundle` that has to be written: for every webhook of the configuration the same. */
export interface BundleChange {
  readonly configuration: WebhookConfiguration;
  /** The certificates that it then holds. */
  readonly cas: readonly Ca[];
}

type Present = Extract<ConfigurationView, { state: "present" }>;

const distinct = (cas: readonly Ca[]): readonly Ca[] => [...new Map(cas.map((ca) => [ca.id, ca])).values()];

/** The CAs whose leaves any replica may serve, as far as this one knows. */
const neededCas = ({ nowMs, secret, replica }: View): readonly Ca[] => {
  const needed: Ca[] = [];
  if (secret.state === "usable") {
    needed.push(secret.ca);
    if (typeof secret.previous === "object") needed.push(secret.previous);
  }
  if (replica.served !== undefined) needed.push(replica.served);
  return distinct(needed).filter((ca) => !hasEnded(ca, nowMs));
};

/**
 * What is there stays until it ends. An older CA of ours: a leaf never outlives its CA, so until then some
 * replica may serve one, and no replica has to be asked. One of somebody else's: another server may stand behind the same
 * Service, as while an installation moves from cert-manager to this.
 */
const wanted = (needed: readonly Ca[], { all }: Present, nowMs: number): readonly Ca[] => {
  const kept = all.filter((ca) => !hasEnded(ca, nowMs));
  const own = kept.filter(({ isOwn }) => isOwn).sort((a, b) => b.notBeforeMs - a.notBeforeMs);
  return distinct([...needed, ...own, ...kept]).slice(0, MAX_BUNDLE);
};

const isSame = (a: readonly Ca[], b: readonly Ca[]): boolean => {
  const ids = new Set(a.map(({ id }) => id));
  return a.length === b.length && b.every(({ id }) => ids.has(id));
};

/**
 * The bundles that are not as they have to be, or with `asProof` each of them, for the API server to say whether it would
 * take a change. Without a CA of ours nothing is written.
 */
export const changedBundles = (view: View, asProof: boolean): readonly BundleChange[] => {
  const needed = neededCas(view);
  if (needed.length === 0) return [];
  return view.configurations.flatMap((configuration) => {
    if (configuration.state !== "present") return [];
    const cas = wanted(needed, configuration, view.nowMs);
    const isRight = configuration.isTidy && isSame(cas, configuration.common) && isSame(cas, configuration.all);
    return isRight && !asProof ? [] : [{ configuration, cas }];
  });
};

/** How far the API servers trust a CA. */
export type Trust =
  /** Each configuration has it, and for long enough that every API server has noticed. */
  | "settled"
  /** Each configuration has it, but some for a short time only. */
  | "settling"
  /** Some configuration does not have it. */
  | "missing"
  /** Some configuration could not be read. */
  | "unknown";

/**
 * How long after a change of a `caBundle` every API server is taken to know it. Measured: 3 s at most. Until then a new CA
 * is only announced: what is served is still a leaf of the old one.
 */
const SETTLE_MS = 10_000;

/** What this replica has seen for so long was not changed since, whatever was noted: another API server's clock may be wrong. */
const settledFrom = ({ changedMs, seenForMs }: Present, nowMs: number): number =>
  Math.min(changedMs, nowMs - seenForMs) + SETTLE_MS;

/**
 * How far `ca` is trusted; where nobody is told to call, nobody has to trust anything. A ValidatingWebhookConfiguration that
 * cannot be read holds nothing up: an installation from before it has no right to, and what it is for is only told earlier.
 */
export const trustIn = (ca: Ca, { configurations, nowMs }: View): Trust => {
  let trust: Trust = "settled";
  for (const configuration of configurations) {
    const { state, kind } = configuration;
    if (state === "unknown" && kind === "MutatingWebhookConfiguration") return "unknown";
    if (state !== "present") continue;
    if (configuration.common.every(({ id }) => id !== ca.id)) return "missing";
    if (nowMs < settledFrom(configuration, nowMs)) trust = "settling";
  }
  return trust;
};

/** When the last change has settled; milliseconds since 1970, 0 where there is no configuration. */
export const settledAt = ({ configurations, nowMs }: View): number =>
  Math.max(0, ...configurations.map((one) => (one.state === "present" ? settledFrom(one, nowMs) : 0)));

/** What decisions about managed certificates look at: plain values, as they were read. */

/** A CA certificate. */
export interface Ca {
  /** Tells it from every other one: the fingerprint of all of it. */
  readonly id: string;
  /** Milliseconds since 1970. */
  readonly notBeforeMs: number;
  /** Milliseconds since 1970. */
  readonly notAfterMs: number;
  /** Its subject is that of the CAs that Podpass makes. */
  readonly isOwn: boolean;
}

/** The Secret with the CA. */
export type SecretView =
  /** It could not be read. */
  | { readonly state: "unknown"; readonly problem: string }
  | { readonly state: "absent" }
  /** As the chart makes it. */
  | { readonly state: "empty" }
  | { readonly state: "unusable"; readonly problem: string }
  | {
      readonly state: "usable";
      readonly ca: Ca;
      /** The CA before it, as long as it is in the Secret. */
      readonly previous: Ca | "unusable" | undefined;
    };

/** Which webhook configuration: one of each kind may have the same name. */
export interface WebhookConfiguration {
  readonly kind: "MutatingWebhookConfiguration" | "ValidatingWebhookConfiguration";
  readonly name: string;
}

/** A webhook configuration as it was read. */
export type ConfigurationView = WebhookConfiguration &
  /** It could not be read. */
  (
    | { readonly state: "unknown"; readonly problem: string }
    /** Nobody is told to call: it is not there, or has no webhooks. */
    | { readonly state: "idle"; readonly problem: string }
    | PresentConfiguration
  );

interface PresentConfiguration {
  readonly state: "present";
  /** In the `caBundle` of each of its webhooks. */
  readonly common: readonly Ca[];
  /** In any of them; those in `common` too. */
  readonly all: readonly Ca[];
  /** There is nothing in them that is no certificate, or twice, or too much to look at. */
  readonly isTidy: boolean;
  /** When a `caBundle` was last changed, as the API server noted it; milliseconds since 1970, infinite where it did not. */
  readonly changedMs: number;
  /** For how long this replica has seen them as they are, in milliseconds. */
  readonly seenForMs: number;
}

/** What this replica has in memory. */
export interface ReplicaView {
  /** The CA of the leaf that is served. */
  readonly served: Ca | undefined;
  /** When that leaf ends; milliseconds since 1970, 0 without one. */
  readonly leafEndMs: number;
  /** It was ready once, with a leaf of that CA or of one whose place this one took while it was trusted. */
  readonly wasReady: boolean;
}

/** How long certificates live, in milliseconds. Both are renewed at two thirds. */
export interface Lifetimes {
  readonly caMs: number;
  readonly leafMs: number;
}

/** All that a decision stands on. */
export interface View {
  /** The API server's time: its clock is the one that our certificates are judged by. Milliseconds since 1970. */
  readonly nowMs: number;
  readonly secret: SecretView;
  readonly configurations: readonly ConfigurationView[];
  readonly replica: ReplicaView;
  readonly lifetimes: Lifetimes;
}

/** One API server's clock may be a little behind that of the one whose time a CA was made at. */
const CLOCK_TOLERANCE_MS = 60_000;

/** Has it begun, and not ended? */
export const isInDate = ({ notBeforeMs, notAfterMs }: Ca, nowMs: number): boolean =>
  notBeforeMs - CLOCK_TOLERANCE_MS <= nowMs && nowMs < notAfterMs;

/**
 * Is it of no use any more, to anybody? One that has not begun by this API server's clock has begun by that of another one,
 * which may be further ahead than is tolerated: some replica may serve a leaf of it.
 */
export const hasEnded = ({ notAfterMs }: Ca, nowMs: number): boolean => nowMs >= notAfterMs;

/** When a CA has to be followed by another: at two thirds of its life. Milliseconds since 1970. */
export const renewalOf = ({ notBeforeMs, notAfterMs }: Ca): number =>
  notBeforeMs + Math.floor(((notAfterMs - notBeforeMs) * 2) / 3);

/** What is to be done about certificates, given what was read: a pure function over plain values. */
import { type BundleChange, changedBundles, settledAt, trustIn } from "./bundles.ts";
import { type Ca, hasEnded, isInDate, renewalOf, type View } from "./facts.ts";

/** Why a new CA is made. */
export type Cause =
  /** There was none yet. */
  | "empty"
  /** Two thirds of the old one's life are over. */
  | "due"
  /** The old one ended, or has not begun. */
  | "out-of-date"
  /** What is in the Secret is no CA that can be used. */
  | "unusable";

/** What is written to the Secret. */
export type SecretChange =
  | { readonly kind: "none" }
  /** Makes it, empty: what comes in is agreed upon by its resourceVersion. */
  | { readonly kind: "make" }
  | { readonly kind: "renew"; readonly cause: Cause; readonly previous: Ca | undefined }
  | { readonly kind: "forget-previous" };

/** What to do now, in this order; each part may fail, and is then decided about again. */
export interface Plan {
  /** The leaf stays, or a new one is signed: by the CA of the one that is served, or by the one in the Secret. */
  readonly leaf: "keep" | "by-served" | "by-current";
  /** Where one of them fails there is no new CA either: it would be trusted nowhere, and replicas that start have no other. */
  readonly bundles: readonly BundleChange[];
  readonly secret: SecretChange;
}

/** How long nothing is looked at where nothing is to come: a change that somebody else makes is found after that. */
const POLL_MS = 30_000;

/** The same while this replica is not ready. */
const EAGER_MS = 3000;

const SOON_MS = 250;

const NONE = { kind: "none" } as const;

const renew = (cause: Cause, previous: Ca | undefined, { nowMs }: View): SecretChange => ({
  kind: "renew",
  cause,
  previous: previous !== undefined && !hasEnded(previous, nowMs) ? previous : undefined,
});

/**
 * One that is due is followed only where every configuration is seen to have it: else the next one may not get there, and a
 * replica that starts could serve neither. One that has ended helps nobody, so there is nothing to wait for.
 */
const decideSecret = (view: View): SecretChange => {
  const { nowMs, secret, replica } = view;
  if (secret.state === "unknown") return NONE;
  if (secret.state === "absent") return { kind: "make" };
  if (secret.state !== "usable") return renew(secret.state, replica.served, view);
  const { ca, previous } = secret;
  if (!isInDate(ca, nowMs)) return renew("out-of-date", replica.served ?? ca, view);
  if (nowMs >= renewalOf(ca) && trustIn(ca, view) === "settled") return renew("due", ca, view);
  const isPast = previous !== undefined && (previous === "unusable" || hasEnded(previous, nowMs));
  return isPast ? { kind: "forget-previous" } : NONE;
};

/** May the CA in the Secret take the place of `served`? Where `served` is of no use any more, nothing is lost. */
const isTurnOf = (current: Ca, served: Ca, view: View): boolean => {
  if (hasEnded(served, view.nowMs)) return true;
  const trust = trustIn(current, view);
  return trust === "settled" || (trust === "settling" && trustIn(served, view) === "missing");
};

/** The end of a leaf that `ca` signs now: it never outlives its CA. Milliseconds since 1970. */
export const leafEnd = (ca: Ca, { nowMs, lifetimes }: Pick<View, "nowMs" | "lifetimes">): number =>
  Math.min(ca.notAfterMs, nowMs + lifetimes.leafMs);

const isLeafDue = (served: Ca, view: View): boolean => {
  const { leafEndMs } = view.replica;
  // What ends with its CA cannot be made longer.
  return leafEndMs - view.nowMs <= view.lifetimes.leafMs / 3 && leafEnd(served, view) > leafEndMs;
};

const decideLeaf = (view: View): Plan["leaf"] => {
  const { secret, replica, nowMs } = view;
  const { served } = replica;
  const current = secret.state === "usable" && isInDate(secret.ca, nowMs) ? secret.ca : undefined;
  // With nothing to serve every handshake fails; one with a leaf that is not trusted yet fails no worse.
  if (served === undefined) return current === undefined ? "keep" : "by-current";
  if (current !== undefined && current.id !== served.id && isTurnOf(current, served, view)) return "by-current";
  return isLeafDue(served, view) ? "by-served" : "keep";
};

/**
 * When to look again at the latest, given how it stands now that all is done; milliseconds from now. What became due since
 * `decidedMs`, while it was being done, was not decided about.
 */
export const againAfter = (view: View, decidedMs: number): number => {
  const { nowMs, secret, replica, lifetimes } = view;
  const due = [nowMs + (replica.wasReady ? POLL_MS : EAGER_MS)];
  if (replica.leafEndMs > 0) due.push(replica.leafEndMs - lifetimes.leafMs / 3);
  if (secret.state === "usable") {
    const isWaiting = !replica.wasReady || secret.ca.id !== replica.served?.id;
    due.push(renewalOf(secret.ca));
    if (isWaiting) due.push(settledAt(view));
  }
  // What was due before that, and is still here, waits for something else.
  const next = Math.min(...due.filter((ms) => ms > decidedMs));
  return Math.max(next - nowMs, SOON_MS);
};

/** Decides. */
export const decide = (view: View): Plan => {
  const secret = decideSecret(view);
  const bundles = changedBundles(view, secret.kind === "renew");
  return { leaf: decideLeaf(view), bundles, secret };
};

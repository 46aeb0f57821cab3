/** What is said about managed certificates to people: sentences for readiness, which logs repeat. */
import { quote } from "../../reasons/text.ts";
import { type Trust, trustIn } from "./bundles.ts";
import { isInDate, renewalOf, type View } from "./facts.ts";

/** Where the objects are, for sentences. */
export interface Places {
  readonly namespace: string;
  /** The Secret's name. */
  readonly secret: string;
}

/** What is said. */
export interface Condition {
  /** Why this replica is not ready; undefined where it is. */
  readonly missing: string | undefined;
  /** What somebody should know, though it is ready. */
  readonly notices: readonly string[];
}

const instant = (ms: number): string => new Date(ms).toISOString();

const MINUTE_MS = 60_000;

/** What is wrong with the Secret. */
const secretProblem = ({ secret, nowMs }: View, places: Places): string | undefined => {
  const name = `the Secret ${places.namespace}/${places.secret}`;
  switch (secret.state) {
    case "unknown":
      return `${name} cannot be read: ${secret.problem}`;
    case "absent":
      return `${name} is not there`;
    case "empty":
      return `${name} has no CA yet`;
    case "unusable":
      return `${name} has no usable CA: ${secret.problem}`;
    case "usable":
      return isInDate(secret.ca, nowMs) ? undefined : `the CA in ${name} is out of date`;
  }
};

const UNTRUSTED: Readonly<Record<Exclude<Trust, "settled" | "unknown">, string>> = {
  missing: "does not hold the CA",
  settling: "holds the CA for some seconds only, which API servers take to notice",
};

const configurationProblems = (view: View): readonly string[] =>
  view.configurations.flatMap((one) => {
    const name = `the ${one.kind} ${quote(one.name, 100)}`;
    if (one.state === "unknown") return [`${name} cannot be read: ${one.problem}`];
    if (one.state === "idle") return [`${name} ${one.problem}: no API server calls this webhook`];
    const { served } = view.replica;
    const trust = served === undefined ? "settled" : trustIn(served, { ...view, configurations: [one] });
    // Who has been trusted for long is not told of a change beside it.
    if (trust === "settled" || trust === "unknown" || (trust === "settling" && isReady(view))) return [];
    return [`the caBundle of ${name} ${UNTRUSTED[trust]}`];
  });

/** A renewal that is late although nothing that was written failed. */
const lateRenewal = ({ secret, nowMs }: View): readonly string[] => {
  if (secret.state !== "usable" || nowMs < renewalOf(secret.ca) + MINUTE_MS) return [];
  return [
    `the CA should have been renewed at ${instant(renewalOf(secret.ca))}; it ends at ${instant(secret.ca.notAfterMs)}`,
  ];
};

const clockNotice = (differenceMs: number): readonly string[] => {
  if (Math.abs(differenceMs) < MINUTE_MS) return [];
  const side = differenceMs > 0 ? "ahead of" : "behind";
  const minutes = Math.floor(Math.abs(differenceMs) / MINUTE_MS);
  return [`this machine's clock is ${minutes} minutes ${side} the API server's, by which certificates are judged`];
};

/** Is what is served good, and trusted? Once it was, it stays: no other replica would be trusted more. */
export const isReady = (view: View): boolean => {
  const { served, leafEndMs, wasReady } = view.replica;
  if (served === undefined || view.nowMs >= leafEndMs) return false;
  return wasReady || trustIn(served, view) === "settled";
};

/** What was noticed beside the view. */
export interface Noticed {
  /** Writes that failed. */
  readonly failures: readonly string[];
  /** How far this machine's clock is ahead of the API server's, in milliseconds. */
  readonly clockDifferenceMs: number;
}

/** Says how it stands. */
export const describeCondition = (view: View, { failures, clockDifferenceMs }: Noticed, places: Places): Condition => {
  const ofSecret = secretProblem(view, places);
  const problems = [
    ...failures,
    ...(ofSecret === undefined ? [] : [ofSecret]),
    ...configurationProblems(view),
    ...lateRenewal(view),
    ...clockNotice(clockDifferenceMs),
  ];
  if (isReady(view)) return { missing: undefined, notices: problems };
  const { served, leafEndMs } = view.replica;
  const isOver = served !== undefined && view.nowMs >= leafEndMs;
  const over = isOver ? [`the serving certificate expired at ${instant(leafEndMs)}`] : [];
  const reasons = [...over, ...problems];
  return { missing: reasons.length === 0 ? "there is no serving certificate yet" : reasons.join("; "), notices: [] };
};

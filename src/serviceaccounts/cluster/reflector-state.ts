/** What a reflector does next, as a pure function of what happened: no clock, no requests. */
import { backoffMs } from "../../kube/backoff.ts";
import type { ErrorClass, RelistReason } from "./metrics.ts";

/** How an attempt, one request or a list with its watch, came to its end. */
export type Outcome =
  /** By the timeout that the request asked for. */
  | { readonly kind: "ended" }
  /** 410, as a status or within the stream. */
  | { readonly kind: "expired" }
  /** The API server does not serve streaming lists. */
  | { readonly kind: "streaming-unsupported" }
  | { readonly kind: "failed"; readonly errorClass: ErrorClass; readonly retryAfterMs?: number | undefined };

/** Where a reflector stands between two attempts. */
export interface ReflectorState {
  /** Undefined: the next attempt reads a complete list. */
  readonly resourceVersion: string | undefined;
  readonly relistReason: RelistReason;
  /** The list is asked for as a stream, until the API server shows that it does not do that. */
  readonly streamsList: boolean;
  readonly hasSynced: boolean;
  /**
   * Attempts in a row, the current one included, that brought neither an event nor a bookmark. Those that no server
   * answered are counted by themselves: they say nothing of one that answers again, and must not make it wait.
   */
  readonly attemptsWithoutProgress: number;
  readonly wasUnreachable: boolean;
}

/** The state of a reflector that did nothing yet. */
export const initialState: ReflectorState = {
  resourceVersion: undefined,
  relistReason: "first",
  streamsList: true,
  hasSynced: false,
  attemptsWithoutProgress: 0,
  wasUnreachable: false,
};

/** Milliseconds between attempts. */
const FIRST_DELAY_MS = 200;
/** A refused connection costs an API server nothing, while each pod costs it a live GET until the watch is back. */
const MAX_DELAY_UNREACHABLE_MS = 1000;
/** Until the first list nothing is served, so that a few more attempts are the lesser evil. */
const MAX_DELAY_UNSYNCED_MS = 2000;
const MAX_DELAY_MS = 10_000;

/** Attempts without progress after which a resource version, or streaming, is given up. */
const MAX_WITHOUT_PROGRESS = 3;

const maxDelayMs = (state: ReflectorState, errorClass: ErrorClass | undefined): number => {
  if (errorClass === "unreachable") return MAX_DELAY_UNREACHABLE_MS;
  return state.hasSynced ? MAX_DELAY_MS : MAX_DELAY_UNSYNCED_MS;
};

const delayAfter = (state: ReflectorState, outcome: Outcome, random: number): number => {
  const { errorClass, retryAfterMs } = outcome.kind === "failed" ? outcome : {};
  return backoffMs({
    attempts: state.attemptsWithoutProgress,
    firstMs: FIRST_DELAY_MS,
    maxMs: maxDelayMs(state, errorClass),
    retryAfterMs,
    random,
  });
};

/** Errors that may come from asking for a stream. */
const MAY_BE_THE_STREAM: ReadonlySet<ErrorClass> = new Set([
  "interrupted",
  "idle-timeout",
  "malformed",
  "too-large",
  "unexpected",
]);

/** Errors that may come from the resource version; a load balancer that cuts quiet connections is none of them. */
const MAY_BE_THE_VERSION: ReadonlySet<ErrorClass> = new Set([
  "idle-timeout",
  "malformed",
  "too-large",
  "server-error",
  "unexpected",
]);

const afterFailure = (state: ReflectorState, errorClass: ErrorClass): ReflectorState => {
  if (state.attemptsWithoutProgress < MAX_WITHOUT_PROGRESS) return state;
  if (state.resourceVersion === undefined)
    return MAY_BE_THE_STREAM.has(errorClass) ? { ...state, streamsList: false } : state;
  if (!MAY_BE_THE_VERSION.has(errorClass)) return state;
  return { ...state, resourceVersion: undefined, relistReason: "no-progress", attemptsWithoutProgress: 0 };
};

/** The state at the beginning of an attempt. */
export const begun = (state: ReflectorState): ReflectorState => ({
  ...state,
  attemptsWithoutProgress: state.attemptsWithoutProgress + 1,
});

/** The state once everything up to `resourceVersion` is in the store. */
export const progressed = (state: ReflectorState, resourceVersion: string): ReflectorState => ({
  ...state,
  resourceVersion: resourceVersion === "" ? state.resourceVersion : resourceVersion,
  hasSynced: true,
  attemptsWithoutProgress: 0,
});

/** What beside its outcome counts of an attempt. */
export interface Circumstances {
  /** How long its watch was open. */
  readonly openMs: number;
  /** From 0 to 1. */
  readonly random: number;
}

/** A watch that was open for so long was not turned away. */
const LASTING_MS = 10_000;

const counted = (state: ReflectorState, errorClass: ErrorClass | undefined, openMs: number): ReflectorState => {
  const wasUnreachable = errorClass === "unreachable";
  if (errorClass === "interrupted" && openMs >= LASTING_MS)
    return { ...state, wasUnreachable, attemptsWithoutProgress: 0 };
  const isOfAnotherKind = wasUnreachable !== state.wasUnreachable && state.attemptsWithoutProgress > 1;
  return { ...state, wasUnreachable, attemptsWithoutProgress: isOfAnotherKind ? 1 : state.attemptsWithoutProgress };
};

/** The state after an attempt, and the wait before the next one. */
export const advance = (
  before: ReflectorState,
  outcome: Outcome,
  { openMs, random }: Circumstances,
): { readonly state: ReflectorState; readonly delayMs: number } => {
  const errorClass =
    outcome.kind === "failed" ? outcome.errorClass : outcome.kind === "ended" ? "interrupted" : undefined;
  const state = counted(before, errorClass, openMs);
  if (outcome.kind === "streaming-unsupported") return { state: { ...state, streamsList: false }, delayMs: 0 };
  if (outcome.kind === "ended" && state.attemptsWithoutProgress === 0) return { state, delayMs: 0 };
  const delayMs = delayAfter(state, outcome, random);
  if (outcome.kind === "expired") {
    const relistReason = state.hasSynced ? "expired" : "first";
    return { state: { ...state, resourceVersion: undefined, relistReason }, delayMs };
  }
  return { state: errorClass === undefined ? state : afterFailure(state, errorClass), delayMs };
};

/** What a reflector does next, as a pure function of what happened: no clock, no requests. */
import type { RelistReason, Trouble } from "./metrics.ts";

/** How an attempt, one request or a list with its watch, came to its end. */
export type Outcome =
  /** By the timeout that the request asked for. */
  | { readonly kind: "ended" }
  /** 410, as a status or within the stream. */
  | { readonly kind: "expired" }
  /** The API server does not do streaming lists. */
  | { readonly kind: "unstreamable" }
  | { readonly kind: "failed"; readonly trouble: Trouble; readonly retryAfterMs?: number | undefined };

/** Where a reflector stands between two attempts. */
export interface ReflectorState {
  /** Undefined: the next attempt reads a complete list. */
  readonly resourceVersion: string | undefined;
  readonly relistReason: RelistReason;
  /** The list is asked for as a stream, until the API server shows that it does not do that. */
  readonly streams: boolean;
  readonly hasSynced: boolean;
  /**
   * Attempts in a row, the current one included, that brought neither an event nor a bookmark. Those that no server
   * answered are counted by themselves: they say nothing of one that answers again, and must not make it wait.
   */
  readonly fruitless: number;
  readonly wasUnreachable: boolean;
}

/** The state of a reflector that did nothing yet. */
export const initialState: ReflectorState = {
  resourceVersion: undefined,
  relistReason: "first",
  streams: true,
  hasSynced: false,
  fruitless: 0,
  wasUnreachable: false,
};

/** Milliseconds between attempts. */
const FIRST_DELAY = 200;
/** A refused connection costs an API server nothing, while each pod costs it a live GET until the watch is back. */
const MAX_DELAY_UNREACHABLE = 1000;
/** Until the first list nothing is served, so that a few more attempts are the lesser evil. */
const MAX_DELAY_UNSYNCED = 2000;
const MAX_DELAY = 10_000;
const MAX_RETRY_AFTER = 60_000;

/** Fruitless attempts after which a resource version, or streaming, is given up. */
const MAX_FRUITLESS = 3;

const maxDelay = (state: ReflectorState, trouble: Trouble | undefined): number => {
  if (trouble === "unreachable") return MAX_DELAY_UNREACHABLE;
  return state.hasSynced ? MAX_DELAY : MAX_DELAY_UNSYNCED;
};

/** Exponential, and never less than half of it: many replicas must not come back at the same moment. */
const delay = (state: ReflectorState, outcome: Outcome, random: number): number => {
  const trouble = outcome.kind === "failed" ? outcome.trouble : undefined;
  const grown = FIRST_DELAY * 2 ** Math.min(Math.max(state.fruitless - 1, 0), 16);
  const usual = Math.min(grown, maxDelay(state, trouble)) * (0.5 + random / 2);
  const asked = outcome.kind === "failed" ? Math.min(outcome.retryAfterMs ?? 0, MAX_RETRY_AFTER) : 0;
  return asked === 0 ? usual : Math.max(usual, asked * (1 + random / 4));
};

/** Troubles that may come from asking for a stream. */
const mayBeTheStream: ReadonlySet<Trouble> = new Set(["cut", "silent", "broken-line", "line-too-long", "unexpected"]);

/** Troubles that may come from the resource version; a load balancer that cuts quiet connections is none of them. */
const mayBeTheVersion: ReadonlySet<Trouble> = new Set([
  "silent",
  "broken-line",
  "line-too-long",
  "server-error",
  "unexpected",
]);

const afterFailure = (state: ReflectorState, trouble: Trouble): ReflectorState => {
  if (state.fruitless < MAX_FRUITLESS) return state;
  if (state.resourceVersion === undefined) return mayBeTheStream.has(trouble) ? { ...state, streams: false } : state;
  if (!mayBeTheVersion.has(trouble)) return state;
  return { ...state, resourceVersion: undefined, relistReason: "no-progress", fruitless: 0 };
};

/** The state at the beginning of an attempt. */
export const begun = (state: ReflectorState): ReflectorState => ({ ...state, fruitless: state.fruitless + 1 });

/** The state once everything up to `resourceVersion` is in the store. */
export const progressed = (state: ReflectorState, resourceVersion: string): ReflectorState => ({
  ...state,
  resourceVersion: resourceVersion === "" ? state.resourceVersion : resourceVersion,
  hasSynced: true,
  fruitless: 0,
});

/** What beside its outcome counts of an attempt. */
export interface Circumstances {
  /** How long its watch was open. */
  readonly openMs: number;
  /** From 0 to 1. */
  readonly random: number;
}

/** A watch that was open for so long was not turned away. */
const LASTING = 10_000;

const counted = (state: ReflectorState, trouble: Trouble | undefined, openMs: number): ReflectorState => {
  const wasUnreachable = trouble === "unreachable";
  if (trouble === "cut" && openMs >= LASTING) return { ...state, wasUnreachable, fruitless: 0 };
  const isOfAnotherKind = wasUnreachable !== state.wasUnreachable && state.fruitless > 1;
  return { ...state, wasUnreachable, fruitless: isOfAnotherKind ? 1 : state.fruitless };
};

/** The state after an attempt, and the wait before the next one. */
export const advance = (
  before: ReflectorState,
  outcome: Outcome,
  { openMs, random }: Circumstances,
): { readonly state: ReflectorState; readonly delayMs: number } => {
  const trouble = outcome.kind === "failed" ? outcome.trouble : outcome.kind === "ended" ? "cut" : undefined;
  const state = counted(before, trouble, openMs);
  if (outcome.kind === "unstreamable") return { state: { ...state, streams: false }, delayMs: 0 };
  if (outcome.kind === "ended" && state.fruitless === 0) return { state, delayMs: 0 };
  const delayMs = delay(state, outcome, random);
  if (outcome.kind === "expired") {
    const relistReason = state.hasSynced ? "expired" : "first";
    return { state: { ...state, resourceVersion: undefined, relistReason }, delayMs };
  }
  return { state: trouble === undefined ? state : afterFailure(state, trouble), delayMs };
};

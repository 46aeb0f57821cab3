/** Lifetimes of tokens, in seconds: how they are brought inside bounds. */
import type { Bounds, Provider } from "./settings.ts";

/** `seconds` inside `bounds`; the maximum where the bounds are empty. */
export const clamp = (seconds: number, { min, max }: Bounds): number => Math.min(Math.max(seconds, min), max);

/**
 * The lifetime of a provider's token for which `requested` was asked, before the policy has its word. The default is as
 * it is: the platform's bounds, which may be others than the provider's, have already had theirs.
 */
export const lifetimeOf = ({ lifetime }: Provider, requested: number | undefined): number =>
  requested === undefined ? lifetime.default : clamp(requested, lifetime);

/** What the platform's policy says of one value, and what becomes of it. */

import { matchesAny } from "../configuration/patterns.ts";
import type { Policy, Settings } from "../configuration/settings.ts";
import { MAX_TOLD } from "../reasons/limits.ts";
import type { FieldPath, PolicyReason, Warning } from "../reasons/reasons.ts";

/** One breach of the policy. */
export interface Violation {
  readonly reason: PolicyReason;
  /** For the person who is refused: the field, the value and what is allowed. */
  readonly sentence: string;
  /** The same in at most 120 characters. */
  readonly warning: string;
  /** The field of the pod, where it is one. */
  readonly field: FieldPath | undefined;
}

/** Everything that a policy said about one pod, collected as it is judged. */
export class Verdicts {
  /** The first of what is refused; {@link deniedCount} has how many there are. */
  readonly denied: Violation[] = [];
  deniedCount = 0;
  readonly warnings: Warning[] = [];
  /** What would have been refused or clamped, had `enforcement` not been `Warn`. */
  readonly wouldDeny: PolicyReason[] = [];
  private readonly isEnforced: boolean;

  constructor(policy: Policy) {
    this.isEnforced = policy.enforcement === "Enforce";
  }

  /** May a value be changed or a pod be refused? Counts the violation where it may not. */
  enforces(violation: Violation): boolean {
    if (this.isEnforced) return true;
    this.wouldDeny.push(violation.reason);
    this.warn(violation);
    return false;
  }

  /** The violation as a refusal, or as a warning where nothing is enforced. */
  deny(violation: Violation): void {
    if (this.enforces(violation)) this.refuse(violation);
  }

  /** Is the pod refused? */
  get isDenied(): boolean {
    return this.deniedCount > 0;
  }

  /** Whether anything was said. */
  saysAnything(): boolean {
    return this.isDenied || this.warnings.length > 0 || this.wouldDeny.length > 0;
  }

  /** Takes over what was said elsewhere about the same pod. */
  include(other: Verdicts): void {
    for (const violation of other.denied) this.refuse(violation);
    for (const warning of other.warnings) this.warnings.push(warning);
    for (const reason of other.wouldDeny) this.wouldDeny.push(reason);
  }

  private refuse(violation: Violation): void {
    this.deniedCount++;
    if (this.denied.length < MAX_TOLD) this.denied.push(violation);
  }

  /** The violation as a warning. */
  warn(violation: Violation): void {
    const { reason, warning: text, field } = violation;
    this.warnings.push(field === undefined ? { reason, text } : { reason, text, field });
  }
}

/** Is `namespace` one in which nothing is refused or clamped? */
export const isExempt = (settings: Settings, namespace: string): boolean =>
  matchesAny(settings.policy.exemptNamespaces, namespace);

/** What `lint` says of the policies inside the API server that a configuration comes to. */
import { MUTATING_SINCE } from "../policies/installation.ts";
import type { NotExpressed } from "../policies/objects.ts";
import { renderPolicies } from "../policies/render.ts";
import { showCost, type WorstCost, worstCost } from "../policies/worst-cost.ts";
import { showMessage } from "./messages.ts";
import type { FoundConfiguration } from "./settings.ts";
import type { Output } from "./terminal.ts";

/** The policies of a configuration. */
export interface LintedPolicies {
  readonly file: string;
  /** In CEL's units; null where no audiences are judged. */
  readonly cost: WorstCost | null;
  /** What only the webhook does, and why, with a Kubernetes that has all kinds of policies. */
  readonly notExpressed: readonly NotExpressed[];
}

/** Undefined without a configuration, or with one that cannot be used. */
export const lintPolicies = (found: FoundConfiguration): LintedPolicies | undefined => {
  if (!found.ok || found.isDefault) return undefined;
  const { file, settings } = found;
  // Nothing of an installation makes a difference to what can be expressed.
  const installation = { name: "podpass", minor: MUTATING_SINCE, mode: "exact", digest: "" } as const;
  const { notExpressed } = renderPolicies(settings, installation);
  return { file, cost: worstCost(settings) ?? null, notExpressed };
};

/** For people: a line for each note. */
export const showPolicyNotes = ({ file, cost, notExpressed }: LintedPolicies, out: Output): string => {
  const texts = [
    ...notExpressed.map(({ policy, text }) => `not in the policies inside the API server: ${policy}: ${text}`),
    ...(cost === null ? [] : [showCost(cost)]),
  ];
  const place = { file, line: 1, column: 1 };
  return texts.map((text) => showMessage({ severity: "note", place, object: "Configuration", text }, out)).join("");
};

/** What a pod has of one provider's identity, by where the engine would put it now. */
import type { PlacementReport } from "../injection/plan.ts";
import type { Placement } from "../injection/plan-container.ts";
import { list } from "../reasons/text.ts";
import type { PodState } from "./states.ts";

/** What the pod has of one provider's identity. */
export interface ProviderStatus {
  readonly provider: string;
  readonly state: PodState;
  /** What is not as it should be; empty where nothing is to be said. */
  readonly why: string;
}

/** The containers with that placement, for a sentence; empty where there are none. */
const containersWith = (reports: readonly PlacementReport[], placement: Placement): string => {
  const names = reports.filter((report) => report.placement === placement).map(({ container }) => container);
  return names.length === 0 ? "" : list([...new Set(names)], 3);
};

/** Of one pod and one of its ServiceAccount's providers. */
export interface Subject {
  readonly name: string;
  readonly reports: readonly PlacementReport[];
  /** Does the pod's mark name it? Pods that are copied from others bring the mark along. */
  readonly isMarked: boolean;
  /** The same, and it has a token of ours to go with it. */
  readonly wasInjected: boolean;
  /** Does it have a volume of the vendor's own webhook? */
  readonly isVendors: boolean;
  /** Did Podpass write the variables of the container of that name? */
  wroteVariables(container: string): boolean;
}

/** The identity is there as the engine would leave it: whose it is, and whether a new pod would get another. */
const judgePresent = ({ name, isMarked, isVendors }: Subject, outdated: string | undefined): ProviderStatus => {
  if (!isMarked) return { provider: name, state: isVendors ? "vendor" : "user-managed", why: "" };
  return { provider: name, state: outdated === undefined ? "current" : "stale", why: outdated ?? "" };
};

/** Judges by where the engine would put the identity now. */
export const judgePlaced = (subject: Subject, outdated: string | undefined): ProviderStatus => {
  const { name, reports, isMarked, wasInjected, isVendors } = subject;
  const status = (state: PodState, why = ""): ProviderStatus => ({ provider: name, state, why });
  const others = isVendors ? "vendor" : "user-managed";
  const lacking = containersWith(reports, "injected");
  if (lacking !== "") {
    if (wasInjected) return status("stale", `container ${lacking} has it otherwise than in a new pod`);
    return isVendors ? status("vendor") : status("missing", `container ${lacking}`);
  }
  const differing = containersWith(reports, "identity-differs");
  if (differing !== "") {
    const isOurs =
      isMarked && reports.some((one) => one.placement === "identity-differs" && subject.wroteVariables(one.container));
    return status(isOurs ? "stale" : others, `the variables of container ${differing} name another identity`);
  }
  const elsewhere = containersWith(reports, "manages-itself");
  if (elsewhere !== "")
    return wasInjected ? status("stale", `container ${elsewhere} has its token elsewhere`) : status(others);
  if (reports.some(({ placement }) => placement === "already-present")) return judgePresent(subject, outdated);
  return status("left-out", [...new Set(reports.map(({ placement }) => placement))].join(", "));
};

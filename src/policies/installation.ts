/** For whom policies are rendered. */
import type { Settings } from "../configuration/settings.ts";
import type { WebhookOnly } from "./rules.ts";

/** The installation, beside its configuration. */
export interface Installation {
  /** What the names of all its objects begin with: the release. */
  readonly name: string;
  /** Kubernetes 1.`minor`. */
  readonly minor: number;
  /**
   * How a policy is given ServiceAccounts. `exact`: all of the pod's namespace, some 80 µs each. `label`: those with the
   * label that the `label` policy keeps, from 1.36 on.
   */
  readonly mode: "exact" | "label";
  /** Of the configuration: {@link PolicyObject} annotations carry it. */
  readonly digest: string;
  /** That of the other configuration, where they are the union of two. */
  readonly unionWith?: string;
}

/** What a policy is drafted from. */
export interface PolicyInput {
  readonly settings: Settings;
  readonly installation: Installation;
  /** Rules that no policy says: of a pod that may break one nothing is decided here. */
  readonly webhookOnly: readonly WebhookOnly[];
}

/** The first minor version of Kubernetes with MutatingAdmissionPolicy in `admissionregistration.k8s.io/v1`. */
export const MUTATING_SINCE = 36;

/** The label of ServiceAccounts that are federated, kept by the `label` policy. */
export const federatedLabel = ({ annotationPrefix }: Settings): string => `${annotationPrefix}/federated`;

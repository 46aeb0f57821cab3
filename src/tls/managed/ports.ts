/** What keeping certificates stands on beside the cluster, as ports. */
import type { ServingCertificate } from "../certificate.ts";
import type { Authority } from "./certificates.ts";
import type { Condition } from "./condition.ts";
import type { Cause } from "./decide.ts";
import type { WebhookConfiguration } from "./facts.ts";

/** Makes CAs and leaves; see sign.ts. */
export interface Signer {
  createAuthority(life: { readonly nowMs: number; readonly lifeMs: number }): Promise<Authority>;
  signLeaf(
    authority: Authority,
    options: { readonly names: readonly string[]; readonly endMs: number },
  ): Promise<ServingCertificate>;
}

/** What is told of it, for logs and metrics. */
export interface KeeperTelemetry {
  /** A CA of ours is in the Secret now. */
  caCreated(cause: Cause, notAfter: Date): void;
  /** The CA in the Secret, as it was read. */
  caSeen(notAfter: Date): void;
  bundleWritten(configuration: WebhookConfiguration, result: "success" | "failure"): void;
  secretWritten(result: "success" | "failure"): void;
  /** What is to be said has changed. */
  conditionChanged(condition: Condition): void;
  /** How far this machine's clock is ahead of the API server's, in milliseconds. */
  clockDiffers(milliseconds: number): void;
}

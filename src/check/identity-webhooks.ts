/** The vendors' own webhooks that put an identity into pods, by what they are called in a cluster. */
import type { Webhook } from "./webhooks.ts";

/** One of them. */
interface IdentityWebhook {
  readonly vendor: string;
  /** Matches the name of the webhook or of its configuration. */
  readonly pattern: RegExp;
}

/** The first that matches counts: the vendors' names contain that of Amazon's. */
const IDENTITY_WEBHOOKS: readonly IdentityWebhook[] = [
  { vendor: "STACKIT", pattern: /stackit/ },
  { vendor: "Alibaba Cloud", pattern: /(^|[.-])ack-pod-identity|alibabacloud/ },
  { vendor: "Tencent Cloud", pattern: /(^|[.-])tke|tencent/ },
  { vendor: "Volcengine", pattern: /(^|[.-])vke|volcengine/ },
  { vendor: "CoreWeave", pattern: /caios|coreweave/ },
  { vendor: "Microsoft Azure", pattern: /azure-w(i|orkload-identity)|\.azure\./ },
  { vendor: "Google Cloud (pfnet)", pattern: /gcp-workload-identity|gcp-wif/ },
  { vendor: "cwii", pattern: /(^|[.-])cwii([.-]|$)/ },
  {
    vendor: "Amazon EKS",
    pattern: /iam-for-pods\.amazonaws\.com|eks\.amazonaws|amazon-eks|(^|[.-])pod-identity-webhook/,
  },
];

/** Whose identity webhook it is; undefined: none that is known. */
export const vendorOf = ({ name, configuration }: Webhook): string | undefined =>
  IDENTITY_WEBHOOKS.find(({ pattern }) => pattern.test(name) || pattern.test(configuration))?.vendor;

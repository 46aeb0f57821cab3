/** The installation's own webhook among all of them. */
import type { Facts } from "./facts.ts";
import { handlesPods, isPodpass, WEBHOOK_PATH, type Webhook } from "./webhooks.ts";

/** The webhook for pods in the installation's own MutatingWebhookConfiguration. */
export const ownWebhook = ({
  webhooks,
  installation,
}: Pick<Facts, "webhooks" | "installation">): Webhook | undefined => {
  if (webhooks.kind !== "read") return undefined;
  const own = webhooks.value.filter(({ configuration }) => configuration === installation.name);
  return own.find((webhook) => webhook.path === WEBHOOK_PATH) ?? own.find(isPodpass) ?? own.find(handlesPods);
};

/** The installation's own webhook among all of them. */
import type { Facts } from "./facts.ts";
import {
  ACCOUNTS_PATH,
  ACCOUNTS_WEBHOOK_NAME,
  handlesPods,
  isPodpass,
  WEBHOOK_PATH,
  type Webhook,
} from "./webhooks.ts";

/** The webhook for pods among those of one installation's MutatingWebhookConfiguration. */
export const webhookForPods = (own: readonly Webhook[]): Webhook | undefined =>
  own.find((webhook) => webhook.path === WEBHOOK_PATH) ?? own.find(isPodpass) ?? own.find(handlesPods);

/** The webhook for pods in the installation's own MutatingWebhookConfiguration. */
export const ownWebhook = ({
  webhooks,
  installation,
}: Pick<Facts, "webhooks" | "installation">): Webhook | undefined => {
  if (webhooks.kind !== "read") return undefined;
  return webhookForPods(webhooks.value.filter(({ configuration }) => configuration === installation.name));
};

/** The webhook for ServiceAccounts in the installation's own ValidatingWebhookConfiguration. */
export const accountsWebhook = ({ accountsWebhooks: read }: Pick<Facts, "accountsWebhooks">): Webhook | undefined => {
  const own = read.kind === "read" ? read.value : [];
  return own.find(({ path }) => path === ACCOUNTS_PATH) ?? own.find(({ name }) => name === ACCOUNTS_WEBHOOK_NAME);
};

/** Whose webhook an API server's message is about, as far as it can be told. */
export interface Whose {
  /** By the address that was called; undefined where none is named, and others have the name too. */
  readonly isOurs: boolean | undefined;
  /** The configurations whose webhooks for pods have the name of ours. */
  readonly namesakes: readonly string[];
}

/** `failed calling webhook "pods.podpass.dev": failed to call webhook: Post "https://podpass.podpass-system.svc:443/…": …` */
const CALLED = /failed calling webhook "[^"]*":[^"]*\bPost "(https:\/\/[^"]*)"/;

/** Every installation gives its webhook the same name; its Service tells it from the others. */
export const whoseCall = (message: string, facts: Pick<Facts, "webhooks" | "installation">): Whose => {
  const { webhooks, installation } = facts;
  const own = ownWebhook(facts);
  const all = webhooks.kind === "read" ? webhooks.value : [];
  const namesakes = all
    .filter(({ configuration, name }) => configuration !== installation.name && name === own?.name)
    .map(({ configuration }) => configuration);
  const { namespace, name } = own?.service ?? installation;
  const ours = own?.url ? URL.parse(own.url)?.hostname : `${name}.${namespace}.svc`;
  const called = URL.parse(CALLED.exec(message)?.[1] ?? "")?.hostname;
  if (called !== undefined) return { isOurs: called === ours, namesakes };
  return { isOurs: namesakes.length === 0 ? true : undefined, namesakes };
};

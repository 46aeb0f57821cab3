/** Webhooks: all mutating ones, or where those may not be listed, the installation's own; and its validating one. */
import type { Facts } from "../../check/facts.ts";
import { type JsonObject, textAt } from "../../check/json.ts";
import { mapRead, type Read, valueIn } from "../../check/read.ts";
import { readWebhooks, type Webhook } from "../../check/webhooks.ts";
import type { Asking } from "./questions.ts";

const GROUP = "admissionregistration.k8s.io";
const PATH = `/apis/${GROUP}/v1/mutatingwebhookconfigurations`;
const VALIDATING = "validatingwebhookconfigurations";
const RESOURCE = `mutatingwebhookconfigurations.${GROUP}`;

/** The API server calls them by the names of their configurations. */
const inOrder = (configurations: readonly JsonObject[]): readonly Webhook[] =>
  [...configurations]
    .sort((a, b) => (textAt(a, "metadata", "name") < textAt(b, "metadata", "name") ? -1 : 1))
    .flatMap(readWebhooks);

type Gathered = Pick<Facts, "webhooks" | "webhookConfigurations" | "othersUnread">;

const factsOf = (read: Read<readonly JsonObject[]>, othersUnread: Facts["othersUnread"]): Gathered => ({
  webhooks: mapRead(read, inOrder),
  webhookConfigurations: (valueIn(read) ?? []).map((one) => textAt(one, "metadata", "name")),
  othersUnread,
});

/** Asks for them. */
export const gatherWebhooks = async ({ ask, installation }: Asking): Promise<Gathered> => {
  const all = await ask.list({ path: PATH, permission: `list ${RESOURCE}` });
  if (all.kind === "read" || all.kind === "absent") return factsOf(all, undefined);
  const { name } = installation;
  const own = await ask.object({
    path: `${PATH}/${encodeURIComponent(name)}`,
    permission: `get ${RESOURCE} ${name}`,
  });
  const found = mapRead(own, (configuration) => [configuration]);
  return factsOf(found, all);
};

/** Asks for the webhook for ServiceAccounts, by the installation's name. */
export const gatherAccountsWebhooks = async ({ ask, installation }: Asking): Promise<Facts["accountsWebhooks"]> => {
  const { name } = installation;
  const own = await ask.object({
    path: `/apis/${GROUP}/v1/${VALIDATING}/${encodeURIComponent(name)}`,
    permission: `get ${VALIDATING}.${GROUP} ${name}`,
  });
  return mapRead(own, readWebhooks);
};

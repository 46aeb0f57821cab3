/** Whose pod the dry run is: a federated ServiceAccount's that the webhook sees, else a plain one's. */
import type { Sample } from "../../check/accounts.ts";
import type { Facts } from "../../check/facts.ts";
import { ownWebhook } from "../../check/ours.ts";
import { seesNamespace } from "../../check/webhook-checks.ts";

type Known = Pick<Facts, "installation" | "webhooks" | "namespaces" | "accounts">;

/** Undefined: the webhook sees no namespace. */
export const chooseAccount = (facts: Known): Sample | undefined => {
  const { namespaces, accounts, installation } = facts;
  const webhook = ownWebhook(facts);
  const labels = new Map(
    namespaces.kind === "read" ? namespaces.value.map((namespace) => [namespace.name, namespace.labels] as const) : [],
  );
  const isSeen = (name: string): boolean =>
    name !== installation.namespace &&
    (webhook === undefined ||
      seesNamespace(webhook, labels.get(name) ?? new Map([["kubernetes.io/metadata.name", name]])));
  const federated =
    accounts?.kind === "read" ? accounts.value.samples.find(({ namespace }) => isSeen(namespace)) : undefined;
  if (federated !== undefined) return federated;
  const plain = ["default", ...labels.keys()].find(isSeen);
  return plain === undefined ? undefined : { namespace: plain, name: "default", providers: [] };
};

/** Which pods the installation's webhook is asked about, as far as these credentials may read it. */
import { webhookForPods } from "../../check/ours.ts";
import { mapRead, type Read } from "../../check/read.ts";
import { foreignConditions } from "../../check/scope-checks.ts";
import { type Labels, readNamespace } from "../../check/selectors.ts";
import { readWebhooks, type Webhook } from "../../check/webhooks.ts";
import type { Settings } from "../../configuration/settings.ts";
import { accept } from "../../kube/metadata.ts";
import type { ObjectQueries } from "../../kube/object-queries.ts";
import { webhookConfigurationPath } from "../../kube/paths.ts";
import { list } from "../../reasons/text.ts";
import { needsLabels, WebhookScope } from "../../status/webhook-scope.ts";

/** What is asked. */
export interface ScopeQuestion {
  readonly ask: ObjectQueries;
  /** The name of the MutatingWebhookConfiguration. */
  readonly configuration: string;
  readonly settings: Settings;
  /** Undefined: all. */
  readonly namespace: string | undefined;
}

/** The answer. */
export interface GatheredScope {
  /** Undefined where nothing is known of it. */
  readonly scope: WebhookScope | undefined;
  /** What could not be found out, in sentences. */
  readonly notes: readonly string[];
}

type Unread = Exclude<Read<never>, { kind: "read" }>;

const becauseOf = (read: Unread): string => {
  if (read.kind === "forbidden") return `these credentials need ${read.permission}`;
  return read.kind === "absent" ? "there is none of that name" : read.message;
};

const UNKNOWN = "so what it does not see counts as missing";

const gatherNamespaces = async (
  ask: ObjectQueries,
  namespace: string | undefined,
): Promise<Read<ReadonlyMap<string, Labels>>> => {
  const path = "/api/v1/namespaces";
  const read =
    namespace === undefined
      ? await ask.list({ path, permission: "list namespaces" }, { accept: accept.list })
      : mapRead(
          await ask.object({
            path: `${path}/${encodeURIComponent(namespace)}`,
            permission: `get namespaces ${namespace}`,
          }),
          (one) => [one],
        );
  return mapRead(read, (items) => new Map(items.map(readNamespace).map(({ name, labels }) => [name, labels])));
};

const gatherWebhook = async ({ ask, configuration }: ScopeQuestion): Promise<Read<Webhook | undefined>> =>
  mapRead(
    await ask.object({
      path: webhookConfigurationPath(configuration),
      permission: `get mutatingwebhookconfigurations.admissionregistration.k8s.io ${configuration}`,
    }),
    (read) => webhookForPods(readWebhooks(read)),
  );

const noteOfConditions = (webhook: Webhook, { annotationPrefix }: Settings): readonly string[] => {
  const names = foreignConditions(webhook, annotationPrefix).map(({ name }) => name);
  return names.length === 0
    ? []
    : [`the webhook's match conditions are not evaluated: ${list(names, 5)}; what they pass over counts as missing`];
};

/** Asks for the webhook, and for namespaces where its selector looks at more than their names. */
export const gatherScope = async (question: ScopeQuestion): Promise<GatheredScope> => {
  const { ask, configuration, settings, namespace } = question;
  const read = await gatherWebhook(question);
  const what = `MutatingWebhookConfiguration ${configuration}`;
  if (read.kind !== "read") return { scope: undefined, notes: [`${what} is not read, ${UNKNOWN}: ${becauseOf(read)}`] };
  const webhook = read.value;
  if (webhook === undefined) return { scope: undefined, notes: [`${what} has no webhook for pods: podpass check`] };
  const conditions = noteOfConditions(webhook, settings);
  const labels = needsLabels(webhook.namespaceSelector) ? await gatherNamespaces(ask, namespace) : undefined;
  if (labels === undefined || labels.kind === "read")
    return { scope: new WebhookScope(webhook, labels?.value ?? new Map()), notes: conditions };
  return {
    scope: new WebhookScope(webhook, new Map()),
    notes: [...conditions, `the labels that ${what} selects by are not read, ${UNKNOWN}: ${becauseOf(labels)}`],
  };
};

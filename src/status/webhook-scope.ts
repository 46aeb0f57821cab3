/** Which pods the API server asks the webhook about: a pod that it passes over gets nothing, however often it is restarted. */
import { type Labels, NAME_LABEL, type Selector, selects, showSelector } from "../check/selectors.ts";
import type { Webhook } from "../check/webhooks.ts";
import { line } from "../reasons/text.ts";
import type { ProviderStatus } from "./judge-placed.ts";
import type { RunningPod } from "./running-pod.ts";

/** Does it take more than a namespace's name to say whether the selector selects it? */
export const needsLabels = (selector: Selector): boolean => selector.some(({ key }) => key !== NAME_LABEL);

const leftOut = (field: string, what: string, selector: Selector): string =>
  `the webhook's ${field} leaves ${what} out: ${line(showSelector(selector), 200)}`;

/** One webhook, and the namespaces' labels. */
export class WebhookScope {
  private readonly webhook: Webhook;
  private readonly labels: ReadonlyMap<string, Labels>;
  /** By namespace. */
  private readonly known = new Map<string, string | undefined>();

  /** `labels` by namespace; of one that is not among them nothing but the name counts. */
  constructor(webhook: Webhook, labels: ReadonlyMap<string, Labels>) {
    this.webhook = webhook;
    this.labels = labels;
  }

  /** Why the webhook is not asked about such a pod; undefined where it is, as far as selectors say. */
  whyUnseen({ namespace, pod }: RunningPod): string | undefined {
    if (!this.known.has(namespace)) this.known.set(namespace, this.whyUnseenIn(namespace));
    const { objectSelector } = this.webhook;
    const why = this.known.get(namespace);
    if (why !== undefined || objectSelector.length === 0) return why;
    const labels = new Map(Object.entries(pod.metadata?.labels ?? {}));
    return selects(objectSelector, labels) ? undefined : leftOut("objectSelector", "such pods", objectSelector);
  }

  private whyUnseenIn(namespace: string): string | undefined {
    const { namespaceSelector } = this.webhook;
    const labels = this.labels.get(namespace);
    const isSeen =
      labels === undefined
        ? selects(
            namespaceSelector.filter(({ key }) => key === NAME_LABEL),
            new Map([[NAME_LABEL, namespace]]),
          )
        : selects(namespaceSelector, labels);
    return isSeen ? undefined : leftOut("namespaceSelector", "the namespace", namespaceSelector);
  }
}

/** What becomes of the pod's identity once it is created again. */
const LOST = {
  missing: "",
  stale: "; the pod has an older identity, and a new one would have none",
  current: "; the pod has the identity, and a new one would not",
} as const;

/** `status` of a pod that the webhook is not asked about; what does not come from the webhook stays as it is. */
export const asUnseen = ({ provider, state, why }: ProviderStatus, unseen: string): ProviderStatus =>
  state === "missing" || state === "stale" || state === "current"
    ? { provider, state: "not-seen", why: `${unseen}${LOST[state]}` }
    : { provider, state, why };

/** Webhooks of admission, as much of them as checks look at. */
import { at, type JsonObject, listAt, mapAt, numberAt, textAt, textsAt } from "./json.ts";
import { readSelector, type Selector } from "./selectors.ts";

/** What a webhook is called for. */
export interface Rule {
  readonly groups: readonly string[];
  readonly versions: readonly string[];
  readonly operations: readonly string[];
  readonly resources: readonly string[];
  readonly scope: string;
}

/** One webhook, with the API's defaults in place. */
export interface Webhook {
  /** Of the object that it is in. */
  readonly configuration: string;
  readonly name: string;
  readonly rules: readonly Rule[];
  readonly failurePolicy: string;
  readonly timeoutSeconds: number;
  readonly reinvocationPolicy: string;
  readonly sideEffects: string;
  readonly reviewVersions: readonly string[];
  readonly service: { readonly namespace: string; readonly name: string; readonly port: number } | undefined;
  /** Instead of a Service. */
  readonly url: string;
  /** The path of either. */
  readonly path: string;
  /** As it is in the object: base64. */
  readonly caBundle: string;
  readonly namespaceSelector: Selector;
  readonly objectSelector: Selector;
  readonly matchConditions: readonly { readonly name: string; readonly expression: string }[];
  /** Annotations of the configuration. */
  readonly annotations: ReadonlyMap<string, string>;
}

const readRule = (value: unknown): Rule => ({
  groups: textsAt(value, "apiGroups"),
  versions: textsAt(value, "apiVersions"),
  operations: textsAt(value, "operations"),
  resources: textsAt(value, "resources"),
  scope: textAt(value, "scope") || "*",
});

const readService = (value: unknown): Webhook["service"] =>
  value === undefined
    ? undefined
    : { namespace: textAt(value, "namespace"), name: textAt(value, "name"), port: numberAt(value, "port") ?? 443 };

const readWebhook = (configuration: JsonObject, value: unknown): Webhook => {
  const service = at(value, "clientConfig", "service");
  const url = textAt(value, "clientConfig", "url");
  return {
    configuration: textAt(configuration, "metadata", "name"),
    name: textAt(value, "name"),
    rules: listAt(value, "rules").map(readRule),
    failurePolicy: textAt(value, "failurePolicy") || "Fail",
    timeoutSeconds: numberAt(value, "timeoutSeconds") ?? 10,
    reinvocationPolicy: textAt(value, "reinvocationPolicy") || "Never",
    sideEffects: textAt(value, "sideEffects"),
    reviewVersions: textsAt(value, "admissionReviewVersions"),
    service: readService(service),
    url,
    path: service === undefined ? (URL.parse(url)?.pathname ?? "") : textAt(service, "path"),
    caBundle: textAt(value, "clientConfig", "caBundle"),
    namespaceSelector: readSelector(at(value, "namespaceSelector")),
    objectSelector: readSelector(at(value, "objectSelector")),
    matchConditions: listAt(value, "matchConditions").map((condition) => ({
      name: textAt(condition, "name"),
      expression: textAt(condition, "expression"),
    })),
    annotations: mapAt(configuration, "metadata", "annotations"),
  };
};

/** The webhooks of a MutatingWebhookConfiguration or ValidatingWebhookConfiguration, in its order. */
export const readWebhooks = (configuration: JsonObject): readonly Webhook[] =>
  listAt(configuration, "webhooks").map((webhook) => readWebhook(configuration, webhook));

/** The name of the webhook for pods in every installation's configuration. */
const WEBHOOK_NAME = "pods.podpass.dev";
/** Where Podpass answers the reviews of pods. */
export const WEBHOOK_PATH = "/mutate/pods";

/** The name of the webhook for ServiceAccounts, likewise. */
export const ACCOUNTS_WEBHOOK_NAME = "serviceaccounts.podpass.dev";
/** Where Podpass answers the reviews of ServiceAccounts. */
export const ACCOUNTS_PATH = "/validate/serviceaccounts";

/** Is it a Podpass, of whichever installation? */
export const isPodpass = ({ name, path }: Webhook): boolean => name === WEBHOOK_NAME || path === WEBHOOK_PATH;

const has = (list: readonly string[], ...wanted: readonly string[]): boolean =>
  wanted.some((one) => list.includes(one));

const covers = ({ groups, versions, operations, resources, scope }: Rule, operation: string, resource: string) =>
  has(groups, "", "*") &&
  has(versions, "v1", "*") &&
  has(operations, operation, "*") &&
  has(resources, resource, "*", "*/*") &&
  has([scope], "*", "Namespaced");

/** Does `rule` cover the creation of pods? */
export const coversPodCreation = (rule: Rule): boolean => covers(rule, "CREATE", "pods");

/** Does `rule` cover the creation and the update of ServiceAccounts? */
export const coversAccountWrites = (rule: Rule): boolean =>
  covers(rule, "CREATE", "serviceaccounts") && covers(rule, "UPDATE", "serviceaccounts");

/** Is it called for the creation of pods? */
export const handlesPods = ({ rules }: Webhook): boolean => rules.some(coversPodCreation);

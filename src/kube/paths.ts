/** Paths of the API. */

/** Of the ServiceAccounts of every namespace. */
export const SERVICE_ACCOUNTS = "/api/v1/serviceaccounts";

/** Of the ServiceAccounts of one namespace. */
export const serviceAccountsPath = (namespace: string): string =>
  `/api/v1/namespaces/${encodeURIComponent(namespace)}/serviceaccounts`;

/** Of one ServiceAccount; what no path may hold is escaped. */
export const serviceAccountPath = (namespace: string, name: string): string =>
  `${serviceAccountsPath(namespace)}/${encodeURIComponent(name)}`;

/** Of one Secret. */
export const secretPath = (namespace: string, name: string): string =>
  `/api/v1/namespaces/${encodeURIComponent(namespace)}/secrets/${encodeURIComponent(name)}`;

/** Of one MutatingWebhookConfiguration. */
export const webhookConfigurationPath = (name: string): string =>
  `/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations/${encodeURIComponent(name)}`;

/** Of one ValidatingWebhookConfiguration. */
export const validatingConfigurationPath = (name: string): string =>
  `/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations/${encodeURIComponent(name)}`;

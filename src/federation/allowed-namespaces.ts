/** The namespaces that a provider is for, in words. */
import { isAllowedIn } from "../configuration/native.ts";
import type { Provider } from "../configuration/settings.ts";
import { list, quote } from "../reasons/text.ts";

/** Why `provider` is not for pods in `namespace`, as a sentence; undefined where it is. */
export const whyNotIn = (provider: Provider, namespace: string): string | undefined => {
  if (isAllowedIn(provider, namespace)) return undefined;
  const who = `provider ${quote(provider.name)} is not for namespace ${quote(namespace, 63)}`;
  return `${who}; allowed: ${list(provider.allowedNamespaces ?? [], 20)}`;
};

/** Stand-ins at the port of ServiceAccounts. */
import type { ServiceAccount } from "../../src/federation/service-account.ts";
import type { ServiceAccountSource } from "../../src/serviceaccounts/source.ts";

/** A ServiceAccount `production/my-api` with these annotations. */
export const account = (annotations: Readonly<Record<string, string>> = {}): ServiceAccount => ({
  namespace: "production",
  name: "my-api",
  annotations: new Map(Object.entries(annotations)),
});

/** Federated with OpenAI, and nothing is wrong with it. */
export const federatedAccount = (): ServiceAccount =>
  account({
    "podpass.dev/federate": "openai",
    "openai.podpass.dev/identity-provider-id": "idp_1",
    "openai.podpass.dev/service-account-id": "user-1",
  });

/** A source of which `find` does as told. */
export const sourceOf = (find: ServiceAccountSource["find"], isSynced = () => true): ServiceAccountSource => ({
  find,
  all: () => [],
  isSynced,
  close: () => {},
});

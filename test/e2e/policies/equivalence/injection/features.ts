/** What a pod that was served had that could have gone wrong. */
import { readClaims } from "../../../../../src/federation/claims.ts";
import { resolveFederation } from "../../../../../src/federation/federation.ts";
import type { Identity } from "../../../../../src/federation/identity.ts";
import type { DrawnScenario, Unsent } from "./scenarios.ts";

/** One of them for a pod to count as seen. */
export const FEATURES = [
  "a change",
  "another prefix",
  "several providers",
  "a repeated provider",
  "files",
  "a file that is not there",
  "TOML",
  "INI",
  "a variable with a condition",
  "the account's own name",
  "a long value",
  "a lifetime of the account",
  "a value that is special",
  "a value that is left out",
  "init containers",
  "a sidecar that came later",
  "a vendor's annotation",
] as const;

/** See {@link FEATURES}. */
export type Feature = (typeof FEATURES)[number];

const some = (identities: readonly Identity[], condition: (identity: Identity) => boolean): boolean =>
  identities.some(condition);

const namesRepeated = (federate: string): boolean => {
  const names = federate.split(",").map((name) => name.trim());
  return names.some((name, index) => name !== "" && names.indexOf(name) < index);
};

/** The features of a pod that was served. */
export const featuresOf = (
  { settings: [one, other] }: Pick<DrawnScenario, "settings">,
  { account, pod }: Unsent,
): readonly Feature[] => {
  const { identities } = resolveFederation(account, one);
  const origins = [...readClaims(account, one).providers.values()];
  const has: Readonly<Record<Feature, boolean>> = {
    "a change": other !== undefined,
    "another prefix": one.annotationPrefix !== "podpass.dev",
    "several providers": identities.length > 1,
    "a repeated provider": namesRepeated(account.annotations.get(`${one.annotationPrefix}/federate`) ?? ""),
    files: some(identities, ({ files }) => files.length > 0),
    "a file that is not there": some(identities, ({ files, provider }) => files.length < provider.files.length),
    TOML: some(identities, ({ files }) => files.some(({ body }) => body.kind === "toml")),
    INI: some(identities, ({ files }) => files.some(({ body }) => body.kind === "ini")),
    "a variable with a condition": some(identities, ({ provider }) => provider.env.some(({ when }) => when.size > 0)),
    "the account's own name": some(identities, ({ provider }) =>
      provider.env.some(({ template }) => template.some((part) => typeof part !== "string" && part.kind === "subject")),
    ),
    "a long value": some(identities, ({ parameters }) => [...parameters.values()].some((value) => value.length > 2048)),
    "a lifetime of the account": some(identities, ({ requestedSeconds }) => requestedSeconds !== undefined),
    "a value that is special": some(identities, ({ parameters }) =>
      [...parameters.values()].some((value) => /['"\\$\u2028]|[^\0-\uffff]/u.test(value)),
    ),
    "a value that is left out": some(
      identities,
      ({ parameters, provider }) => parameters.size < provider.parameters.size,
    ),
    "a sidecar that came later": pod.spec.containers.at(-1)?.name === "sidecar",
    "a vendor's annotation": origins.includes("native"),
    "init containers": (pod.spec.initContainers ?? []).length > 0,
  };
  return FEATURES.filter((feature) => has[feature]);
};

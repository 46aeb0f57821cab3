/** Secrets and webhook configurations from what an API server answers; whatever is in them. */
import { member, string } from "../../kube/object-parts.ts";
import { type Bundle, type CaCertificate, readAuthority, readBundle, readCaCertificate } from "./certificates.ts";
import type { Ca, ConfigurationView, SecretView, WebhookConfiguration } from "./facts.ts";
import type { ReadConfiguration, ReadSecret } from "./store.ts";

/** The keys of the Secret. */
export const KEYS = { cert: "ca.crt", key: "ca.key", previous: "previous-ca.crt" } as const;

const items = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

const resourceVersionOf = (object: unknown): string => string(member(member(object, "metadata"), "resourceVersion"));

/** Undefined: the Secret does not have the key. */
const entryOf = (object: unknown, key: string): string | undefined => {
  const value = member(member(object, "data"), key);
  return typeof value === "string" && value !== "" ? Buffer.from(value, "base64").toString("latin1") : undefined;
};

type SecretParts = Pick<ReadSecret, "view" | "authority" | "previous">;

const NOTHING = { authority: undefined, previous: undefined } as const;

const unusable = (problem: string): SecretParts => ({ view: { state: "unusable", problem }, ...NOTHING });

const previousIn = (object: unknown): CaCertificate | "unusable" | undefined => {
  const entry = entryOf(object, KEYS.previous);
  if (entry === undefined) return undefined;
  const read = readCaCertificate(entry);
  return "problem" in read ? "unusable" : read;
};

const secretParts = (object: unknown): SecretParts => {
  const [cert, key] = [entryOf(object, KEYS.cert), entryOf(object, KEYS.key)];
  if (cert === undefined && key === undefined) return { view: { state: "empty" }, ...NOTHING };
  if (cert === undefined) return unusable(`${KEYS.cert} is missing`);
  if (key === undefined) return unusable(`${KEYS.key} is missing`);
  const authority = readAuthority(cert, key);
  if ("problem" in authority) return unusable(authority.problem);
  const previous = previousIn(object);
  const view: SecretView = {
    state: "usable",
    ca: authority.ca,
    previous: typeof previous === "object" ? previous.ca : previous,
  };
  return { view, authority, previous: typeof previous === "object" ? previous : undefined };
};

/** Reads a Secret. */
export const secretOf = (object: unknown): Omit<ReadSecret, "date"> => ({
  ...secretParts(object),
  resourceVersion: resourceVersionOf(object),
});

/**
 * When the API server last took a change of a `caBundle`, by what it notes of each that writes: infinite where it notes nothing.
 * @see https://kubernetes.io/docs/reference/using-api/server-side-apply/#managing-fields
 */
const changedMsOf = (object: unknown): number => {
  const times = items(member(member(object, "metadata"), "managedFields"))
    .filter((entry) => JSON.stringify(member(entry, "fieldsV1") ?? "").includes('"f:caBundle"'))
    .map((entry) => Date.parse(string(member(entry, "time"))));
  return times.length === 0 || times.some(Number.isNaN) ? Number.POSITIVE_INFINITY : Math.max(...times);
};

const inEach = (bundles: readonly Bundle[]): readonly Ca[] => {
  const [first, ...others] = bundles.map(({ certificates }) => certificates.map(({ ca }) => ca));
  return (first ?? []).filter(({ id }) => others.every((cas) => cas.some((ca) => ca.id === id)));
};

/** Reads a webhook configuration. `seenForMs` tells for how long its bundles have been seen as they are. */
export const configurationOf = (
  { kind, name }: WebhookConfiguration,
  object: unknown,
  seenForMs: (bundles: string) => number,
): ReadConfiguration => {
  const texts = items(member(object, "webhooks")).map((webhook) =>
    string(member(member(webhook, "clientConfig"), "caBundle")),
  );
  // Usually all of them are the same.
  const read = new Map([...new Set(texts)].map((one) => [one, readBundle(one)]));
  const bundles = [...read.values()];
  const all = new Map(bundles.flatMap(({ certificates }) => certificates.map((one) => [one.ca.id, one])));
  const present: ConfigurationView = {
    state: "present",
    kind,
    name,
    common: inEach(bundles),
    all: [...all.values()].map(({ ca }) => ca),
    isTidy: bundles.every(({ isTidy }) => isTidy),
    changedMs: changedMsOf(object),
    seenForMs: seenForMs(texts.join()),
  };
  return {
    view: texts.length === 0 ? { state: "idle", kind, name, problem: "has no webhooks" } : present,
    certificates: [...all.values()],
    webhooks: texts.length,
    resourceVersion: resourceVersionOf(object),
  };
};

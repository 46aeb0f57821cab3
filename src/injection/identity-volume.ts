/** The volume that carries an identity: one that has it already, or a new one. */
import type { Identity } from "../federation/federation.ts";
import type { Volume } from "../pod/pod.ts";
import { annotationFieldPath, KUBERNETES_DEFAULT_SECONDS, type TokenContent } from "../pod/volumes.ts";

/** What an identity's volume holds. */
export const contentOf = (identity: Identity): TokenContent => ({
  audience: identity.audience,
  fileName: identity.provider.fileName,
  files: identity.files,
});

// What Kubernetes writes into a volume that asks for no mode.
const KUBERNETES_DEFAULT_MODE = 0o644;

/** The volume of `identity` under `name`, with a token of `seconds`. */
export const identityVolume = (name: string, identity: Identity, seconds: number): Volume => {
  const { fileName, defaultMode } = identity.provider;
  const token = { serviceAccountToken: { audience: identity.audience, expirationSeconds: seconds, path: fileName } };
  const items = identity.files.map((file) => ({
    path: file.name,
    fieldRef: { apiVersion: "v1", fieldPath: annotationFieldPath(file.annotation) },
  }));
  return {
    name,
    projected: {
      sources: items.length === 0 ? [token] : [token, { downwardAPI: { items } }],
      ...(defaultMode !== undefined && { defaultMode }),
    },
  };
};

const sameItems = (volume: Volume, wanted: Volume): boolean => {
  const items = (of: Volume) =>
    of.projected?.sources?.flatMap((source) =>
      (source.downwardAPI?.items ?? []).map((item) => `${item.path} ${item.fieldRef?.fieldPath}`),
    ) ?? [];
  const have = items(volume);
  const want = items(wanted);
  return have.length === want.length && want.every((item, index) => have[index] === item);
};

/** Is `volume` what `wanted` would be, whatever their names and whatever the API server has filled in since? */
export const isSameVolume = (volume: Volume, wanted: Volume): boolean => {
  const have = volume.projected?.sources;
  const want = wanted.projected?.sources;
  if (!have || !want || have.length !== want.length) return false;
  const a = have[0]?.serviceAccountToken;
  const b = want[0]?.serviceAccountToken;
  if (!a || !b) return false;
  return (
    a.audience === b.audience &&
    a.path === b.path &&
    (a.expirationSeconds ?? KUBERNETES_DEFAULT_SECONDS) === b.expirationSeconds &&
    (volume.projected?.defaultMode ?? KUBERNETES_DEFAULT_MODE) ===
      (wanted.projected?.defaultMode ?? KUBERNETES_DEFAULT_MODE) &&
    sameItems(volume, wanted)
  );
};

/** `podpass-<provider>`, with the first number behind it that makes it a name not `taken` yet. */
export const freeVolumeName = (provider: string, taken: ReadonlySet<string>): string => {
  const wanted = `podpass-${provider}`;
  if (!taken.has(wanted)) return wanted;
  let number = 2;
  while (taken.has(`${wanted}-${number}`)) number++;
  return `${wanted}-${number}`;
};

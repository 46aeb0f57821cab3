/** What a volume is, by its content and never by its name. */
import type { ProjectedSource, ServiceAccountTokenProjection, Volume } from "./pod.ts";

/** The lifetime that Kubernetes gives a token whose projection names none, in seconds. */
export const KUBERNETES_DEFAULT_SECONDS = 3600;

/** The content an identity needs: its token, and the files beside it. */
export interface TokenContent {
  readonly audience: string;
  readonly fileName: string;
  /** File name and the pod annotation that holds its content. */
  readonly files: readonly { readonly name: string; readonly annotation: string }[];
}

const tokenAt = (sources: readonly ProjectedSource[], path: string): ServiceAccountTokenProjection | undefined => {
  // Kubernetes lets two tokens have one path; the last is what lies there.
  let found: ServiceAccountTokenProjection | undefined;
  for (const { serviceAccountToken } of sources)
    if (serviceAccountToken && (serviceAccountToken.path ?? "").replace(/^(\.\/)+/, "") === path)
      found = serviceAccountToken;
  return found;
};

/** The `fieldPath` under which `downwardAPI` reads an annotation. */
export const annotationFieldPath = (annotation: string): string => `metadata.annotations['${annotation}']`;

const hasFile = (sources: readonly ProjectedSource[], name: string, annotation: string): boolean =>
  sources.some((source) =>
    source.downwardAPI?.items?.some(
      (item) => item.path === name && item.fieldRef?.fieldPath === annotationFieldPath(annotation),
    ),
  );

/** The token in `volume` that has `content`'s audience and file name, with all its files beside it; else undefined. */
export const findContent = (volume: Volume, content: TokenContent): ServiceAccountTokenProjection | undefined => {
  const sources = volume.projected?.sources;
  if (!sources) return undefined;
  const token = tokenAt(sources, content.fileName);
  if (token === undefined || token.audience !== content.audience) return undefined;
  return content.files.every((file) => hasFile(sources, file.name, file.annotation)) ? token : undefined;
};

/** Kinds of volume that the kubelet mounts read-only whatever the mount says. */
const READ_ONLY_KINDS = ["configMap", "secret", "projected", "downwardAPI", "image"] as const;

/** Can no directory be made in it? True for the kinds the kubelet writes itself, and where its source is read-only. */
export const isReadOnlyVolume = (volume: Volume): boolean => {
  for (const [kind, source] of Object.entries(volume)) {
    if (typeof source !== "object" || source === null) continue;
    if ((READ_ONLY_KINDS as readonly string[]).includes(kind)) return true;
    if ("readOnly" in source && source.readOnly === true) return true;
  }
  return false;
};

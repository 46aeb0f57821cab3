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

/** The `fieldPath` under which `downwardAPI` reads an annotation. */
export const annotationFieldPath = (annotation: string): string => `metadata.annotations['${annotation}']`;

const hasItemAt = (source: ProjectedSource, path: string): boolean =>
  Object.values(source).some(
    (kind: { readonly items?: readonly { readonly path?: string }[] | null } | null) =>
      Array.isArray(kind?.items) && kind.items.some((item) => item.path === path),
  );

/** The source whose file lies at `path`: Kubernetes lets several have one path, and the last is what lies there. */
const sourceAt = (sources: readonly ProjectedSource[], path: string): ProjectedSource | undefined =>
  sources.findLast((source) => {
    const token = source.serviceAccountToken;
    return token ? (token.path ?? "").replace(/^(\.\/)+/, "") === path : hasItemAt(source, path);
  });

const hasFile = (sources: readonly ProjectedSource[], name: string, annotation: string): boolean =>
  sourceAt(sources, name)?.downwardAPI?.items?.some(
    (item) => item.path === name && item.fieldRef?.fieldPath === annotationFieldPath(annotation),
  ) ?? false;

/** The token in `volume` that has `content`'s audience and file name, with all its files beside it; else undefined. */
export const findContent = (volume: Volume, content: TokenContent): ServiceAccountTokenProjection | undefined => {
  const sources = volume.projected?.sources;
  if (!sources) return undefined;
  const token = sourceAt(sources, content.fileName)?.serviceAccountToken;
  if (!token || token.audience !== content.audience) return undefined;
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

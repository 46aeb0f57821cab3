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

/** A path inside a volume as the kubelet writes it (`filepath.Clean`). */
const cleanPath = (path: string): string =>
  path.includes("/")
    ? path
        .split("/")
        .filter((step) => step !== "" && step !== ".")
        .join("/")
    : path;

/** One file that a source puts into a volume. */
interface ProjectedFile {
  /** As it is written. */
  readonly path: string;
  readonly token?: ServiceAccountTokenProjection;
  /** The annotation's `fieldPath` behind it, where it comes from `downwardAPI`. */
  readonly fieldPath?: string | undefined;
}

/** The members of a source that name a file: `path`, and of `podCertificate` `keyPath` and others. */
const isPathMember = (name: string): boolean => name === "path" || name.endsWith("Path");

interface AnyItem {
  readonly path?: unknown;
  readonly fieldRef?: { readonly fieldPath?: string } | null;
}

interface AnyKind {
  readonly items?: unknown;
  readonly [member: string]: unknown;
}

/** Of all kinds but `downwardAPI` nothing has been checked when the pod was read. */
const itemsOf = ({ items }: AnyKind): readonly ProjectedFile[] =>
  (Array.isArray(items) ? (items as readonly (AnyItem | null)[]) : []).flatMap((item) =>
    typeof item?.path === "string" ? [{ path: item.path, fieldPath: item.fieldRef?.fieldPath }] : [],
  );

const pathMembers = (kind: AnyKind): readonly ProjectedFile[] =>
  Object.entries(kind).flatMap(([name, path]) => (typeof path === "string" && isPathMember(name) ? [{ path }] : []));

/** The files that one source names. */
const filesOf = (source: ProjectedSource): readonly ProjectedFile[] => {
  const files: ProjectedFile[] = [];
  for (const [name, kind] of Object.entries(source) as [string, AnyKind | null][]) {
    if (typeof kind !== "object" || kind === null) continue;
    if (name === "serviceAccountToken") {
      const token = kind as ServiceAccountTokenProjection;
      files.push({ path: token.path ?? "", token });
      continue;
    }
    for (const file of itemsOf(kind)) files.push(file);
    for (const file of pathMembers(kind)) files.push(file);
  }
  return files;
};

/**
 * The files of a projected volume by their clean path. Of several sources with one path the last is what lies there; but
 * of two that write it differently (`token` and `./token`) either may be, and none is listed. What a ConfigMap or Secret
 * without items holds is not known.
 */
const indexFiles = (sources: readonly ProjectedSource[]): ReadonlyMap<string, ProjectedFile> => {
  const index = new Map<string, ProjectedFile>();
  const unsure = new Set<string>();
  for (const source of sources)
    for (const file of filesOf(source)) {
      const path = cleanPath(file.path);
      const before = index.get(path);
      if (before !== undefined && before.path !== file.path) unsure.add(path);
      index.set(path, file);
    }
  for (const path of unsure) index.delete(path);
  return index;
};

/** Kinds of volume that the kubelet mounts read-only whatever the mount says. */
const READ_ONLY_KINDS: ReadonlySet<string> = new Set(["configMap", "secret", "projected", "downwardAPI", "image"]);

/** Can no directory be made in it? True for the kinds the kubelet writes itself, and where its source is read-only. */
const isReadOnlyVolume = (volume: Volume): boolean => {
  for (const [kind, source] of Object.entries(volume)) {
    if (typeof source !== "object" || source === null) continue;
    if (READ_ONLY_KINDS.has(kind)) return true;
    if ("readOnly" in source && source.readOnly === true) return true;
  }
  return false;
};

/** What is asked of a volume, each found out once: a pod may have a thousand mounts of one with a thousand sources. */
export class VolumeFacts {
  private readonly volume: Volume;
  private files: ReadonlyMap<string, ProjectedFile> | undefined;
  private readOnly: boolean | undefined;

  constructor(volume: Volume) {
    this.volume = volume;
  }

  /** Can no directory be made in it? */
  get isReadOnly(): boolean {
    this.readOnly ??= isReadOnlyVolume(this.volume);
    return this.readOnly;
  }

  /** The token in it that has `content`'s audience and file name, with all its files beside it; else undefined. */
  findContent(content: TokenContent): ServiceAccountTokenProjection | undefined {
    const sources = this.volume.projected?.sources;
    if (!sources) return undefined;
    this.files ??= indexFiles(sources);
    const token = this.files.get(content.fileName)?.token;
    if (!token || token.audience !== content.audience) return undefined;
    for (const { name, annotation } of content.files)
      if (this.files.get(name)?.fieldPath !== annotationFieldPath(annotation)) return undefined;
    return token;
  }
}

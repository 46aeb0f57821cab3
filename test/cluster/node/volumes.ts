/** The content of a pod's volumes, laid out on disk as kubelet lays it out. */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { ReadData } from "./environment.ts";
import { fieldValue } from "./fields.ts";
import { type FileContent, type Files, fileOwners, writeAtomically } from "./files.ts";
import type { KeyToPath, Pod, ProjectedSource, Volume } from "./pod.ts";

/** Where contents come from. */
export interface VolumeInput {
  readonly pod: Pod;
  readonly readData: ReadData;
  readonly readToken: (source: NonNullable<ProjectedSource["serviceAccountToken"]>) => Promise<string>;
}

/** A volume on disk; kubelet mounts every kind but emptyDir and hostPath read-only, whatever the mount says. */
export interface VolumeOnDisk {
  readonly path: string;
  readonly isReadOnly: boolean;
}

const dataFiles = async (
  kind: "configmaps" | "secrets",
  source: { readonly name: string; readonly optional?: boolean; readonly items?: KeyToPath },
  input: VolumeInput,
): Promise<Files> => {
  const data = await input.readData(kind, source.name);
  if (!data && !source.optional) throw new Error(`${kind} "${source.name}" not found`);
  const items = source.items ?? [...(data?.keys() ?? [])].map((key) => ({ key, path: key, mode: undefined }));
  return new Map(
    items.flatMap(({ key, path, mode }) => {
      const content = data?.get(key);
      if (content === undefined && !source.optional) throw new Error(`${kind} "${source.name}" has no key ${key}`);
      return content === undefined ? [] : [[path, { content, mode }] as const];
    }),
  );
};

const sourceFiles = async (source: ProjectedSource, input: VolumeInput): Promise<Files> => {
  if (source.serviceAccountToken) {
    const content = await input.readToken(source.serviceAccountToken);
    return new Map([[source.serviceAccountToken.path, { content, isToken: true }]]);
  }
  if (source.downwardAPI) {
    const items = source.downwardAPI.items ?? [];
    return new Map(
      items.map(({ path, mode, fieldRef }) => [
        path,
        { content: fieldValue(input.pod, fieldRef?.fieldPath ?? ""), mode },
      ]),
    );
  }
  if (source.configMap) return dataFiles("configmaps", source.configMap, input);
  if (source.secret) return dataFiles("secrets", source.secret, input);
  throw new Error(`unsupported projected source: ${Object.keys(source).join(", ")}`);
};

const volumeSources = (volume: Volume): { sources: readonly ProjectedSource[]; mode: number } | undefined => {
  const { projected, downwardAPI, configMap, secret } = volume;
  const mode = (projected ?? downwardAPI ?? configMap ?? secret)?.defaultMode ?? 0o644;
  if (projected) return { sources: projected.sources ?? [], mode };
  if (downwardAPI) return { sources: [{ downwardAPI }], mode };
  if (configMap) return { sources: [{ configMap }], mode };
  if (secret) return { sources: [{ secret: { ...secret, name: secret.secretName } }], mode };
  return undefined;
};

/** Brings one volume to disk under `parent`, or up to date where it is there already. Throws what a node would report as FailedMount. */
export const prepareVolume = async (volume: Volume, parent: string, input: VolumeInput): Promise<VolumeOnDisk> => {
  if (volume.hostPath) return { path: volume.hostPath.path, isReadOnly: false };
  const path = join(parent, volume.name);
  await mkdir(path, { recursive: true });
  if (volume.emptyDir) return { path, isReadOnly: false };
  const content = volumeSources(volume);
  if (!content) throw new Error(`unsupported volume ${volume.name}`);
  const files = new Map<string, FileContent>();
  for (const source of content.sources) {
    for (const [file, value] of await sourceFiles(source, input)) files.set(file, value);
  }
  await writeAtomically(path, files, { ...fileOwners(input.pod), defaultMode: content.mode });
  return { path, isReadOnly: true };
};

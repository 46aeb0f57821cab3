/** The mounts of one container, those that are there and those being planned, and which paths they leave free. */
import { isBelow } from "../pod/paths.ts";
import type { ServiceAccountTokenProjection, Volume, VolumeMount } from "../pod/pod.ts";
import { VolumeFacts } from "../pod/volumes.ts";
import { MAX_NAMED_PATH, type MountFact } from "./container-facts.ts";
import type { CandidatePath } from "./footprint.ts";
import type { RenderedIdentity } from "./rendered-identity.ts";

/** Can no directory be made in it? */
const isReadOnly = (mount: MountFact): boolean => mount.isReadOnly || mount.volume?.isReadOnly === true;

/** Where an identity is, or goes, in a container. */
export type Place = Reused | Planned;

interface Reused {
  /** As it is written. */
  readonly mountPath: string;
  /** The token of a mount that was there already. */
  readonly reused: ServiceAccountTokenProjection;
}

interface Planned {
  readonly mountPath: string;
  readonly reused: undefined;
  /** To be made. */
  readonly mount: VolumeMount;
}

/** The mounts of a container; planned ones are added with {@link ContainerMounts.plan}. */
export class ContainerMounts {
  private readonly mounts: readonly MountFact[];
  private readonly planned: { readonly path: CandidatePath; readonly volume: Volume }[] = [];

  constructor(mounts: readonly MountFact[]) {
    this.mounts = mounts;
  }

  /** The mount at `candidate` that has the identity's token and files, if there is one. */
  reuse({ normal }: CandidatePath, identity: RenderedIdentity): Reused | undefined {
    for (const mount of this.mounts) {
      if (mount.path !== normal || mount.isPart || mount.volume === undefined) continue;
      const token = mount.volume.findContent(identity.content);
      if (token !== undefined) return { mountPath: mount.mountPath, reused: token };
    }
    // Two providers may want the same token at the same place.
    const planned = this.planned.find(({ path }) => path.normal === normal);
    const token = planned && new VolumeFacts(planned.volume).findContent(identity.content);
    return token && planned && { mountPath: planned.path.mountPath, reused: token };
  }

  /** Is `file` the identity's token, wherever somebody has mounted it? */
  holdsToken(file: string, { content }: RenderedIdentity): boolean {
    if (file.length > MAX_NAMED_PATH) return false;
    return this.mounts.some(({ mountPath, isPart, volume }) => {
      if (isPart || volume === undefined || !file.startsWith(mountPath)) return false;
      const end = mountPath.endsWith("/") ? mountPath.length : mountPath.length + 1;
      if (file[end - 1] !== "/") return false;
      const fileName = file.slice(end);
      return volume.findContent({ audience: content.audience, fileName, files: [] }) !== undefined;
    });
  }

  /**
   * Can a read-only volume be mounted at `candidate`? Not where something is mounted already, nor above a mount (its
   * mount point could not be made in ours), nor where the nearest mount above is read-only, nor below one that shares
   * what is mounted there with the host.
   */
  isFree({ normal }: CandidatePath): boolean {
    if (this.meetsPlanned(normal)) return false;
    let above: MountFact | undefined;
    for (const mount of this.mounts) {
      if (mount.path === normal || isBelow(mount.path, normal)) return false;
      if (!isBelow(normal, mount.path)) continue;
      if (mount.isPropagated) return false;
      if (above === undefined || isBelow(mount.path, above.path)) above = mount;
    }
    return above === undefined || !isReadOnly(above);
  }

  /** No directory can be made in a planned one, which is a projected volume. */
  private meetsPlanned(normal: string): boolean {
    return this.planned.some(
      ({ path }) => path.normal === normal || isBelow(path.normal, normal) || isBelow(normal, path.normal),
    );
  }

  /** Takes note of a mount of ours. */
  plan(path: CandidatePath, volume: Volume): Planned {
    this.planned.push({ path, volume });
    return { mountPath: path.mountPath, reused: undefined, mount: path.mount };
  }
}

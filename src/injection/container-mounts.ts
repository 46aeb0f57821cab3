/** The mounts of one container, those that are there and those being planned, and which paths they leave free. */
import { isBelow, normalisePath } from "../pod/paths.ts";
import type { Container, ServiceAccountTokenProjection, Volume, VolumeMount } from "../pod/pod.ts";
import { findContent, isReadOnlyVolume } from "../pod/volumes.ts";
import type { CandidatePath } from "./footprint.ts";
import type { RenderedIdentity } from "./rendered-identity.ts";

interface Mount {
  readonly path: string;
  /** As it was written, which is how a process must name it. */
  readonly mountPath: string;
  /** Undefined for a device, or a volume that is not there. */
  readonly volume: Volume | undefined;
  /** Only a part of the volume (`subPath`), which is never rotated. */
  readonly isPart: boolean;
  readonly isReadOnly: boolean;
}

/** Can no directory be made in it? */
const isReadOnly = (mount: Mount): boolean =>
  mount.isReadOnly || (mount.volume !== undefined && isReadOnlyVolume(mount.volume));

/** Where an identity is, or goes, in a container. */
export type Place = Adopted | Planned;

interface Adopted {
  /** As it is written. */
  readonly mountPath: string;
  /** The token of a mount that was there already. */
  readonly adopted: ServiceAccountTokenProjection;
}

interface Planned {
  readonly mountPath: string;
  readonly adopted: undefined;
  /** To be made. */
  readonly mount: VolumeMount;
}

/** See above; planned mounts are added with {@link ContainerMounts.plan}. */
export class ContainerMounts {
  private readonly mounts: Mount[];
  constructor(container: Container, volumes: ReadonlyMap<string, Volume>, windows: boolean) {
    this.mounts = [];
    for (const mount of container.volumeMounts ?? [])
      this.mounts.push({
        path: normalisePath(mount.mountPath, windows),
        mountPath: mount.mountPath,
        volume: volumes.get(mount.name),
        isPart: !!mount.subPath || !!mount.subPathExpr,
        isReadOnly: mount.readOnly === true,
      });
    for (const { devicePath } of container.volumeDevices ?? []) {
      const mountPath = typeof devicePath === "string" ? devicePath : "/dev";
      const path = normalisePath(mountPath, windows);
      this.mounts.push({ path, mountPath, volume: undefined, isPart: true, isReadOnly: false });
    }
  }

  /** The mount at `candidate` that has the identity's token and files, if there is one. */
  adopt({ normal }: CandidatePath, identity: RenderedIdentity): Adopted | undefined {
    for (const mount of this.mounts) {
      if (mount.path !== normal || mount.isPart || mount.volume === undefined) continue;
      const token = findContent(mount.volume, identity.content);
      if (token !== undefined) return { mountPath: mount.mountPath, adopted: token };
    }
    return undefined;
  }

  /**
   * Can a read-only volume be mounted at `candidate`? Not where something is mounted already, nor above a mount (its
   * mount point could not be made in ours), nor where the nearest mount above is read-only.
   */
  isFree({ normal }: CandidatePath): boolean {
    let above: Mount | undefined;
    for (const mount of this.mounts) {
      if (mount.path === normal || isBelow(mount.path, normal)) return false;
      if (isBelow(normal, mount.path) && (above === undefined || isBelow(mount.path, above.path))) above = mount;
    }
    return above === undefined || !isReadOnly(above);
  }

  /** Takes note of a mount of ours. */
  plan({ mountPath, normal, mount }: CandidatePath, volume: Volume): Planned {
    this.mounts.push({ path: normal, mountPath, volume, isPart: false, isReadOnly: true });
    return { mountPath, adopted: undefined, mount };
  }
}

/** Where tokens are mounted. Nothing else knows it. */

/** What a provider says of it. */
export interface MountedProvider {
  readonly name: string;
  /** The vendor's documented path, or the configuration's. */
  readonly mountPath?: string | undefined;
}

/** Podpass' own path for a provider: where none is documented, where that is taken, and always beside files. */
const ownPath = (name: string): string => `/var/run/secrets/podpass.dev/${name}`;

/** For where even the own path is taken, as below a read-only mount at `/var/run`. */
const lastPath = (name: string): string => `/podpass.dev/${name}`;

/**
 * The paths at which a provider's token may be mounted, best first. A file names one path, so a token with files beside it
 * cannot be somewhere else in one container.
 */
export const mountPathsOf = (
  { name, mountPath }: MountedProvider,
  hasFiles: boolean,
): readonly [string, ...string[]] => {
  const own = ownPath(name);
  if (hasFiles) return [own];
  const others = [own, lastPath(name)].filter((path) => path !== mountPath);
  return mountPath === undefined ? [own, lastPath(name)] : [mountPath, ...others];
};

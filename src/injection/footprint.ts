/** What the identities of one provider may touch in a container: paths and variables, the same for all of them. */
import { ownMountPath } from "../configuration/names.ts";
import type { Provider } from "../configuration/settings.ts";
import { normalisePath } from "../pod/paths.ts";
import type { VolumeMount } from "../pod/pod.ts";
import { shared } from "./patch.ts";

/** A path at which an identity may be mounted, as it is written and as it is compared. */
export interface CandidatePath {
  readonly mountPath: string;
  readonly normal: string;
  /** The mount there, of a volume under the name that it has where no other volume of the pod has it. */
  readonly mount: VolumeMount;
}

/** The name of a provider's volume where no other volume of the pod has it. */
export const volumeName = (provider: Provider): string => `podpass-${provider.name}`;

const candidate = (provider: Provider, mountPath: string, windows: boolean): CandidatePath => ({
  mountPath,
  normal: normalisePath(mountPath, windows),
  mount: shared({ name: volumeName(provider), mountPath, readOnly: true }),
});

/** What one provider's identities may touch. */
export class Footprint {
  /** Every variable that is set, or looked for. */
  readonly variables: ReadonlySet<string>;
  private readonly unixPaths: readonly CandidatePath[];
  private readonly windowsPaths: readonly CandidatePath[];
  private readonly own: { readonly unix: readonly CandidatePath[]; readonly windows: readonly CandidatePath[] };

  constructor(provider: Provider) {
    this.variables = new Set([
      ...provider.env.map(({ name }) => name),
      ...provider.envTogether.flat(),
      ...provider.shadowedBy,
      ...provider.displaces,
      ...provider.expectsOneOf.flat(),
    ]);
    const own = ownMountPath(provider.name);
    const paths = [...new Set([provider.mountPath, own, `/podpass.dev/${provider.name}`])];
    this.unixPaths = paths.map((path) => candidate(provider, path, false));
    this.windowsPaths = paths.map((path) => candidate(provider, path, true));
    this.own = { unix: [candidate(provider, own, false)], windows: [candidate(provider, own, true)] };
  }

  /**
   * Where an identity may be mounted, best first: the provider's path, Podpass' own, and one for where even that is
   * taken. A file names one path, so an identity with files cannot be somewhere else in one container.
   */
  paths(hasFiles: boolean, windows: boolean): readonly CandidatePath[] {
    if (hasFiles) return windows ? this.own.windows : this.own.unix;
    return windows ? this.windowsPaths : this.unixPaths;
  }
}

/** All that some identities together may touch in a container. */
export interface Reach {
  readonly variables: ReadonlySet<string>;
  /** Normalised. */
  readonly unixPaths: readonly string[];
  readonly windowsPaths: readonly string[];
}

/** The reach of identities with these `footprints`. */
export const reachOf = (footprints: readonly Footprint[]): Reach => {
  const all = (of: (footprint: Footprint) => Iterable<string>): ReadonlySet<string> =>
    new Set(footprints.flatMap((footprint) => [...of(footprint)]));
  const paths = (windows: boolean) => [
    ...all((footprint) =>
      [...footprint.paths(false, windows), ...footprint.paths(true, windows)].map(({ normal }) => normal),
    ),
  ];
  return { variables: all(({ variables }) => variables), unixPaths: paths(false), windowsPaths: paths(true) };
};

/** The footprints of a configuration's providers, each made once. */
export class Footprints {
  private readonly known = new Map<Provider, Footprint>();

  of(provider: Provider): Footprint {
    let footprint = this.known.get(provider);
    if (footprint === undefined) {
      footprint = new Footprint(provider);
      this.known.set(provider, footprint);
    }
    return footprint;
  }
}

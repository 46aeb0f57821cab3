/** What the containers of a pod find, by content and not by the names of volumes: two pods are compared by it. */
import { normalisePath } from "../pod/paths.ts";
import { type Container, type EnvVar, type Pod, placedContainers, type Volume } from "../pod/pod.ts";
import { KUBERNETES_DEFAULT_SECONDS } from "../pod/volumes.ts";
import { isWindowsPod } from "../pod/windows.ts";
import { quote } from "../reasons/text.ts";

/** A token that lies alone in a volume. */
interface FoundToken {
  readonly audience: string;
  readonly seconds: number;
  readonly file: string;
}

interface FoundMount {
  readonly token: FoundToken | undefined;
  /** Everything about it. */
  readonly content: string;
}

interface FoundContainer {
  readonly name: string;
  readonly mounts: ReadonlyMap<string, FoundMount>;
  /** With what they refer to put in, as far as it is known. */
  readonly env: ReadonlyMap<string, string>;
}

const DEFAULT_MODE = 0o644;

const sorted = (_: string, value: unknown): unknown =>
  typeof value === "object" && value !== null && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value).toSorted(([one], [other]) => (one < other ? -1 : 1)))
    : value;

const textOf = (value: unknown): string => JSON.stringify(value, sorted);

/** A projected volume without what says nothing: its name, and Kubernetes' own defaults. */
const projectedContent = ({ projected }: Volume): unknown => {
  const { defaultMode = DEFAULT_MODE, sources, ...rest } = projected ?? {};
  const known = (sources ?? []).map(({ serviceAccountToken: token, ...others }) => ({
    ...others,
    ...(token && { serviceAccountToken: { ...token, expirationSeconds: secondsOf(token.expirationSeconds) } }),
  }));
  return { ...rest, defaultMode, sources: known };
};

const secondsOf = (seconds: number | undefined): number => seconds ?? KUBERNETES_DEFAULT_SECONDS;

/** The token of a volume with nothing else in it. */
export const loneToken = ({ projected }: Volume): FoundToken | undefined => {
  const [source, second] = projected?.sources ?? [];
  const token = source?.serviceAccountToken;
  if (!source || !token || second !== undefined || Object.keys(source).length !== 1) return undefined;
  return { audience: token.audience ?? "", seconds: secondsOf(token.expirationSeconds), file: token.path ?? "" };
};

const mountsOf = (
  { volumeMounts }: Container,
  volumes: ReadonlyMap<string, Volume>,
  windows: boolean,
): ReadonlyMap<string, FoundMount> =>
  new Map(
    (volumeMounts ?? []).map((mount) => {
      const { name, mountPath, readOnly, ...rest } = mount;
      const volume = volumes.get(name);
      const isProjected = volume?.projected != null;
      // Whatever the mount says, it is read-only.
      const content = isProjected ? { ...rest, volume: projectedContent(volume) } : { ...rest, readOnly, volume };
      const token = volume === undefined ? undefined : loneToken(volume);
      return [normalisePath(mountPath, windows), { token, content: textOf(content) }] as const;
    }),
  );

/** Characters of a value beyond which no reference in it is put in: a chain of them could double at every step. */
const MAX_EXPANDED = 65_536;

/** `$(NAME)` of those before it, `$$` as one `$`, as the kubelet does it. */
const expanded = (value: string, known: ReadonlyMap<string, string>): string => {
  let length = 0;
  return value.replace(/\$(\$|\(([^)$]{1,512})\))/g, (written, next: string, name: string | undefined) => {
    if (next === "$") return "$";
    const found = known.get(name ?? "");
    length += found?.length ?? 0;
    return found === undefined || length > MAX_EXPANDED ? written : found;
  });
};

const envOf = (env: readonly EnvVar[]): ReadonlyMap<string, string> => {
  const known = new Map<string, string>();
  for (const { name, value, valueFrom } of env) {
    // A value that is only known at run time is its own name.
    known.set(name, valueFrom == null ? expanded(value ?? "", known) : `\u0000${textOf(valueFrom)}`);
  }
  return known;
};

const containersOf = (pod: Pod): readonly FoundContainer[] => {
  const windows = isWindowsPod(pod);
  const volumes = new Map((pod.spec.volumes ?? []).map((volume) => [volume.name, volume]));
  return placedContainers(pod).map(({ container }) => ({
    name: container.name,
    mounts: mountsOf(container, volumes, windows),
    env: envOf(container.env ?? []),
  }));
};

const showEnv = (value: string | undefined): string => {
  if (value === undefined) return "not set";
  return value.startsWith("\u0000") ? "from elsewhere" : quote(value, 80);
};

/** Something that a container finds otherwise. */
export interface Difference {
  /** Half a sentence. */
  readonly text: string;
  /** The lifetime of the token as it is, where that is what differs. */
  readonly seconds?: number | undefined;
}

const envDifference = (now: FoundContainer, then: FoundContainer): Difference | undefined => {
  for (const name of new Set([...now.env.keys(), ...then.env.keys()])) {
    const [is, becomes] = [now.env.get(name), then.env.get(name)];
    if (is !== becomes) return { text: `${quote(name, 80)} is ${showEnv(is)}, and would be ${showEnv(becomes)}` };
  }
  return undefined;
};

const tokenDifference = (path: string, now: FoundMount, then: FoundMount): Difference => {
  const [is, becomes] = [now.token, then.token];
  const what = `the token at ${quote(path, 100)}`;
  if (is === undefined || becomes === undefined) return { text: `what lies at ${quote(path, 100)} would be another` };
  if (is.seconds !== becomes.seconds)
    return { text: `${what} lives ${is.seconds} s, and would live ${becomes.seconds} s`, seconds: is.seconds };
  if (is.file !== becomes.file)
    return { text: `${what} is in ${quote(is.file)}, and would be in ${quote(becomes.file)}` };
  if (is.audience !== becomes.audience)
    return { text: `${what} is for ${quote(is.audience, 80)}, and would be for ${quote(becomes.audience, 80)}` };
  return { text: `${what} would have another mode or mount` };
};

const mountDifference = (now: FoundContainer, then: FoundContainer): Difference | undefined => {
  for (const path of new Set([...now.mounts.keys(), ...then.mounts.keys()])) {
    const [is, becomes] = [now.mounts.get(path), then.mounts.get(path)];
    if (is?.content === becomes?.content) continue;
    if (is !== undefined && becomes !== undefined) return tokenDifference(path, is, becomes);
    if (becomes === undefined) return { text: `nothing would lie at ${quote(path, 100)}` };
    return { text: `something would lie at ${quote(path, 100)} that is not there now` };
  }
  return undefined;
};

/** The first thing that a container of `then` finds otherwise than in `now`; undefined where there is none. */
export const difference = (now: Pod, then: Pod): Difference | undefined => {
  const others = containersOf(then);
  for (const [index, container] of containersOf(now).entries()) {
    const other = others[index];
    if (other === undefined || other.name !== container.name) return { text: "its containers would be others" };
    const found = mountDifference(container, other) ?? envDifference(container, other);
    if (found !== undefined) return { ...found, text: `in container ${quote(container.name, 63)} ${found.text}` };
  }
  return undefined;
};

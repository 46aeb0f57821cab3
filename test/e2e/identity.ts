/** Does a pod have its identity? Judged by what a node will do with it, and not by Podpass' own annotation. */
import { type Container, containersOf, type Pod } from "../cluster/node/pod.ts";

const audiencesIn = (pod: Pod, container: Container): readonly string[] => {
  const mounted = new Set((container.volumeMounts ?? []).map(({ name }) => name));
  return (pod.spec.volumes ?? [])
    .filter(({ name }) => mounted.has(name))
    .flatMap(({ projected }) => projected?.sources ?? [])
    .flatMap(({ serviceAccountToken }) => serviceAccountToken?.audience ?? []);
};

/** The containers, init containers too, in which a token for one of `audiences` is missing; empty for a whole identity. */
export const containersWithout = (pod: Pod, audiences: readonly string[]): readonly string[] =>
  containersOf(pod)
    .filter((container) => {
      const found = audiencesIn(pod, container);
      return !audiences.every((audience) => found.includes(audience));
    })
    .map(({ name }) => name);

/** The containers, init containers too, that mount no token for anybody but the API server. */
export const containersWithoutAny = (pod: Pod): readonly string[] =>
  containersOf(pod)
    .filter((container) => audiencesIn(pod, container).length === 0)
    .map(({ name }) => name);

/** The providers that Podpass says it injected; `undefined` on a pod that it did not decide on. */
export const injected = (pod: Pod): string | undefined => pod.metadata.annotations?.["podpass.dev/injected"];

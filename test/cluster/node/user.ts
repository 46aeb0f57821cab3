/** Whom a container's processes run as. */
import type { Container, Pod } from "./pod.ts";

/**
 * The command line before a container's own. The users of the image are not known, so that a container that names none
 * runs as whoever runs the tests.
 */
export const asUser = ({ spec }: Pod, container: Container): readonly string[] => {
  const user = container.securityContext?.runAsUser ?? spec.securityContext?.runAsUser;
  const group = container.securityContext?.runAsGroup ?? spec.securityContext?.runAsGroup ?? 0;
  const fsGroup = spec.securityContext?.fsGroup;
  if (process.getuid?.() !== 0 || (user === undefined && fsGroup === undefined)) return [];
  const groups = fsGroup === undefined ? "--clear-groups" : `--groups=${fsGroup}`;
  return ["setpriv", `--reuid=${user ?? 0}`, `--regid=${group}`, groups];
};

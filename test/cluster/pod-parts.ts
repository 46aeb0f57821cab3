/** What is written by hand of a pod; the demo needs it too, which no test runner runs. */
import type { Container, Pod, ProjectedSource } from "./node/pod.ts";

/** Parts of a pod that tests write by hand. */
export interface PodParts {
  readonly name: string;
  readonly serviceAccountName: string;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly container?: Omit<Container, "name">;
  readonly spec?: Omit<Partial<Pod["spec"]>, "nodeName"> & { readonly automountServiceAccountToken?: boolean };
}

/** A hand-written pod with one token, as vendors' pages show it. */
export const tokenPod = (
  source: NonNullable<ProjectedSource["serviceAccountToken"]>,
  mountPath: string,
): Pick<PodParts, "container" | "spec"> => ({
  container: { volumeMounts: [{ name: "identity", mountPath, readOnly: true }] },
  spec: { volumes: [{ name: "identity", projected: { sources: [{ serviceAccountToken: source }] } }] },
});

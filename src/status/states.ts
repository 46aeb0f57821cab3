/** What a pod that runs has of an identity of its ServiceAccount: a closed set. */

/** A state, for people. */
export interface StateMeaning {
  readonly means: string;
  readonly todo: string;
  /** Does somebody have to do something about it? */
  readonly isProblem: boolean;
}

/** By state, the ones that ask for something first. */
export const POD_STATES = {
  missing: {
    means: "The pod does not have the identity: it was created while the webhook was down, or before the annotation.",
    todo: "Restart the workload.",
    isProblem: true,
  },
  stale: {
    means: "The pod has it as it was once: the ServiceAccount or the configuration changed since.",
    todo: "Restart the workload.",
    isProblem: true,
  },
  "not-seen": {
    means:
      "The API server does not ask the webhook for pods of this namespace, or with such labels: whatever the pod has, a new one gets nothing.",
    todo: "A restart does not help. Move the workload, or change the webhook's `namespaceSelector` or `objectSelector`.",
    isProblem: true,
  },
  invalid: {
    means: "The ServiceAccount's annotations cannot be resolved now; the pod keeps what it has.",
    todo: "Correct the annotations; `podpass status` and `podpass lint` say which.",
    isProblem: true,
  },
  current: { means: "The pod has what a new one would get.", todo: "Nothing.", isProblem: false },
  "user-managed": {
    means: "The manifest has an identity for it of its own: variables, or a token volume.",
    todo: "Nothing, if it is meant.",
    isProblem: false,
  },
  vendor: {
    means: "The vendor's own webhook gave it to the pod.",
    todo: "Nothing; once that webhook is gone, restart the workload.",
    isProblem: false,
  },
  "left-out": {
    means: "No container gets it: a container filter, a taken path, or another provider's variable.",
    todo: "Nothing, if it is meant; `podpass inject --explain` on the manifest says why.",
    isProblem: false,
  },
  "opted-out": { means: "The pod is opted out of all injection.", todo: "Nothing, if it is meant.", isProblem: false },
} as const satisfies Readonly<Record<string, StateMeaning>>;

/** One of them. */
export type PodState = keyof typeof POD_STATES;

/** All of them, in the order of the output. */
export const STATES = Object.keys(POD_STATES) as readonly PodState[];

/** Those about which somebody has to do something. */
export const PROBLEM_STATES: readonly PodState[] = STATES.filter((state) => POD_STATES[state].isProblem);

/** The part of a Pod that a node reads. */

interface KeySelector {
  readonly name: string;
  readonly key: string;
  readonly optional?: boolean;
}

interface FieldSelector {
  readonly fieldPath: string;
}

/** A value that is read when the container starts. */
export interface EnvVar {
  readonly name: string;
  readonly value?: string;
  readonly valueFrom?: {
    readonly fieldRef?: FieldSelector;
    readonly configMapKeyRef?: KeySelector;
    readonly secretKeyRef?: KeySelector;
  };
}

interface NamedSource {
  readonly name: string;
  readonly optional?: boolean;
}

/** Every key of a ConfigMap or Secret as a variable. */
export interface EnvFrom {
  readonly prefix?: string;
  readonly configMapRef?: NamedSource;
  readonly secretRef?: NamedSource;
}

export interface VolumeMount {
  readonly name: string;
  readonly mountPath: string;
  readonly readOnly?: boolean;
  readonly subPath?: string;
}

export interface Container {
  readonly name: string;
  readonly command?: readonly string[];
  readonly args?: readonly string[];
  readonly workingDir?: string;
  readonly env?: readonly EnvVar[];
  readonly envFrom?: readonly EnvFrom[];
  readonly volumeMounts?: readonly VolumeMount[];
  readonly securityContext?: SecurityContext & { readonly readOnlyRootFilesystem?: boolean };
}

/** Whom the processes run as; a container's own fields go before its pod's. */
export interface SecurityContext {
  readonly runAsUser?: number;
  readonly runAsGroup?: number;
}

/** Which keys become which files; all of them under their own names where this is missing. */
export type KeyToPath = readonly { readonly key: string; readonly path: string; readonly mode?: number }[];

interface DownwardItem {
  readonly path: string;
  readonly mode?: number;
  readonly fieldRef?: FieldSelector;
}

/** One source of a projected volume; exactly one field is there. */
export interface ProjectedSource {
  readonly serviceAccountToken?: {
    readonly audience?: string;
    readonly expirationSeconds?: number;
    readonly path: string;
  };
  readonly downwardAPI?: { readonly items?: readonly DownwardItem[] };
  readonly configMap?: NamedSource & { readonly items?: KeyToPath };
  readonly secret?: NamedSource & { readonly items?: KeyToPath };
}

/** A volume of a kind that this node knows; any other fails the pod. */
export interface Volume {
  readonly name: string;
  readonly projected?: { readonly sources?: readonly ProjectedSource[] | null; readonly defaultMode?: number };
  readonly downwardAPI?: { readonly items?: readonly DownwardItem[]; readonly defaultMode?: number };
  readonly configMap?: NamedSource & { readonly items?: KeyToPath; readonly defaultMode?: number };
  readonly secret?: {
    readonly secretName: string;
    readonly optional?: boolean;
    readonly items?: KeyToPath;
    readonly defaultMode?: number;
  };
  readonly emptyDir?: Readonly<Record<string, unknown>>;
  readonly hostPath?: { readonly path: string };
}

/** See the file's comment. */
export interface Pod {
  readonly metadata: {
    readonly name: string;
    readonly namespace: string;
    readonly uid: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly spec: {
    readonly nodeName?: string;
    readonly hostname?: string;
    readonly serviceAccountName?: string;
    readonly automountServiceAccountToken?: boolean;
    readonly restartPolicy?: string;
    readonly hostAliases?: readonly { readonly ip: string; readonly hostnames: readonly string[] }[];
    readonly securityContext?: SecurityContext & { readonly fsGroup?: number };
    readonly containers: readonly Container[];
    readonly initContainers?: readonly Container[];
    readonly volumes?: readonly Volume[];
  };
}

/** The containers that a kubelet starts: init containers (native sidecars among them), then the others. */
export const containersOf = ({ spec }: Pod): readonly Container[] => [
  ...(spec.initContainers ?? []),
  ...spec.containers,
];

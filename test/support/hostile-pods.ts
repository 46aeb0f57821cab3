/** Pods with everything made large that Podpass reads, or steps over, of a pod. */

// biome-ignore lint/suspicious/noExplicitAny: tests break it in every way.
type Any = any;

/** What long texts are made of. JSON writes the last three with escapes or with several bytes a character. */
export const FILLERS = ["a", "/", "<", "\u0001", "\ud800", "é", '"'] as const;

/** One thing of a pod made large. */
export interface Growth {
  readonly place: keyof typeof GROWTHS;
  /** How many items, or characters. */
  readonly size: number;
  readonly filler: (typeof FILLERS)[number];
}

const times = <T>(size: number, make: (index: number) => T): T[] => Array.from({ length: size }, (_, i) => make(i));
const entries = (size: number, key: (index: number) => string, value: string): object =>
  Object.fromEntries(times(size, (index) => [key(index), value]));
const first = (pod: Any): Any => pod.spec.containers[0];
const annotate = (pod: Any, key: string, value: string): void => {
  pod.metadata.annotations[key] = value;
};
const project = (pod: Any, sources: readonly object[]): void => {
  pod.spec.volumes.push({ name: `grown-${pod.spec.volumes.length}`, projected: { sources, defaultMode: 420 } });
};
const token = (audience: string, more: object = {}): object => ({
  serviceAccountToken: { audience, path: "t", ...more },
});

const LISTS = {
  containers: (pod: Any, size: number) =>
    pod.spec.containers.push(...times(size, (i) => ({ name: `c${i}`, image: "i" }))),
  namelessContainers: (pod: Any, size: number) => {
    pod.spec.containers = [...pod.spec.containers, ...times(size, () => ({ name: "", resources: {} }))];
  },
  initContainers: (pod: Any, size: number) => {
    pod.spec.initContainers = times(size, (i) => ({ name: `i${i}`, image: "i" }));
  },
  env: (pod: Any, size: number, text: string) => {
    first(pod).env = times(size, (i) => ({ name: `V${i}`, value: text.slice(0, 8) }));
  },
  sameEnv: (pod: Any, size: number) => {
    first(pod).env = times(size, () => ({ name: "AWS_ROLE_ARN", value: "$(AWS_ROLE_ARN)$" }));
  },
  envFrom: (pod: Any, size: number) => {
    first(pod).envFrom = times(size, (i) => ({ configMapRef: { name: `m${i}` } }));
  },
  mounts: (pod: Any, size: number) => {
    first(pod).volumeMounts = times(size, (i) => ({ name: "own", mountPath: `/var/run/secrets/${i}/../x` }));
  },
  devices: (pod: Any, size: number) => {
    first(pod).volumeDevices = times(size, (i) => ({ name: "own", devicePath: `/dev/${i}` }));
  },
  volumes: (pod: Any, size: number) => {
    pod.spec.volumes = [...times(size, (i) => ({ name: `v${i}`, emptyDir: {} })), ...pod.spec.volumes];
  },
  emptySources: (pod: Any, size: number) =>
    project(
      pod,
      times(size, () => ({})),
    ),
  goodTokens: (pod: Any, size: number) =>
    project(
      pod,
      times(size, () => token("https://internal.example.com")),
    ),
  badTokens: (pod: Any, size: number) =>
    project(
      pod,
      times(size, (i) => token(`https://nobody-${i}.example.com`)),
    ),
  longLived: (pod: Any, size: number) =>
    project(
      pod,
      times(size, () => token("", { expirationSeconds: 86_400 })),
    ),
  items: (pod: Any, size: number) => {
    const items = times(size, (i) => ({ path: `${i}`, fieldRef: { fieldPath: `metadata.annotations['${i}']` } }));
    project(pod, [{ downwardAPI: { items } }, { configMap: { name: "m", items: items.slice(1) } }]);
  },
  annotations: (pod: Any, size: number, text: string) =>
    Object.assign(
      pod.metadata.annotations,
      entries(size, (i) => `x/${i}`, text.slice(0, 4)),
    ),
  ownAnnotations: (pod: Any, size: number, text: string) =>
    Object.assign(
      pod.metadata.annotations,
      entries(size, (i) => `${i}.podpass.dev/skip-containers`, text.slice(0, 4)),
    ),
  nodeSelector: (pod: Any, size: number) => {
    pod.spec.nodeSelector = entries(size, (i) => `${i}`, "x");
  },
  labels: (pod: Any, size: number) => {
    pod.metadata.labels = entries(size, (i) => `l${i}`, "");
  },
  args: (pod: Any, size: number) => {
    first(pod).args = times(size, () => "");
  },
  managedFields: (pod: Any, size: number) => {
    const fieldsV1 = entries(size, (i) => `f:${i}`, "]},");
    pod.metadata.managedFields = [{ manager: "m", operation: "Update", fieldsV1 }];
  },
} as const;

const TEXTS = {
  slashes: (pod: Any, _: number, text: string) => {
    const mountPath = `${text}/var/run/secrets/eks.amazonaws.com/serviceaccount`;
    first(pod).volumeMounts = [{ name: "own", mountPath }];
  },
  devicePath: (pod: Any, _: number, text: string) => {
    first(pod).volumeDevices = [{ name: "own", devicePath: text }];
  },
  arg: (pod: Any, _: number, text: string) => {
    first(pod).args = [text];
  },
  value: (pod: Any, _: number, text: string) => {
    first(pod).env = [{ name: "AWS_REGION", value: `$(${text})${text}` }];
  },
  variable: (pod: Any, _: number, text: string) => {
    first(pod).env = [{ name: text, value: "x" }];
  },
  containerName: (pod: Any, _: number, text: string) => {
    first(pod).name = text;
  },
  podName: (pod: Any, _: number, text: string) => {
    pod.metadata.name = text;
  },
  account: (pod: Any, _: number, text: string) => {
    pod.spec.serviceAccountName = text;
  },
  annotation: (pod: Any, _: number, text: string) => annotate(pod, "note", text),
  inject: (pod: Any, _: number, text: string) => annotate(pod, "podpass.dev/inject", text),
  ownKey: (pod: Any, _: number, text: string) => annotate(pod, `aws.podpass.dev/${text}`, text.slice(0, 9)),
  lifetime: (pod: Any, size: number) => annotate(pod, "aws.podpass.dev/expiration-seconds", "9".repeat(size)),
  skipNames: (pod: Any, size: number) => annotate(pod, "podpass.dev/skip-containers", "a,".repeat(size)),
  onlyNames: (pod: Any, size: number) => annotate(pod, "aws.podpass.dev/only-containers", ", app".repeat(size)),
  audience: (pod: Any, _: number, text: string) => project(pod, [token(text)]),
  patternAudience: (pod: Any, _: number, text: string) => project(pod, [token(`a${text}b${text}c`)]),
  nearlyPattern: (pod: Any, size: number) => project(pod, [token(`a${"b".repeat(size)}d`)]),
  tokenPath: (pod: Any, _: number, text: string) => project(pod, [token("", { path: `${text}/..` })]),
  volumeName: (pod: Any, _: number, text: string) => {
    pod.spec.volumes = [{ name: text, emptyDir: {} }, ...pod.spec.volumes];
  },
  unknown: (pod: Any, _: number, text: string) => {
    pod.spec.unknown = { [text]: text };
  },
} as const;

/** Everything that can be made large, by name. `text` has `size` characters. */
export const GROWTHS: Readonly<
  Record<keyof typeof LISTS | keyof typeof TEXTS, (pod: Any, size: number, text: string) => void>
> = {
  ...LISTS,
  ...TEXTS,
};

/** The names in {@link GROWTHS}: of lists, and of texts. */
export const PLACES = {
  lists: Object.keys(LISTS) as (keyof typeof LISTS)[],
  texts: Object.keys(TEXTS) as (keyof typeof TEXTS)[],
};

/** A pod with hand-written `tokens` (each a `serviceAccountToken`), and with `growths`. */
export const hostilePod = (
  serviceAccountName: string,
  tokens: readonly object[],
  growths: readonly Growth[],
): object => {
  const pod: Any = {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name: "my-pod", annotations: {} },
    spec: {
      volumes: [{ name: "own", emptyDir: {} }],
      containers: [{ name: "app", image: "i" }],
      serviceAccountName,
    },
  };
  if (tokens.length > 0)
    project(
      pod,
      tokens.map((serviceAccountToken) => ({ serviceAccountToken })),
    );
  for (const { place, size, filler } of growths) GROWTHS[place](pod, size, filler.repeat(size));
  return pod;
};

/** A small pod with one of everything that Podpass reads. */
export const POD_OF_ALL: object = hostilePod(
  "plain",
  [{ audience: "https://internal.example.com", expirationSeconds: 86_400, path: "token" }],
  [...PLACES.lists, ...PLACES.texts]
    .filter((place) => place !== "account" && place !== "badTokens" && place !== "audience")
    .map((place) => ({ place, size: 1, filler: "a" })),
);

/** Pods, configurations and ServiceAccounts that collide with each other as often as possible. */
import fc from "fast-check";

/** A value once in `oneIn` times. */
const maybe = <T>(value: fc.Arbitrary<T>, oneIn = 3): fc.Arbitrary<T | undefined> =>
  fc.oneof({ weight: 1, arbitrary: value }, { weight: oneIn - 1, arbitrary: fc.constant(undefined) });

/** A value nearly always. */
const mostly = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.option(value, { nil: undefined, freq: 6 });

/** `record` without the members that are undefined. */
const compact = <T>(fields: { readonly [K in keyof T]: fc.Arbitrary<T[K]> }): fc.Arbitrary<Partial<T>> =>
  fc
    .record(fields)
    .map((record) =>
      Object.fromEntries(Object.entries(record as object).filter(([, value]) => value !== undefined)),
    ) as fc.Arbitrary<Partial<T>>;

const PRESETS = ["aws", "azure", "coreweave-object-storage", "enkryptify", "gcp", "openai", "mongodb"] as const;
const CUSTOM = ["a", "constructor", "x-1", "hasownproperty", "a".repeat(40), "tostring"] as const;
const PROVIDERS = [...PRESETS, ...CUSTOM];

const PATHS = [
  "/var/run/secrets/tokens",
  "/var/run/secrets/tokens/a",
  "/run/secrets/tokens",
  "/var/run/secrets",
  "/var/run/secrets/podpass.dev",
  "/var/run/secrets/podpass.dev/a",
  "/var/run/secrets/podpass.dev/gcp",
  "/var/run/secrets/podpass.dev/openai",
  "/var/run/secrets/eks.amazonaws.com/serviceaccount",
  "/podpass.dev/a",
  "/podpass.dev",
  "/a",
  "/run",
];
const MOUNT_PATHS = [
  ...PATHS,
  "/",
  "/var/run/secrets/tokens/",
  "//var/run//secrets/./tokens",
  "/var/run/secrets/eks.amazonaws.com/serviceaccount/token",
  "/var/run/secrets/podpass.dev/constructor",
  "relative",
  "C:\\var\\run\\secrets\\tokens",
  "/A",
];
const FILES = ["token", "jwt", "identity.token"];
const AUDIENCES = [
  "https://api.openai.com/v1",
  "enkryptify",
  "sts.amazonaws.com",
  "a",
  "b",
  "https://internal.example.com",
];
const HOSTILE = [
  "__proto__",
  "constructor",
  "a\u0000b",
  "$(HOME)",
  "$$",
  "😀",
  "x".repeat(1025),
  "",
  " ",
  "\u202e",
  "\ud800",
  "'",
  '"\\',
];
const VARIABLES = [
  "P",
  "Q",
  "R",
  "AWS_REGION",
  "AWS_DEFAULT_REGION",
  "AWS_WEB_IDENTITY_TOKEN_FILE",
  "ENKRYPTIFY_TOKEN_PATH",
  "AZURE_FEDERATED_TOKEN_FILE",
  "GOOGLE_APPLICATION_CREDENTIALS",
  "OPENAI_API_KEY",
  "constructor",
  "__proto__",
];
const PARAMETERS = ["p", "q", "constructor", "valueof"] as const;
const TEMPLATES = [
  "${token.file}",
  "file:${token.file}",
  "${parameter.p}",
  "${parameter.q}-$",
  "$(HOME)/${parameter.constructor}",
  "${token.audience}",
  "literal",
  "",
];
const OWN_FILES = ["client.json", "x.ini", "constructor.txt"] as const;

const seconds = fc.constantFrom(600, 601, 1800, 3600, 3607, 7200, 86400, 172800, 2 ** 32);

const ordered = (a: number, b: number) => ({ min: Math.min(a, b), max: Math.max(a, b) });

const file = fc.oneof(
  compact({
    name: fc.constantFrom(...OWN_FILES),
    json: fc.constantFrom<unknown>(
      { a: "${token.file}", constructor: "${parameter.p}", n: [1, null, "${parameter.q}"] },
      "${parameter.p}",
      ["${token.audience}"],
    ),
    when: maybe(fc.constantFrom({ p: "1" })),
  }),
  fc.record({
    name: fc.constantFrom(...OWN_FILES),
    text: fc.constantFrom("", "a\n${parameter.p}\nb", "${token.file}"),
  }),
);

const custom = fc
  .record({
    audience: fc.constantFrom("a", "b", "https://api.openai.com/v1", "x/${parameter.p}"),
    bounds: maybe(fc.tuple(seconds, seconds)),
    mountPath: mostly(fc.constantFrom(...PATHS)),
    fileName: maybe(fc.constantFrom(...FILES)),
    defaultMode: maybe(fc.constantFrom(0, 0o440, 0o644)),
    env: fc.dictionary(
      fc.constantFrom(...VARIABLES.filter((name) => name !== "__proto__")),
      fc.constantFrom(...TEMPLATES),
      { maxKeys: 4 },
    ),
    together: maybe(fc.uniqueArray(fc.constantFrom(...VARIABLES.slice(0, 5)), { minLength: 2, maxLength: 3 })),
    files: fc.uniqueArray(file, { maxLength: 2, selector: (one) => (one as { name?: string }).name }),
    required: maybe(fc.constant(true), 4),
    scope: maybe(fc.constantFrom("platform")),
    fallback: mostly(fc.constantFrom("1", "$x", "😀", "a b")),
    allowedNamespaces: maybe(fc.constantFrom(["production"], ["team-*"], ["*"])),
  })
  .map((one) => ({
    token: {
      audience: one.audience,
      ...(one.bounds && { expirationSeconds: ordered(...one.bounds) }),
      ...(one.mountPath && { mountPath: one.mountPath }),
      ...(one.fileName && { fileName: one.fileName }),
      ...(one.defaultMode !== undefined && { defaultMode: one.defaultMode }),
    },
    parameters: Object.fromEntries(
      PARAMETERS.map((name, index) => [
        name,
        index === 0
          ? { ...(one.required && { required: true }), ...(one.fallback && { default: one.fallback }) }
          : { ...(one.scope && { scope: one.scope }) },
      ]),
    ),
    env: one.env,
    // A path variable that is held back by another leaves the application without a path: not what groups are for.
    ...(one.together?.every((name) => !one.env[name]?.includes("file}")) && { envTogether: [one.together] }),
    files: one.files,
    ...(one.allowedNamespaces && { allowedNamespaces: one.allowedNamespaces }),
  }));

const PRESET_VALUES: Readonly<Record<string, object>> = {
  mongodb: { parameters: { "token-audience": { value: "b" } } },
};

const policy = compact({
  enforcement: maybe(fc.constantFrom("Enforce", "Warn")),
  exemptNamespaces: maybe(fc.constantFrom([], ["prod*"]), 6),
  tokens: mostly(
    compact({
      expirationSeconds: mostly(
        fc
          .record({
            bounds: fc.tuple(seconds, seconds),
            violation: fc.constantFrom("Clamp", "Clamp", "Clamp", "Deny", "Warn"),
          })
          .map(({ bounds, violation }) => ({ ...ordered(...bounds), violation })),
      ),
      audiences: mostly(
        fc.record({
          allow: fc.constantFrom(["*"], ["*"], ["https://*", "a", "enkryptify"], ["a*", "b"], []),
          violation: fc.constantFrom("Deny", "Warn"),
        }),
      ),
    }),
  ),
  invalidServiceAccount: fc.constantFrom("Deny", "Warn", "Warn"),
  podOverrides: maybe(fc.constantFrom(["expiration-seconds"])),
});

/** A configuration file's content; valid, so that decisions can be made with it. */
export const configurations = fc
  .record({
    presets: fc.subarray([...PRESETS]),
    custom: fc.dictionary(fc.constantFrom(...CUSTOM), custom, { minKeys: 1, maxKeys: 4 }),
    annotationPrefix: maybe(fc.constantFrom("identity.example.com"), 6),
    policy: maybe(policy),
  })
  .map(({ presets, custom: own, annotationPrefix, policy: rules }) => ({
    apiVersion: "podpass.dev/v1alpha1",
    kind: "Configuration",
    ...(annotationPrefix && { annotationPrefix }),
    providers: {
      ...Object.fromEntries(presets.map((name) => [name, { preset: name, ...PRESET_VALUES[name] }])),
      ...own,
    },
    ...(rules && { policy: rules }),
  }));

const GOOD: Readonly<Record<string, string>> = {
  "aws.podpass.dev/role-arn": "arn:aws:iam::123456789012:role/my-api",
  "aws.podpass.dev/region": "eu-west-1",
  "azure.podpass.dev/client-id": "11111111-2222-3333-4444-555555555555",
  "azure.podpass.dev/tenant-id": "99999999-2222-3333-4444-555555555555",
  "coreweave-object-storage.podpass.dev/organization-id": "abc123",
  "coreweave-object-storage.podpass.dev/addressing-style": "virtual",
  "coreweave-object-storage.podpass.dev/region": "US-EAST-04A",
  "gcp.podpass.dev/workload-identity-provider": "projects/1/locations/global/workloadIdentityPools/p/providers/x",
  "openai.podpass.dev/identity-provider-id": "idp_1",
  "openai.podpass.dev/service-account-id": "user-1",
};

const CONTAINERS = ["app", "sidecar", "init", "proxy"] as const;
const filterValue = fc.subarray([...CONTAINERS, "nobody"]).map((names) => names.join(", "));
const anyValue = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom("1", "v", "$x", "a\\b") },
  fc.constantFrom(...HOSTILE),
  fc.string({ unit: "binary", maxLength: 40 }),
);
const secondsText = fc.oneof(
  { weight: 3, arbitrary: seconds.map(String) },
  fc.constantFrom("0", "1h", "-1", "9".repeat(400), "", "599"),
);

const pairs = (keys: readonly fc.Arbitrary<readonly [string, string]>[], maxLength: number) =>
  fc.array(fc.oneof(...keys), { maxLength }).map((found) => new Map(found));

const providerName = fc.constantFrom(...PROVIDERS, "__proto__", "unknown");

/** A ServiceAccount's annotations for `configured` providers; most of them can be resolved. */
export const accounts = (configured: readonly string[]) =>
  fc
    .record({
      federate: fc.uniqueArray(
        fc.oneof(
          { weight: 30, arbitrary: fc.constantFrom(...(configured.length > 0 ? configured : PROVIDERS)) },
          { weight: 1, arbitrary: providerName },
        ),
        { minLength: 1, maxLength: 5 },
      ),
      good: fc.oneof({ weight: 9, arbitrary: fc.constant(GOOD) }, fc.constant({})),
      parameters: fc.dictionary(
        fc.tuple(fc.constantFrom(...CUSTOM), fc.constantFrom(...PARAMETERS)).map(([p, q]) => `${p}.podpass.dev/${q}`),
        anyValue,
        { maxKeys: 3 },
      ),
      rest: pairs(
        [
          fc.tuple(fc.constantFrom("podpass.dev/skip-containers", "podpass.dev/only-containers"), filterValue),
          fc.tuple(
            providerName.map((name) => `${name}.podpass.dev/only-containers`),
            filterValue,
          ),
          fc.tuple(
            providerName.map((name) => `${name}.podpass.dev/expiration-seconds`),
            secondsText,
          ),
          fc.tuple(
            providerName.map((name) => `${name}.podpass.dev/audience`),
            fc.constantFrom(...AUDIENCES, ...HOSTILE),
          ),
          fc.tuple(
            fc.constantFrom(
              "__proto__",
              "podpass.dev/",
              "a.b.podpass.dev/x",
              "constructor.podpass.dev/__proto__",
              ".podpass.dev/x",
            ),
            anyValue,
          ),
        ],
        4,
      ),
    })
    .map(
      ({ federate, good, parameters, rest }) =>
        new Map([
          ["podpass.dev/federate", federate.join(",")],
          ...Object.entries(good),
          ...Object.entries(parameters),
          ...rest,
        ]),
    );

const token = compact({
  audience: mostly(fc.constantFrom(...AUDIENCES, "")),
  expirationSeconds: mostly(seconds),
  path: fc.oneof({ weight: 4, arbitrary: fc.constant("token") }, fc.constantFrom(...FILES, "./token", "sub/token")),
});

const source = fc.oneof(
  { weight: 4, arbitrary: token.map((serviceAccountToken) => ({ serviceAccountToken })) },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      { configMap: { name: "kube-root-ca.crt" } },
      {
        downwardAPI: {
          items: [
            {
              path: "credentials.json",
              fieldRef: { apiVersion: "v1", fieldPath: "metadata.annotations['gcp.podpass.dev/credentials.json']" },
            },
          ],
        },
      },
      {
        downwardAPI: {
          items: [
            { path: "client.json", fieldRef: { fieldPath: "metadata.annotations['a.podpass.dev/client.json']" } },
          ],
        },
      },
      { downwardAPI: null, secret: { name: "s" } },
      { downwardAPI: {} },
    ),
  },
);

const volumeSource = fc.oneof(
  {
    weight: 4,
    arbitrary: compact({
      sources: fc.oneof({ weight: 9, arbitrary: fc.array(source, { minLength: 1, maxLength: 3 }) }, fc.constant(null)),
      defaultMode: maybe(fc.constantFrom(420, 288)),
    }).map((projected) => ({ projected })),
  },
  {
    weight: 2,
    arbitrary: fc.constantFrom<object>(
      { emptyDir: {} },
      { configMap: { name: "c" } },
      { secret: { secretName: "s" } },
      { downwardAPI: { items: [] } },
      { hostPath: { path: "/" } },
      { csi: { driver: "d", readOnly: true } },
      { image: { reference: "i" } },
      { persistentVolumeClaim: { claimName: "p", readOnly: false } },
      { projected: null, emptyDir: { medium: "Memory" } },
    ),
  },
);

const VOLUME_NAMES = [
  "v1",
  "v2",
  "v3",
  "podpass-a",
  "podpass-openai",
  "podpass-openai-2",
  "podpass-aws",
  "podpass-constructor",
  "kube-api-access-x",
];
const volumes = fc.uniqueArray(
  fc.tuple(fc.constantFrom(...VOLUME_NAMES), volumeSource).map(([name, kind]) => ({ name, ...kind })),
  { maxLength: 5, selector: (volume) => volume.name },
);

const variable = fc.oneof(
  fc.record({
    name: fc.constantFrom(...VARIABLES),
    value: fc.oneof(
      fc.constantFrom(
        "",
        "$(HOME)",
        "x",
        ...PATHS.flatMap((path) => FILES.slice(0, 2).map((name) => `${path}/${name}`)),
      ),
      fc.string({ maxLength: 5 }),
    ),
  }),
  fc.record({ name: fc.constantFrom(...VARIABLES), valueFrom: fc.constant({ secretKeyRef: { name: "s", key: "k" } }) }),
  fc.record({ name: fc.constantFrom(...VARIABLES) }),
);

const nullable = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | null | undefined> =>
  fc.oneof({ weight: 6, arbitrary: value }, fc.constantFrom(null, undefined));

const mount = (names: readonly string[]) =>
  compact({
    name: fc.constantFrom(...names),
    mountPath: fc.oneof(
      fc.constantFrom("/var/run/secrets/tokens", "/run/secrets/tokens/", "/a", "/var/run/secrets/podpass.dev/a"),
      fc.constantFrom(...MOUNT_PATHS),
    ),
    readOnly: maybe(fc.boolean()),
    subPath: maybe(fc.constantFrom("", "token"), 8),
    subPathExpr: maybe(fc.constant("$(P)"), 12),
  });

const mounts = (names: readonly string[]): fc.Arbitrary<readonly object[]> =>
  names.length === 0
    ? fc.constant([])
    : fc.uniqueArray(mount(names), { maxLength: 4, selector: (one) => one.mountPath });

const container = (name: string, volumeNames: readonly string[]) =>
  compact({
    name: fc.constant(name),
    image: fc.constant("my-image"),
    env: nullable(fc.array(variable, { maxLength: 4 })),
    envFrom: nullable(fc.subarray([{ configMapRef: { name: "c" } }])),
    volumeMounts: nullable(mounts(volumeNames)),
    volumeDevices: maybe(fc.constantFrom([{ name: "v1", devicePath: "/podpass.dev/openai" }], []), 12),
    futureField: maybe(fc.constant({ nested: [1, { deep: null }] })),
  });

const podAnnotations = pairs(
  [
    fc.tuple(fc.constantFrom("podpass.dev/skip-containers", "podpass.dev/only-containers"), filterValue),
    fc.tuple(
      providerName.map((name) => `${name.replaceAll("_", "a")}.podpass.dev/expiration-seconds`),
      secondsText,
    ),
    fc.tuple(fc.constantFrom("podpass.dev/injected"), fc.constantFrom("", "openai", "aws,openai,a", "__proto__")),
    fc.tuple(
      fc.constantFrom("gcp.podpass.dev/credentials.json", "a.podpass.dev/client.json"),
      fc.constantFrom("{}", ""),
    ),
    fc.tuple(fc.constantFrom("podpass.dev/inject"), fc.constantFrom("true", "False", "x")),
    fc.tuple(
      fc.constantFrom("note", "example.com/note", "constructor"),
      fc.oneof(
        { weight: 12, arbitrary: fc.string({ unit: "binary", maxLength: 20 }) },
        fc.constantFrom("x".repeat(262_000), "y".repeat(150_000)),
      ),
    ),
  ],
  4,
);

/** A pod that kube-apiserver would accept. */
export const pods = volumes.chain((volumeList) => {
  const names = volumeList.map((volume) => volume.name);
  return fc
    .record({
      metadata: nullable(
        compact({
          name: maybe(fc.constant("my-pod")),
          generateName: maybe(fc.constant("my-")),
          annotations: nullable(podAnnotations.map((found) => Object.fromEntries(found))),
          labels: maybe(fc.constant({ a: "b" })),
        }),
      ),
      volumes: volumeList.length === 0 ? fc.constantFrom(undefined, null, []) : fc.constant(volumeList),
      app: container("app", names),
      sidecar: maybe(container("sidecar", names)),
      init: nullable(container("init", names)),
      os: maybe(fc.constantFrom({ name: "windows" }, { name: "linux" }, null), 6),
      nodeSelector: maybe(fc.constantFrom({ "kubernetes.io/os": "windows" }, null), 8),
      hostUsers: maybe(fc.constant(false)),
    })
    .map(({ metadata, volumes: list, app, sidecar, init, os, nodeSelector, hostUsers }) => ({
      apiVersion: "v1",
      kind: "Pod",
      ...(metadata !== undefined && { metadata }),
      spec: {
        serviceAccountName: "my-api",
        ...(list !== undefined && { volumes: list }),
        ...(init !== undefined && { initContainers: init === null ? null : [init] }),
        containers: sidecar === undefined ? [app] : [app, sidecar],
        ...(os !== undefined && { os }),
        ...(nodeSelector !== undefined && { nodeSelector }),
        ...(hostUsers !== undefined && { hostUsers }),
        ephemeralContainers: [{ name: "debug", image: "busybox" }],
      },
    }));
});

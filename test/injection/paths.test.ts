import { describe, expect, it } from "vitest";
import {
  container,
  containerOf,
  decideOn,
  envOf,
  type Given,
  inject,
  mountsOf,
  pod,
  podWith,
  tokenVolume,
  volumesOf,
  warningsOf,
} from "../support/pods.ts";

const CONFIG = `
providers:
  soft: { token: { audience: soft, mountPath: /var/run/secrets/tokens }, env: { SOFT_TOKEN: "\${token.file}" } }
  hard: { token: { audience: hard, mountPath: /var/run/secrets/tokens } }
  hard-too: { token: { audience: hard-too, mountPath: /var/run/secrets/tokens } }
  hard-twin: { token: { audience: hard, mountPath: /var/run/secrets/tokens } }
  below: { token: { audience: below, mountPath: /var/run/secrets/tokens/below }, env: { BELOW_TOKEN: "\${token.file}" } }
  own: { token: { audience: own }, env: { OWN_TOKEN: "\${token.file}" } }
  file: { token: { audience: file, mountPath: /opt/file }, files: [{ name: f.json, json: "\${token.file}" }], env: { FILE: "\${file.f.json}" } }
  config: { token: { audience: config }, files: [{ name: f.json, json: "\${token.audience}" }] }
`;
const OURS = "/var/run/secrets/tokens";
const FALLBACK = "/var/run/secrets/podpass.dev/soft";
const LAST = "/podpass.dev/soft";

const federate = (names: string): Given => ({ config: CONFIG, account: { "podpass.dev/federate": names } });
const SOFT = federate("soft");

const KINDS = {
  emptyDir: { emptyDir: {} },
  configMap: { configMap: { name: "c" } },
  secret: { secret: { secretName: "s" } },
  projected: { projected: { sources: [{ secret: { name: "s" } }] } },
  downwardAPI: { downwardAPI: { items: [] } },
  image: { image: { reference: "i" } },
  readOnlyCsi: { csi: { driver: "d", readOnly: true } },
  readOnlyClaim: { persistentVolumeClaim: { claimName: "c", readOnly: true } },
  hostPath: { hostPath: { path: "/" } },
} as const;

const mounted = (mountPath: string, kind: keyof typeof KINDS = "emptyDir", more: object = {}) =>
  podWith({ volumeMounts: [{ name: "v", mountPath, ...more }] }, [{ name: "v", ...KINDS[kind] }]);

const softMount = (given: Given): string | undefined => mountsOf(inject(given))["podpass-soft"];

describe("a provider without a path of its own", () => {
  it("is mounted, read-only, at Podpass' path, and the variable says so", () => {
    const after = inject(federate("own"));
    expect(containerOf(after).volumeMounts).toEqual([
      { name: "podpass-own", mountPath: "/var/run/secrets/podpass.dev/own", readOnly: true },
    ]);
    expect(envOf(after)).toEqual({ OWN_TOKEN: "/var/run/secrets/podpass.dev/own/token" });
    expect(volumesOf(after)["podpass-own"]).toEqual({
      name: "podpass-own",
      projected: { sources: [{ serviceAccountToken: { audience: "own", expirationSeconds: 3600, path: "token" } }] },
    });
  });
});

describe("a path is taken by a mount", () => {
  it.each([
    ["at it", OURS],
    ["at it, with a slash at the end", `${OURS}/`],
    ["at it, written differently", "//var/run/./secrets/x/../tokens"],
    ["at it below /run", "/run/secrets/tokens"],
    ["below it", `${OURS}/cache`],
    ["deep below it, below /run", "/run/secrets/tokens/a/b"],
  ])("%s", (_, path) => {
    const given = { ...SOFT, pod: mounted(path) };
    const after = inject(given);
    expect(mountsOf(after)).toEqual({ v: path, "podpass-soft": FALLBACK });
    expect(envOf(after)).toEqual({ SOFT_TOKEN: `${FALLBACK}/token` });
    expect(warningsOf(decideOn(given))).toEqual([`path-taken: container "app": "${OURS}" is taken; soft is elsewhere`]);
  });

  it("of a part of a volume", () => {
    expect(softMount({ ...SOFT, pod: mounted(OURS, "emptyDir", { subPath: "a" }) })).toBe(FALLBACK);
  });

  it("of a block device", () => {
    const device = podWith({ volumeDevices: [{ name: "v", devicePath: OURS }] }, [
      { name: "v", ...KINDS.readOnlyClaim },
    ]);
    expect(softMount({ ...SOFT, pod: device })).toBe(FALLBACK);
  });
});

describe("a mount above our path", () => {
  it.each<[keyof typeof KINDS, object, string]>([
    ["emptyDir", {}, OURS],
    ["emptyDir", { readOnly: false }, OURS],
    ["hostPath", {}, OURS],
    ["emptyDir", { readOnly: true }, LAST],
    ["configMap", {}, LAST],
    ["secret", {}, LAST],
    ["projected", { readOnly: false }, LAST],
    ["downwardAPI", {}, LAST],
    ["image", {}, LAST],
    ["readOnlyCsi", {}, LAST],
    ["readOnlyClaim", {}, LAST],
    ["configMap", { subPath: "dir" }, LAST],
  ])("of %s with %j leaves %s", (kind, more, expected) => {
    expect(softMount({ ...SOFT, pod: mounted("/var/run/secrets", kind, more) })).toBe(expected);
  });

  it("counts below /run too, and at the root", () => {
    expect(softMount({ ...SOFT, pod: mounted("/run", "secret") })).toBe(LAST);
    expect(softMount({ ...SOFT, pod: mounted("/var", "secret") })).toBe(LAST);
    expect(softMount({ ...SOFT, pod: mounted("/", "emptyDir") })).toBe(OURS);
  });

  it("counts only if it is the nearest", () => {
    const mounts = [
      { name: "s", mountPath: "/var/run" },
      { name: "v", mountPath: "/var/run/secrets" },
    ];
    const volumes = [
      { name: "s", ...KINDS.secret },
      { name: "v", ...KINDS.emptyDir },
    ];
    expect(softMount({ ...SOFT, pod: podWith({ volumeMounts: mounts }, volumes) })).toBe(OURS);
    const turned = mounts.map((mount) => ({ ...mount, name: mount.name === "s" ? "v" : "s" }));
    expect(softMount({ ...SOFT, pod: podWith({ volumeMounts: turned }, volumes) })).toBe(LAST);
  });

  it("is not one that only begins like it", () => {
    expect(softMount({ ...SOFT, pod: mounted("/var/run/secrets/tok", "secret") })).toBe(OURS);
    expect(softMount({ ...SOFT, pod: mounted("/var/run/secrets/tokens-2", "secret") })).toBe(OURS);
  });

  it("leaves the container out where it is the whole of it", () => {
    const given = { ...SOFT, pod: mounted("/", "secret") };
    expect(decideOn(given)).toMatchObject({ reason: "left-out", providers: [] });
    expect(warningsOf(decideOn(given))).toEqual([
      `no-path-free: container "app": "${OURS}" is taken; it gets no soft identity`,
    ]);
    expect(inject(given).metadata?.annotations).toEqual({ "podpass.dev/injected": "" });
  });
});

describe("giving way is per container", () => {
  it("and one volume serves both paths", () => {
    const given = {
      ...SOFT,
      pod: pod({
        initContainers: [container({ name: "free" })],
        containers: [container({ volumeMounts: [{ name: "v", mountPath: OURS }] })],
        volumes: [{ name: "v", emptyDir: {} }],
      }),
    };
    const after = inject(given);
    expect(Object.keys(volumesOf(after))).toEqual(["v", "podpass-soft"]);
    expect(mountsOf(after, "free")).toEqual({ "podpass-soft": OURS });
    expect(mountsOf(after, "app")).toEqual({ v: OURS, "podpass-soft": FALLBACK });
    expect(envOf(after, "free")["SOFT_TOKEN"]).toBe(`${OURS}/token`);
    expect(envOf(after, "app")["SOFT_TOKEN"]).toBe(`${FALLBACK}/token`);
  });
});

describe("between providers with one path", () => {
  it.each(["soft, hard", "hard, soft"])("the hard-coded one chooses first: %s", (names) => {
    const after = inject(federate(names));
    expect(mountsOf(after)).toEqual({ "podpass-hard": OURS, "podpass-soft": FALLBACK });
    expect(after.metadata?.annotations?.["podpass.dev/injected"]).toBe(names.replace(" ", ""));
  });

  it("the first of two hard-coded ones wins, and the other is warned about with a reason of its own", () => {
    const given = federate("hard-too, hard");
    expect(mountsOf(inject(given))).toEqual({
      "podpass-hard-too": OURS,
      "podpass-hard": "/var/run/secrets/podpass.dev/hard",
    });
    expect(warningsOf(decideOn(given))).toEqual([
      `hard-coded-path-taken: container "app": "${OURS}" is taken; no variable says where hard is`,
    ]);
  });

  it("one mount is enough for two that want the same token in it", () => {
    const given = federate("hard, hard-twin");
    expect(mountsOf(inject(given))).toEqual({ "podpass-hard": OURS });
    expect(warningsOf(decideOn(given))).toEqual([]);
  });

  it("none can be mounted below another's, which is read-only", () => {
    expect(mountsOf(inject(federate("soft, below")))).toEqual({
      "podpass-soft": OURS,
      "podpass-below": "/var/run/secrets/podpass.dev/below",
    });
    expect(mountsOf(inject(federate("below, soft")))).toEqual({
      "podpass-below": `${OURS}/below`,
      "podpass-soft": FALLBACK,
    });
  });
});

describe("a provider with files", () => {
  it("is mounted at Podpass' path whatever it names, for one file names one path", () => {
    const after = inject(federate("file"));
    expect(mountsOf(after)).toEqual({ "podpass-file": "/var/run/secrets/podpass.dev/file" });
    expect(envOf(after)).toEqual({ FILE: "/var/run/secrets/podpass.dev/file/f.json" });
    expect(after.metadata?.annotations).toEqual({
      "file.podpass.dev/f.json": '"/var/run/secrets/podpass.dev/file/token"',
      "podpass.dev/injected": "file",
    });
    expect(volumesOf(after)["podpass-file"]).toEqual({
      name: "podpass-file",
      projected: {
        sources: [
          { serviceAccountToken: { audience: "file", expirationSeconds: 3600, path: "token" } },
          {
            downwardAPI: {
              items: [
                {
                  path: "f.json",
                  fieldRef: { apiVersion: "v1", fieldPath: "metadata.annotations['file.podpass.dev/f.json']" },
                },
              ],
            },
          },
        ],
      },
    });
  });

  it("leaves a container out where that is taken, and writes no annotation where that is all of them", () => {
    const given = { ...federate("file"), pod: mounted("/var/run/secrets/podpass.dev/file") };
    expect(warningsOf(decideOn(given))).toEqual([
      'no-path-free: container "app": "/var/run/secrets/podpass.dev/file" is taken; it gets no file identity',
    ]);
    expect(inject(given).metadata?.annotations).toEqual({ "podpass.dev/injected": "" });
    expect(Object.keys(volumesOf(inject(given)))).toEqual(["v"]);
  });
});

describe("a Windows pod", () => {
  const windows = { os: { name: "windows" } };

  it("gets C:\\ in variables and files; mountPath stays as it is", () => {
    const after = inject({ ...federate("soft, file"), pod: pod(windows) });
    expect(envOf(after)).toEqual({
      SOFT_TOKEN: "C:\\var\\run\\secrets\\tokens\\token",
      FILE: "C:\\var\\run\\secrets\\podpass.dev\\file\\f.json",
    });
    expect(mountsOf(after)["podpass-soft"]).toBe(OURS);
    expect(after.metadata?.annotations?.["file.podpass.dev/f.json"]).toBe(
      JSON.stringify("C:\\var\\run\\secrets\\podpass.dev\\file\\token"),
    );
  });

  it("is one by its node selector too", () => {
    expect(
      envOf(inject({ ...SOFT, pod: pod({ nodeSelector: { "kubernetes.io/os": "windows" } }) }))["SOFT_TOKEN"],
    ).toMatch(/^C:\\/);
  });

  it("has paths in which case, drive and slashes do not count", () => {
    const taken = pod({
      ...windows,
      containers: [container({ volumeMounts: [{ name: "v", mountPath: "C:\\Var\\Run\\Secrets\\Tokens" }] })],
      volumes: [{ name: "v", emptyDir: {} }],
    });
    expect(mountsOf(inject({ ...SOFT, pod: taken }))["podpass-soft"]).toBe(FALLBACK);
  });

  it("has no case in a provider's path either", () => {
    const config = `providers: { p: { token: { audience: a, mountPath: /opt/Tokens }, env: { P: "\${token.file}" } } }\n`;
    const given = { config, account: { "podpass.dev/federate": "p" } };
    const containers = [container({ volumeMounts: [{ name: "v", mountPath: "/opt/tokens" }] })];
    const taken = { containers, volumes: [{ name: "v", emptyDir: {} }] };
    const mountOf = (on: NonNullable<Given["pod"]>) => mountsOf(inject({ ...given, pod: on }))["podpass-p"];
    expect(mountOf(pod({ ...windows, ...taken }))).toBe("/var/run/secrets/podpass.dev/p");
    expect(mountOf(pod(taken))).toBe("/opt/Tokens");
  });
});

describe("a volume's name", () => {
  it("never collides with one of the user's, whatever that is", () => {
    const names = ["podpass-soft", "podpass-soft-2"].map((name) => ({ name, emptyDir: {} }));
    const after = inject({ ...SOFT, pod: pod({ volumes: names }) });
    expect(Object.keys(volumesOf(after))).toEqual(["podpass-soft", "podpass-soft-2", "podpass-soft-3"]);
    expect(mountsOf(after)).toEqual({ "podpass-soft-3": OURS });
  });

  it("stays a DNS label for the longest provider", () => {
    const name = "a".repeat(40);
    const config = `providers: { ${name}: { token: { audience: a } } }\n`;
    const taken = Array.from({ length: 101 }, (_, i) => ({
      name: `podpass-${name}${i === 0 ? "" : `-${i + 1}`}`,
      emptyDir: {},
    }));
    const after = inject({ config, account: { "podpass.dev/federate": name }, pod: pod({ volumes: taken }) });
    const added = after.spec.volumes?.at(-1)?.name;
    expect(added).toBe(`podpass-${name}-102`);
    expect(added?.length).toBeLessThanOrEqual(63);
  });

  it("says nothing about what is in it", () => {
    const forged = podWith({ volumeMounts: [{ name: "podpass-soft", mountPath: OURS }] }, [
      tokenVolume("podpass-soft", { audience: "elsewhere", path: "token" }),
    ]);
    expect(mountsOf(inject({ ...SOFT, pod: forged }))).toEqual({ "podpass-soft": OURS, "podpass-soft-2": FALLBACK });
  });
});

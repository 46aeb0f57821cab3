import { describe, expect, it } from "vitest";
import { findPreset } from "../../src/configuration/compile.ts";
import type { Pod } from "../../src/pod/pod.ts";
import type { FileSpec } from "../../src/providers/provider-spec.ts";
import { DOCUMENTED, POOL } from "../providers/documented.ts";
import { applied, containerOf, decideOn, recorded } from "../support/pods.ts";

/** Pods that a real API server sent, and a container of each; they take turns. */
const PODS = [
  ["deployment", "web"],
  ["job-native-sidecar", "train"],
  ["no-volumes", "app"],
  ["newer-fields", "app"],
  ["smallest", "app"],
  ["big", "app-3"],
] as const;

const CASES = Object.entries(DOCUMENTED).map(([name, documented], index) => {
  const [review, container] = PODS[index % PODS.length] ?? PODS[0];
  return { name, documented, review, container };
});

type Conditions = NonNullable<FileSpec["when"]>;

/** What each of the preset's variables and files depends on. */
const conditionsOf = (name: string): ReadonlyMap<string, Conditions> => {
  const { env = {}, files = [] } = findPreset(name) ?? {};
  return new Map([
    ...Object.entries(env).map(
      ([key, value]) => [key, (typeof value === "string" ? undefined : value?.when) ?? {}] as const,
    ),
    ...files.map((file) => [file.name, file.when ?? {}] as const),
  ]);
};

/** Parameters without which something is set. */
const optionsOf = (name: string): ReadonlySet<string> =>
  new Set(
    [...conditionsOf(name).values()].flatMap((when) =>
      Object.entries(when).flatMap(([key, condition]) => (typeof condition === "string" || condition.set ? [] : [key])),
    ),
  );

/** What a variable is made of; empty for a file. */
const templateOf = (name: string, variable: string): string => {
  const value = findPreset(name)?.env[variable];
  return (typeof value === "string" ? value : value?.value) ?? "";
};

/** Is it there where the parameters of {@link optionsOf} have no value, and all others their examples? */
const isUsual = (name: string, what: string): boolean => {
  const options = optionsOf(name);
  const isMet = Object.entries(conditionsOf(name).get(what) ?? {}).every(([key, condition]) =>
    typeof condition === "string" ? !options.has(key) : condition.set !== options.has(key),
  );
  const named = [...templateOf(name, what).matchAll(/\$\{(parameter|file)\.([^}]*)\}/gu)];
  return isMet && named.every(([, kind, of = ""]) => (kind === "file" ? isUsual(name, of) : !options.has(of)));
};

/** The examples of the parameters that `isPlatform` are the platform's, or that are not; without {@link optionsOf}. */
const examplesOf = (name: string, isPlatform: boolean): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(findPreset(name)?.parameters ?? {})
      .filter(([key, { scope }]) => (scope === "platform") === isPlatform && !optionsOf(name).has(key))
      .map(([key, { example = "" }]) => [key, example]),
  );

const configOf = (name: string, platform: Readonly<Record<string, string>> = {}): string => {
  const parameters = Object.fromEntries(Object.entries(platform).map(([key, value]) => [key, { value }]));
  return `providers: ${JSON.stringify({ [name]: { preset: name, parameters } })}\n`;
};

const injected = (name: string, review: string): Pod => {
  const { pod, namespace } = recorded(review);
  const annotations = Object.entries(examplesOf(name, false)).map(([key, value]) => [
    `${name}.podpass.dev/${key}`,
    value,
  ]);
  const account = { "podpass.dev/federate": name, ...Object.fromEntries(annotations) };
  const decision = decideOn({ pod, namespace, account, config: configOf(name, examplesOf(name, true)) });
  expect(decision).toMatchObject({ outcome: "patched", reason: "injected", providers: [name] });
  return applied(pod, decision.patch);
};

/** What the kubelet would put under each path of the container: `{ audience, seconds }` of a token, or a content. */
const filesOf = (pod: Pod, containerName: string): ReadonlyMap<string, unknown> => {
  const files = new Map<string, unknown>();
  for (const mount of containerOf(pod, containerName).volumeMounts ?? []) {
    const sources = pod.spec.volumes?.find((volume) => volume.name === mount.name)?.projected?.sources ?? [];
    for (const { serviceAccountToken: token, downwardAPI } of sources) {
      if (token) files.set(`${mount.mountPath}/${token.path}`, token.audience);
      for (const { path, fieldRef } of downwardAPI?.items ?? []) {
        const [, key = ""] = /^metadata\.annotations\['(.*)'\]$/.exec(fieldRef?.fieldPath ?? "") ?? [];
        files.set(`${mount.mountPath}/${path}`, pod.metadata?.annotations?.[key]);
      }
    }
  }
  return files;
};

const parsed = (content: unknown): unknown => {
  try {
    return JSON.parse(String(content));
  } catch {
    return content;
  }
};

describe("what the service's own SDK reads is there after an injection into a real pod:", () => {
  it.each(CASES)("$name", ({ name, documented, review, container }) => {
    const pod = injected(name, review);
    const env = new Map((containerOf(pod, container).env ?? []).map((variable) => [variable.name, variable.value]));
    for (const [variable, value] of Object.entries(documented.env))
      expect(env.get(variable), variable).toBe(isUsual(name, variable) ? value : undefined);
    const files = filesOf(pod, container);
    expect(files.get(documented.token)).toBe(documented.audience);
    for (const [path, content] of Object.entries(documented.files ?? {}))
      if (isUsual(name, path.slice(path.lastIndexOf("/") + 1))) expect(parsed(files.get(path)), path).toEqual(content);
      else expect(files.get(path), path).toBeUndefined();
  });

  it("Anthropic's token never lives longer than the hour that its issuers allow", () => {
    const account = Object.fromEntries(
      Object.entries(examplesOf("anthropic", false)).map(([key, value]) => [`anthropic.podpass.dev/${key}`, value]),
    );
    const { patch } = decideOn({
      account: { ...account, "podpass.dev/federate": "anthropic", "anthropic.podpass.dev/expiration-seconds": "86400" },
    });
    expect(JSON.stringify(patch)).toContain('"expirationSeconds":3600');
  });

  it("a direct GCP identity has no impersonation in its file", () => {
    const account = { "podpass.dev/federate": "gcp", "gcp.podpass.dev/workload-identity-provider": POOL };
    const { patch } = decideOn({ account });
    expect(JSON.stringify(patch)).not.toContain("impersonation");
  });

  it("CoreWeave without virtual addressing has no file", () => {
    const account = {
      "podpass.dev/federate": "coreweave-object-storage",
      "coreweave-object-storage.podpass.dev/organization-id": "abc123",
    };
    const { patch } = decideOn({ account });
    expect(JSON.stringify(patch)).not.toMatch(/AWS_CONFIG_FILE|downwardAPI/);
  });
});

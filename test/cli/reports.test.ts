/** Inputs made after public bug reports about tools of this kind, in `test/data/reports`. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { applyPatch, parsePatch } from "diff";
import { describe, expect, it } from "vitest";
import { parse, parseAllDocuments } from "yaml";
import { folderWith, podpass, podpassInside } from "./podpass.ts";

const folder = fileURLToPath(new URL("../data/reports", import.meta.url));
const at = (name: string): string => join(folder, name);
const textOf = (name: string): string => readFileSync(at(name), "utf8");

const inject = (name: string, ...args: readonly string[]) => podpassInside(["inject", "-f", at(name), ...args]);
const lint = (name: string, ...args: readonly string[]) => podpassInside(["lint", "-f", at(name), ...args]);

/** Messages without the file and the sentences of advice; that most inputs set no region is said in one test alone. */
const messages = (text: string): readonly string[] =>
  text
    .split("\n")
    .filter((line) => line.startsWith(folder) && !line.endsWith("[variable-missing]"))
    .map((line) => line.slice(line.indexOf(":") + 1));

describe("inputs of other tools' bug reports", () => {
  it.each(["utf16/in.yaml", "utf16/in-be.yaml"])(
    "%s is read as kubectl reads it, from a file and stdin",
    async (name) => {
      const written = await inject(name);
      expect(messages(written.stderr)).toEqual([]);
      expect(written.stdout).toMatch(/^apiVersion: v1\n/);
      expect(written.stdout).toContain("        podpass.dev/injected: aws\n");
      const piped = await podpass(["inject", "-f", "-"], { stdin: readFileSync(at(name)) });
      expect(piped.stdout).toBe(written.stdout);
    },
  );

  it("utf16: that nobody sets a region is said", async () => {
    expect((await inject("utf16/in.yaml")).stderr).toContain(
      'container "web": aws needs AWS_REGION or AWS_DEFAULT_REGION, which nobody sets [variable-missing]',
    );
  });

  it("utf16/latin1.yaml is refused at its place, from a file and stdin", async () => {
    const problem = "12:6: the byte 0xf6 is not UTF-8 text; allowed: UTF-8, or UTF-16 with a byte order mark\n";
    const name = "utf16/latin1.yaml";
    expect(await inject(name)).toEqual({ stdout: "", stderr: `podpass: ${at(name)}:${problem}`, exitCode: 2 });
    const piped = await podpass(["inject", "-f", "-"], { stdin: readFileSync(at(name)) });
    expect(piped).toEqual({ stdout: "", stderr: `podpass: (stdin):${problem}`, exitCode: 2 });
  });

  it("nested-list: several documents are one flat List, and one List stays what it is", async () => {
    const { stdout } = await inject("nested-list", "-o", "json");
    const { kind, items } = JSON.parse(stdout);
    expect([kind, ...items.map((item: { kind: string }) => item.kind)]).toEqual([
      "List",
      "Deployment",
      "Deployment",
      "ServiceAccount",
    ]);
    const alone = JSON.parse((await inject("nested-list/from-cluster.yaml", "-o", "json")).stdout);
    expect(alone).toEqual(parse(textOf("nested-list/from-cluster.yaml")));
  });

  it("json-concatenated: both objects are read, and written as they were", async () => {
    const name = "json-concatenated/in.json";
    const { stdout, stderr } = await inject(name);
    expect(messages(stderr)).toEqual([]);
    const [account = "", deployment = ""] = stdout.split(/(?<=\n\})\n/);
    expect(`${account}\n`).toBe(textOf(name).slice(0, account.length + 1));
    expect(JSON.parse(deployment).spec.template.spec.volumes).toHaveLength(1);
    const list = JSON.parse((await inject(name, "-o", "json")).stdout);
    expect(list.items).toEqual([JSON.parse(account), JSON.parse(deployment)]);
    const [patch] = parsePatch((await inject(name, "-o", "diff")).stdout);
    expect(patch && applyPatch(textOf(name), patch)).toBe(stdout);
  });

  it("trailing-comments: each stays in its list", async () => {
    const { stdout } = await inject("trailing-comments/in.yaml");
    const taken = (text: string) => parseAllDocuments(text.replace(/# (?=- | {2}|tier|tol|min)/g, ""))[1]?.toJS();
    const { spec } = taken(stdout);
    expect(spec.minReadySeconds).toBe(5);
    expect(spec.template.metadata.labels).toEqual({ app: "d", tier: "backend" });
    expect(spec.template.spec.tolerations).toEqual([]);
    const [web, debug] = spec.template.spec.containers;
    expect(debug).toEqual({ name: "debug", image: "busybox" });
    expect(web.env.slice(-2)).toEqual(["1", "2"].map((value, index) => ({ name: "AB"[index], value })));
    expect(web.volumeMounts).toHaveLength(1);
  });

  it("refused-passes: a refused workload is not in the pipe", async () => {
    const { stdout, stderr, exitCode } = await inject("refused-passes/in.yaml");
    expect({ stdout, exitCode }).toEqual({ stdout: "", exitCode: 1 });
    expect(stderr).toContain("nothing is written, since 2 objects are refused; --keep-going writes the others");
    const rest = await inject("refused-passes/in.yaml", "--keep-going");
    expect(rest.exitCode).toBe(1);
    expect(parseAllDocuments(rest.stdout).map((document) => document.get("kind"))).toEqual([
      "ServiceAccount",
      "ServiceAccount",
    ]);
  });

  it("crd-workloads: pod templates are found by their shape, and what has none is not passed over", async () => {
    const { stdout, stderr } = await inject("crd-workloads/in.yaml");
    const kinds = parseAllDocuments(stdout).map((document) => document.toJS());
    const injected = kinds.filter(
      ({ spec }) => spec?.template?.metadata?.annotations?.["podpass.dev/injected"] === "aws",
    );
    expect(injected.map(({ kind }) => kind)).toEqual(["Rollout", "DeploymentConfig", "Service"]);
    const left =
      "48:17: warning: CronWorkflow shop/billing: its pods of ServiceAccount shop/billing at spec.workflowSpec.templates[0] are in no pod template; left alone [not-injectable]";
    expect(messages(stderr)).toEqual([left]);
    expect(messages((await lint("crd-workloads/in.yaml")).stdout)).toEqual([left]);
  });

  it("annotation-on-service: keys that nothing reads are told where they belong", async () => {
    const onService = ["podpass.dev/federate", "azure.podpass.dev/client-id", "azure.podpass.dev/tenant-id"].map(
      (key, index) =>
        `${7 + index}:5: warning: Service flow/source: annotation "${key}" is not read here; write it on the ServiceAccount [misplaced-key]`,
    );
    expect(messages((await inject("annotation-on-service/in.yaml")).stderr)).toEqual(onService);
    expect(messages((await lint("annotation-on-service/in.yaml")).stdout)).toEqual(onService);
    expect(messages((await lint("annotation-on-service/on-the-workload.yaml")).stdout)).toEqual([
      '15:18: warning: Job flow/migrate: annotation "podpass.dev/inject" is not read here; write it in spec.template.metadata.annotations [misplaced-key]',
      '15:47: warning: Job flow/migrate: annotation "podpass.dev/skip-containers" is not read here; write it in spec.template.metadata.annotations [misplaced-key]',
      '25:40: warning: Namespace default/flow: annotation "podpass.dev/federate" is not read here; write it on the ServiceAccount [misplaced-key]',
    ]);
  });

  it("role-chaining: nothing is said of what a preset brings", async () => {
    const config = at("role-chaining/config.yaml");
    expect(await lint("role-chaining/in.yaml", "--config", config, "--strict")).toMatchObject({
      stdout: "",
      exitCode: 0,
    });
    expect((await inject("role-chaining/in.yaml", "--config", config)).stderr).toBe("");
  });

  it("role-chaining: what is written without effect still is told", async () => {
    const written = textOf("role-chaining/config.yaml")
      .replace("    env:", "    token: { mountPath: /somewhere }\n    env:")
      .replace("    parameters:", "    parameters:\n      extra: { description: Nobody's. }");
    const cwd = folderWith({ "config.yaml": written });
    const { stdout } = await podpassInside(["lint", "-f", join(cwd, "config.yaml"), "--strict"]);
    expect(stdout.match(/Configuration: .*/g)).toEqual([
      "Configuration: providers.aws-chained: parameters.extra is without effect: no template uses it [without-effect]",
      "Configuration: providers.aws-chained: token.mountPath is not used where the provider has files: a file names one path, /var/run/secrets/podpass.dev/aws-chained [without-effect]",
    ]);
  });

  it("what is well as it is does not fail a strict check, and all that is told has its place", async () => {
    const config = `apiVersion: podpass.dev/v1alpha1
kind: Configuration
providers:
  one: { preset: openai }
  two:
    preset: openai
policy:
  tokens:
    requests: Warn
defaults:
  - { namespaces: [a*], provider: one, parameters: { identity-provider-id: idp_1 } }
`;
    const strict = async (text: string) => {
      const { stdout, exitCode } = await podpassInside(["lint", "-f", folderWith({ "config.yaml": text }), "--strict"]);
      return { exitCode, told: stdout.match(/\d+:\d+: (note|warning): Configuration: \S+ \S+ \S+/g) };
    };
    const notes = ["6:5: note: Configuration: providers one, two", "11:5: note: Configuration: defaults[0] only adds"];
    const warned = [
      "6:5: note: Configuration: providers one, two",
      "9:15: warning: Configuration: policy.tokens.requests is without",
      notes[1],
    ];
    expect(await strict(config)).toEqual({ exitCode: 1, told: warned });
    const written = folderWith({ "config.yaml": config });
    const { stderr } = await podpassInside(["inject", "-f", written, "--config", join(written, "config.yaml")]);
    expect(stderr.match(/\d+:\d+: (note|warning): Configuration: \S+ \S+ \S+/g)).toEqual(warned);
    expect(await strict(config.replace("    requests: Warn", "    legacySecrets: Warn"))).toEqual({
      exitCode: 0,
      told: notes,
    });
  });

  it("envfrom: only what is really hidden is told", async () => {
    expect(messages((await inject("envfrom/in.yaml")).stderr)).toEqual([
      '59:11: warning: Deployment shop/hidden: container "web": of its envFrom these would be hidden: AWS_REGION [hides-env-from]',
    ]);
  });

  it("envfrom: keys and other identities in Secrets and ConfigMaps are told, as those in env are", async () => {
    expect(messages((await inject("envfrom/keys.yaml")).stderr)).toEqual([
      '38:11: warning: Deployment shop/web: container "keys": AWS_ACCESS_KEY_ID is used instead of the aws identity [static-key]',
      '44:11: warning: Deployment shop/web: container "identity": AWS_CONTAINER_CREDENTIALS_FULL_URI is not used any more beside the aws identity [identity-displaced]',
    ]);
  });
});

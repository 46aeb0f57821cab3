import { spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync } from "node:fs";
import type { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { presets } from "../../src/providers/catalog.generated.ts";
import { MAIN, podpass, podpassInside } from "./podpass.ts";

describe("podpass", () => {
  it.each([[[]], [["--help"]], [["help"]]])("explains itself with %j", async (args) => {
    const { stdout, exitCode } = await podpass(args);
    expect(stdout).toMatch(/^Usage: podpass/);
    expect(stdout).toContain("$ podpass inject -f deploy/ -o diff");
    expect(exitCode).toBe(0);
  });

  it.each(["inject", "lint", "migrate", "presets", "trust", "token", "check", "policies", "serve"])(
    "explains %s, with examples",
    async (name) => {
      const { stdout, exitCode } = await podpass([name, "--help"]);
      expect(stdout).toContain(`Usage: podpass ${name}`);
      expect(stdout).toContain(`podpass ${name}`);
      expect(exitCode).toBe(0);
    },
  );

  it("prints its version", async () => {
    expect(await podpass(["--version"])).toMatchObject({ stdout: "0.1.0\n", exitCode: 0 });
  });

  it.each([
    [["injct"], "Did you mean inject?"],
    [["inject", "-f", "-", "--outptu", "json"], "Did you mean --output?"],
    [["inject"], "required option '-f, --filename <path>' not specified"],
    [["inject", "-f", "-", "-o", "xml"], "Allowed choices are yaml, json, diff."],
    [["inject", "-f", "-", "-f", "-"], "standard input can be read only once"],
    [
      ["migrate", "-f", "x", "--write", "-o", "diff"],
      "option '-o, --output <format>' cannot be used with option '--write'",
    ],
    [["status", "--interval", "10"], "podpass: --interval is for --watch, which looks again"],
    [["status", "--watch", "--interval", "4"], "Allowed: a whole number of seconds from 5 on."],
    [["trust", "aws"], "missing required argument 'namespace/name'"],
    [["trust", "aws", "a/b", "--keys", "none"], "Allowed choices are discovery, upload."],
    [["trust", "aws", "a/b", "--kubeconfig", "nothing"], "podpass: nothing: there is no such file or directory"],
    [["check", "--skip", "nothing"], "there is no check nothing; allowed: kubernetes-version, "],
    [["check", "-n", "a/b"], "--namespace a/b is no name of Kubernetes"],
    [["status", "-n", ""], '--namespace "" is no name of Kubernetes'],
    [["status", "-n", ".."], "--namespace .. is no name of Kubernetes"],
    [["jwks", "-d", ""], "where to? allowed: -d DIR"],
    [["token", "a/b"], "required option '--provider <name>' not specified"],
    [["serve", "--port", "99999"], "a whole number from 0 to 65535"],
  ])("says what is wrong with %j, with 2", async (args, message) => {
    const { stdout, stderr, exitCode } = await podpass(args);
    expect(stderr).toContain(message);
    expect({ stdout, exitCode }).toEqual({ stdout: "", exitCode: 2 });
  });

  it("says where its output cannot be written, with a code that means nothing else", async () => {
    const full = openSync("/dev/full", "w");
    const child = spawn(process.execPath, [MAIN, "presets"], { stdio: ["ignore", full, "pipe"] });
    closeSync(full);
    const ended = once(child, "close");
    const said = await text(child.stderr as Readable);
    expect([said.split(":")[1], said.includes("    at "), (await ended)[0]]).toEqual([
      " the output cannot be written",
      false,
      74,
    ]);
  });

  it("says that there is no cluster to ask", async () => {
    const env = { HOME: "/nonexistent", KUBECONFIG: "", KUBERNETES_SERVICE_HOST: "" };
    for (const more of [[], ["--context", "staging"]]) {
      const { stderr, exitCode } = await podpass(["token", "a/b", "--provider", "aws", ...more], { env });
      expect(stderr).toContain("podpass: there is no cluster to ask: ");
      expect(exitCode).toBe(2);
    }
  });

  it("says how trust does without a cluster", async () => {
    const env = { HOME: "/nonexistent", KUBECONFIG: "", KUBERNETES_SERVICE_HOST: "" };
    const args = ["trust", "aws", "a/b", "--issuer", "https://oidc.example.com"];
    const { stderr, exitCode } = await podpass(args, { env });
    expect(stderr).toContain("name a file with --kubeconfig; with --issuer and -f no cluster is asked");
    expect(exitCode).toBe(2);
  });

  it("describes trust without a cluster", async () => {
    const stdin = `apiVersion: v1
kind: ServiceAccount
metadata: { name: a, annotations: { podpass.dev/federate: enkryptify } }
`;
    const args = ["trust", "enkryptify", "default/a", "-f", "-", "--issuer", "https://oidc.example.com", "-o", "json"];
    const { stdout, exitCode } = await podpass(args, { stdin });
    expect(JSON.parse(stdout)).toMatchObject({ subject: "system:serviceaccount:default:a", keys: expect.any(String) });
    expect(exitCode).toBe(0);
  });

  it("shows serve's options with their defaults", async () => {
    const { stdout } = await podpass(["serve", "--help"]);
    for (const text of ["--port <number>", "(default: 8443)", "--health-port <number>", "(default: 8080)"])
      expect(stdout).toContain(text);
  });
});

describe("podpass presets", () => {
  it("lists all of them in 100 columns", async () => {
    const { stdout, exitCode } = await podpassInside(["presets"]);
    for (const { name } of presets) expect(stdout).toMatch(new RegExp(`^${name} `, "m"));
    expect(Math.max(...stdout.split("\n").map((text) => text.length))).toBeLessThanOrEqual(100);
    expect(exitCode).toBe(0);
  });

  it.each(presets.map(({ name }) => [name]))("shows %s with a ServiceAccount that lint accepts", async (name) => {
    const { stdout } = await podpassInside(["presets", name]);
    const yamlOf = (title: string): string =>
      (stdout.split(`${title}\n`)[1]?.split(/\n\n/)[0] ?? "").replaceAll(/^ {2}/gm, "").concat("\n");
    const account = yamlOf("ON THE SERVICEACCOUNT");
    expect(parse(account).metadata.annotations["podpass.dev/federate"]).toBe(name);
    const needed = yamlOf("IN THE CONFIGURATION, FIRST");
    const stdin = needed.trim() === "" ? account : `${needed}---\n${account}`;
    expect(await podpassInside(["lint", "-f", "-", "--strict"], { stdin })).toMatchObject({ stdout: "", exitCode: 0 });
    const everything = stdin.replaceAll("    # ", "    ");
    expect(await podpassInside(["lint", "-f", "-", "--strict"], { stdin: everything })).toMatchObject({
      stdout: "",
      exitCode: 0,
    });
  });

  it("gives them as data", async () => {
    const all = JSON.parse((await podpassInside(["presets", "-o", "json"])).stdout);
    expect(all.map(({ name }: { name: string }) => name)).toEqual(presets.map(({ name }) => name));
    const { stdout } = await podpassInside(["presets", "aws", "-o", "yaml"]);
    expect(parse(stdout)).toEqual(JSON.parse(JSON.stringify(presets.find(({ name }) => name === "aws"))));
  });

  it("asks whether another was meant", async () => {
    const { stderr, exitCode } = await podpassInside(["presets", "opnai"]);
    expect(stderr).toContain('podpass: there is no preset "opnai"; did you mean "openai"?');
    expect(exitCode).toBe(2);
  });
});

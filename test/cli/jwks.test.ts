import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { type JwksOptions, jwks } from "../../src/cli/jwks.ts";
import { createOutput } from "../../src/cli/terminal.ts";
import { type ClusterQueries, ClusterQueryFailed } from "../../src/trust/cluster-queries.ts";
import { temporaryFolder } from "../support/folder.ts";
import { running } from "../trust/running.ts";
import { ISSUER, KEYS } from "../trust/support.ts";

const notAsked = async (): Promise<never> => {
  throw new Error("nobody asks this");
};

const clusterWith = (more: Partial<ClusterQueries> = {}): ClusterQueries => ({
  discovery: async () => ({ issuer: ISSUER, jwksUri: "https://10.0.0.1:6443/openid/v1/jwks" }),
  jwks: async () => KEYS,
  serviceAccount: notAsked,
  tokenRequest: notAsked,
  ...more,
});

const run = (options: Partial<JwksOptions>, cluster = clusterWith()) =>
  running((terminal, open) => jwks({ output: "text", ...options }, terminal, open), cluster);

const read = (directory: string, path: string) => JSON.parse(readFileSync(join(directory, path), "utf8"));

describe("podpass jwks", () => {
  it("writes both files, and the second time says that nothing changed", async () => {
    const directory = join(temporaryFolder(), "not", "there", "yet");
    const first = await run({ directory });
    expect(first).toMatchObject({ code: 0, text: expect.stringContaining("openid-configuration: written") });
    expect(first.text).toContain(`Serve the folder at ${ISSUER}`);
    expect(read(directory, "openid/v1/jwks")).toEqual(KEYS);
    expect(read(directory, ".well-known/openid-configuration")).toMatchObject({
      issuer: ISSUER,
      jwks_uri: `${ISSUER}/openid/v1/jwks`,
    });
    const second = await run({ directory });
    expect(second.code).toBe(0);
    expect(second.text.match(/unchanged/g)).toHaveLength(2);
    expect(readdirSync(join(directory, "openid/v1"))).toEqual(["jwks"]);
  });

  it("says nothing before both files are there, since a closed output ends the process", async () => {
    const directory = temporaryFolder();
    const there: boolean[] = [];
    const out = createOutput(
      { write: () => there.push(existsSync(join(directory, ".well-known/openid-configuration"))) },
      {},
    );
    const terminal = { readStdin: async () => "", out, err: createOutput({ write: () => {} }, {}) };
    await jwks({ directory, output: "text" }, terminal, async () => clusterWith());
    expect(there).toEqual([true]);
  });

  it("compares, and writes nothing", async () => {
    const directory = temporaryFolder();
    expect(await run({ directory, check: true })).toMatchObject({ code: 1, text: expect.stringContaining("missing") });
    expect(existsSync(join(directory, "openid"))).toBe(false);
    await run({ directory });
    expect((await run({ directory, check: true })).code).toBe(0);
    const rotated = clusterWith({ jwks: async () => ({ keys: KEYS.keys.slice(1) }) });
    const { code, text } = await run({ directory, check: true }, rotated);
    expect(code).toBe(1);
    expect(text).toContain("jwks: different");
    expect(text).toContain("the same command without --check; those for an issuer that the cluster is going to have");
    expect(read(directory, "openid/v1/jwks")).toEqual(KEYS);
  });

  it("never writes through a link that lies where it would", async () => {
    const directory = temporaryFolder();
    const victim = join(temporaryFolder(), "victim");
    writeFileSync(victim, "theirs");
    mkdirSync(join(directory, "openid/v1"), { recursive: true });
    symlinkSync(victim, join(directory, `openid/v1/jwks.podpass-${process.pid}`));
    symlinkSync(victim, join(directory, "openid/v1/jwks"));
    expect((await run({ directory })).code).toBe(0);
    expect(readFileSync(victim, "utf8")).toBe("theirs");
    expect(read(directory, "openid/v1/jwks")).toEqual(KEYS);
  });

  it("for the issuer that the cluster is going to have", async () => {
    const directory = temporaryFolder();
    const issuer = "https://new.example.com/c";
    await run({ directory, issuer });
    expect(read(directory, ".well-known/openid-configuration")).toMatchObject({
      issuer,
      jwks_uri: `${issuer}/openid/v1/jwks`,
    });
  });

  it("warns where nobody outside reaches the issuer", async () => {
    const discovery = async () => ({ issuer: "https://kubernetes.default.svc", jwksUri: undefined });
    const { code, text } = await run({ directory: temporaryFolder() }, clusterWith({ discovery }));
    expect(code).toBe(0);
    expect(text).toContain("no provider outside can reach https://kubernetes.default.svc");
  });

  it("both on standard output", async () => {
    const { code, text } = await run({ output: "json" });
    expect(code).toBe(0);
    expect(JSON.parse(text)).toMatchObject({ issuer: ISSUER, files: { "openid/v1/jwks": KEYS } });
  });

  it.each<[string, Partial<JwksOptions>, Partial<ClusterQueries>, string]>([
    ["no folder", {}, {}, "-d DIR"],
    ["a folder and -o json", { directory: "x", output: "json" }, {}, "exclude each other"],
    ["--check without a folder", { output: "json", check: true }, {}, "add -d DIR"],
    ["an issuer that is none", { output: "json", issuer: "http://x" }, {}, "an issuer is an https:// address"],
    [
      "a cluster whose issuer is none",
      { output: "json" },
      { discovery: async () => ({ issuer: "kubernetes/serviceaccount", jwksUri: undefined }) },
      "--issuer URL",
    ],
    [
      "a private key",
      { output: "json" },
      { jwks: async () => ({ keys: [{ kty: "RSA", d: "secret" }] }) },
      "there is a private key in it",
    ],
    [
      "no rights",
      { output: "json" },
      {
        jwks: async () => {
          throw new ClusterQueryFailed("forbidden", 403);
        },
      },
      "system:service-account-issuer-discovery",
    ],
  ])("says what is wrong: %s", async (_, options, more, said) => {
    expect(await run(options, clusterWith(more))).toMatchObject({ code: 2, text: expect.stringContaining(said) });
  });

  it("says where it cannot write, and leaves nothing behind", async () => {
    const directory = temporaryFolder();
    writeFileSync(join(directory, "openid"), "a file where a folder belongs");
    const { code, text } = await run({ directory });
    expect(code).toBe(2);
    expect(text).toContain("cannot be written");
    expect(existsSync(join(directory, ".well-known"))).toBe(false);
  });
});

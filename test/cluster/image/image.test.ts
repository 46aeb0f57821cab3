import { chmodSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { createAuthority } from "../../../scripts/certificates.ts";
import { memoryEnvironment } from "../../../scripts/image-environment.ts";
import { eventually } from "../../support/eventually.ts";
import { temporaryFolder, writeFiles } from "../../support/folder.ts";
import { createClient, get } from "../../support/http-client.ts";
import { FEDERATED, patchIn, recordedText, responseIn } from "../../support/reviews.ts";
import { freePorts } from "../ports.ts";
import { IMAGE_REFERENCE } from "./build-image.ts";
import { describeOfImage, useImage } from "./harness.ts";
import { runContainer, startContainer } from "./run-image.ts";

const node = "/usr/local/bin/node";
const { version } = JSON.parse(readFileSync(join(import.meta.dirname, "../../../package.json"), "utf8"));

/** What the Dockerfile adds to its base, without folders of the base. */
const ADDED = [
  "drwxr-xr-x 0/0 app/",
  "-rw-r--r-- 0/0 app/LICENSE",
  "-rw-r--r-- 0/0 app/THIRD-PARTY-LICENSES.txt",
  "drwxr-xr-x 0/0 app/chunks/",
  "-rw-r--r-- 0/0 app/chunks/FILE",
  "drwxr-xr-x 0/0 app/compile-cache/",
  "drwxr-xr-x 0/0 app/compile-cache/VERSION/",
  "-rw-r--r-- 0/0 app/compile-cache/VERSION/FILE",
  "-rwxr-xr-x 0/0 app/podpass",
  "-rw-r--r-- 0/0 app/podpass.cdx.json",
  "-rwxr-xr-x 0/0 app/podpass.mjs",
  "-rw-r--r-- 0/0 app/podpass.mjs.LEGAL.txt",
  "-rw-r--r-- 0/0 usr/lib/ARCHITECTURE/libatomic.so.1",
  "-rwxr-xr-x 0/0 usr/local/bin/node",
];

/** The cache's names are digests, and say the version of Node.js. */
const withoutDigests = (entry: string): string =>
  entry
    .replace(/\/[^/]*-linux-gnu\//, "/ARCHITECTURE/")
    .replace(/(app\/chunks\/)[^/]+\.mjs$/, "$1FILE")
    .replace(/(compile-cache\/)[^/]+\/(.*)$/, (_, folder, file) => `${folder}VERSION/${file === "" ? "" : "FILE"}`);

/** What the process may do, as it sees it. */
const SELF = `
const { readFileSync, writeFileSync } = require("node:fs");
const status = readFileSync("/proc/self/status", "utf8");
const field = (name) => status.match(new RegExp("^" + name + ":\\\\s+(.*)$", "m"))[1];
const write = (path) => { try { writeFileSync(path, ""); return "written"; } catch ({ code }) { return code; } };
console.log(JSON.stringify({
  pid: process.pid, uid: field("Uid"), gid: field("Gid"), groups: process.getgroups(),
  capabilities: [field("CapEff"), field("CapPrm")], noNewPrivileges: field("NoNewPrivs"),
  writes: ["/file", "/app/file", "/app/compile-cache/file", "/tmp/file"].map(write),
  heapMiB: require("node:v8").getHeapStatistics().heap_size_limit / 2 ** 20,
}));
`;

describeOfImage("the image", () => {
  const image = useImage();

  it("says how it starts, and what it is", () => {
    const { architecture, tags, config } = image();
    expect({ architecture, tags }).toEqual({
      architecture: process.arch === "x64" ? "amd64" : process.arch,
      tags: [IMAGE_REFERENCE],
    });
    expect(config).toMatchObject({
      User: "65532:65532",
      Entrypoint: [node, "/app/podpass.mjs"],
      ExposedPorts: { "8443/tcp": {}, "8080/tcp": {} },
      Labels: {
        "org.opencontainers.image.title": "Podpass",
        "org.opencontainers.image.licenses": "Apache-2.0",
        "org.opencontainers.image.version": "0.0.0-test",
        "org.opencontainers.image.revision": "unknown",
      },
    });
    expect(config.Cmd ?? []).toEqual([]);
    const memory = { NODE_OPTIONS: "--max-old-space-size=128 --max-semi-space-size=2", MALLOC_ARENA_MAX: "1" };
    expect(memoryEnvironment()).toEqual(memory);
    expect(config.Env).toEqual(
      expect.arrayContaining(Object.entries(memory).map(([name, value]) => `${name}=${value}`)),
    );
  });

  it("has nothing but the program, its licences and Node.js beside the base", () => {
    const added = new Set(image().added.map(withoutDigests));
    const isOfTheBase = (entry: string) => entry.startsWith("drwxr-xr-x 0/0 usr/");
    expect([...added].filter((entry) => !isOfTheBase(entry)).sort()).toEqual([...ADDED].sort());
  });

  it("has no shell and no package manager", () => {
    const files = readdirSync(image().root, { recursive: true, encoding: "utf8" });
    const names = new Set(files.map((file) => file.split("/").at(-1)));
    expect(names).toContain("node");
    expect(
      ["sh", "bash", "dash", "busybox", "npm", "apt-get", "dpkg", "env"].filter((name) => names.has(name)),
    ).toEqual([]);
  });

  it.each([[undefined], [["/app/podpass"]]])("tells its version: %j", async (command) => {
    const options = command === undefined ? {} : { command };
    const ended = await runContainer(image(), { ...options, args: ["--version"] });
    expect(ended).toEqual({ code: 0, stdout: `${version}\n`, stderr: "" });
  });

  it("starts from its compile cache", async () => {
    const { stderr } = await runContainer(image(), { args: ["serve"], env: { NODE_DEBUG_NATIVE: "COMPILE_CACHE" } });
    expect(stderr).toMatch(/podpass\.mjs was accepted/);
    expect(stderr).not.toMatch(/rejected/);
  });

  it("runs as nobody in particular, may do nothing, writes nowhere, and has a bounded heap", async () => {
    const { stdout, stderr } = await runContainer(image(), { command: [node, "-e", SELF] });
    expect(stderr).toBe("");
    expect(JSON.parse(stdout)).toEqual({
      pid: 1,
      uid: "65532\t65532\t65532\t65532",
      gid: "65532\t65532\t65532\t65532",
      groups: [65532],
      capabilities: ["0000000000000000", "0000000000000000"],
      noNewPrivileges: "1",
      writes: ["EROFS", "EROFS", "EROFS", "EROFS"],
      // The old generation's 128 and, of the young one, three times 2.
      heapMiB: 134,
    });
  });

  it("serves reviews, and ends when it is told to", async () => {
    const folder = temporaryFolder();
    const authority = await createAuthority();
    const { cert, key } = await authority.issue();
    await writeFiles(folder, { "tls.crt": cert, "tls.key": key, "accounts/my-api.yaml": FEDERATED });
    chmodSync(folder, 0o755);
    const [port = 0, healthPort = 0] = await freePorts(2);
    const options = ["--manifests=/data/accounts", "--tls-cert=/data/tls.crt", "--tls-key=/data/tls.key"];
    const ports = [`--port=${port}`, `--health-port=${healthPort}`, "--host=127.0.0.1", "--drain-seconds=0"];
    const container = startContainer(image(), { args: ["serve", ...options, ...ports], mounts: { [folder]: "/data" } });
    onTestFinished(() => void container.child.kill("SIGKILL"));

    const health = `http://127.0.0.1:${healthPort}`;
    await eventually(async () => expect((await get(`${health}/readyz`)).status).toBe(200));
    const { post, agent } = createClient(`https://localhost:${port}`, authority.ca);
    const { status, body } = await post({ body: recordedText("smallest") });
    agent.destroy();
    expect({ status, ...responseIn(body) }).toMatchObject({ status: 200, allowed: true, patchType: "JSONPatch" });
    expect(patchIn(responseIn(body)).map(({ path }) => path)).toContain("/spec/volumes/-");
    expect((await get(`${health}/metrics`)).body).toMatch(/outcome="patched",reason="injected"[^}]*\} 1$/mu);

    const { code, stdout, stderr } = await container.stop();
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toContain('"outcome":"patched"');
  });
});

/** The image: how large it is, how long it takes to serve, and how much memory; run as a restricted pod's container. */
import { chmodSync, createReadStream, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { createGzip } from "node:zlib";
import { createAuthority } from "../scripts/certificates.ts";
import { freePort, isReady } from "../scripts/serve-process.ts";
import { buildImage } from "../test/cluster/image/build-image.ts";
import { runCommand } from "../test/cluster/image/command.ts";
import { type Container, startContainer } from "../test/cluster/image/run-image.ts";
import { type UnpackedImage, unpackImage } from "../test/cluster/image/unpacked-image.ts";
import { type ImageMeasured, imageText } from "./image-text.ts";
import { createPoster } from "./poster.ts";
import { peakMiB, residentMiB } from "./process-usage.ts";
import { manifest, SERVICE_ACCOUNTS } from "./service-accounts.ts";

const REVIEWS = 2000;

/** Each on top of what an image of another user may set. */
const WITHOUT_CACHE = { NODE_COMPILE_CACHE: undefined, NODE_COMPILE_CACHE_PORTABLE: undefined };

interface Running {
  readonly container: Container;
  readonly url: string;
  readonly readyMs: number;
}

const start = async (image: UnpackedImage, folder: string, env = {}): Promise<Running> => {
  const [port, healthPort] = [await freePort(), await freePort()];
  const files = ["--manifests=/data/accounts", "--tls-cert=/data/tls.crt", "--tls-key=/data/tls.key"];
  const ports = [`--port=${port}`, `--health-port=${healthPort}`, "--drain-seconds=0"];
  const started = performance.now();
  const container = startContainer(image, { args: ["serve", ...files, ...ports], env, mounts: { [folder]: "/data" } });
  while (!(await isReady(`http://127.0.0.1:${healthPort}/readyz`))) {
    if (container.child.exitCode !== null) throw new Error(`the container ended: ${(await container.ended).stderr}`);
    await sleep(2);
  }
  const url = `https://127.0.0.1:${port}/mutate/pods?timeout=10s`;
  return { container, url, readyMs: performance.now() - started };
};

const startAndStop = async (image: UnpackedImage, folder: string, env = {}): Promise<number> => {
  const { container, readyMs } = await start(image, folder, env);
  await container.stop();
  return readyMs;
};

const measureMemory = async (image: UnpackedImage, folder: string): Promise<ImageMeasured["memory"]> => {
  const { container, url } = await start(image, folder);
  try {
    await sleep(2000);
    const pid = container.pid() ?? 0;
    const idle = residentMiB(pid);
    const body = readFileSync(join(import.meta.dirname, "../test/data/admission-reviews/deployment.json"));
    const { post, close } = createPoster(url);
    for (let review = 0; review < REVIEWS; review++) await post(body);
    close();
    return { idle, reviews: REVIEWS, after: residentMiB(pid), peak: peakMiB(pid) };
  } finally {
    await container.stop();
  }
};

const gzippedBytes = async (file: string): Promise<number> => {
  let bytes = 0;
  await pipeline(createReadStream(file), createGzip(), async (chunks) => {
    for await (const chunk of chunks) bytes += chunk.length;
  });
  return bytes;
};

const diskBytes = async (path: string): Promise<number> =>
  Number((await runCommand("du", ["--summarize", "--bytes", path])).split("\t")[0]);

const measureSizes = async (archive: string, root: string): Promise<ImageMeasured["bytes"]> => {
  const inRoot = (path: string) => join(root, path);
  const [all, app, cache] = [
    await diskBytes(root),
    await diskBytes(inRoot("app")),
    await diskBytes(inRoot("app/compile-cache")),
  ];
  const node = statSync(inRoot("usr/local/bin/node")).size;
  return {
    pulled: await gzippedBytes(archive),
    all,
    node,
    bundle: statSync(inRoot("app/podpass.mjs")).size + (await diskBytes(inRoot("app/chunks"))),
    cache,
    base: all - app - node,
  };
};

const prepare = async (folder: string): Promise<void> => {
  const { cert, key } = await (await createAuthority()).issue();
  const accounts = join(folder, "accounts");
  await runCommand("mkdir", [accounts]);
  writeFileSync(join(accounts, "accounts.json"), manifest(SERVICE_ACCOUNTS.one));
  writeFileSync(join(folder, "tls.crt"), cert);
  writeFileSync(join(folder, "tls.key"), key);
  chmodSync(folder, 0o755);
};

/** Builds the image where it is not built yet, and measures it; the text for the page. Needs root. */
export const measureImage = async (isQuick: boolean): Promise<string> => {
  const archive = await buildImage();
  const work = mkdtempSync(join(tmpdir(), "podpass-bench-image-"));
  const data = mkdtempSync(join(tmpdir(), "podpass-bench-data-"));
  try {
    await prepare(data);
    const image = await unpackImage(archive, work);
    const starts = { cached: [] as number[], plain: [] as number[] };
    for (let turn = 0; turn < (isQuick ? 3 : 15); turn++) {
      starts.cached.push(await startAndStop(image, data));
      starts.plain.push(await startAndStop(image, data, WITHOUT_CACHE));
    }
    return imageText({
      bytes: await measureSizes(archive, image.root),
      starts,
      memory: await measureMemory(image, data),
    });
  } finally {
    for (const folder of [work, data]) rmSync(folder, { recursive: true });
  }
};

/** What tests of the image start with. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe } from "vitest";
import { type FoundImage, findImage } from "./build-image.ts";
import { type UnpackedImage, unpackImage } from "./unpacked-image.ts";

/** One line for people; an error where tests must not be skipped. */
const reportMissing = (found: FoundImage): void => {
  if (found.kind === "found") return;
  const line = `TESTS OF THE IMAGE ARE SKIPPED: ${found.reason}`;
  if (process.env["CI"] === "true" && process.getuid?.() === 0) throw new Error(line);
  process.stderr.write(`\n${line}\n\n`);
};

const image = await findImage();
reportMissing(image);

/** `describe` for tests that need the image; skipped where it cannot be built. */
export const describeOfImage = describe.skipIf(image.kind === "missing");

/** The image, unpacked for the tests of the surrounding `describe`. */
export const useImage = (): (() => UnpackedImage) => {
  let folder: string | undefined;
  let unpacked: UnpackedImage | undefined;
  beforeAll(async () => {
    if (image.kind === "missing") return;
    folder = await mkdtemp(join(tmpdir(), "podpass-unpacked-"));
    unpacked = await unpackImage(image.archive, folder);
  });
  afterAll(async () => {
    if (folder !== undefined) await rm(folder, { recursive: true });
  });
  return () => {
    if (unpacked === undefined) throw new Error("the image is not unpacked");
    return unpacked;
  };
};

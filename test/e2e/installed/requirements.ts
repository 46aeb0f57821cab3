/** What an installation takes beside a real node: Helm and the image. Both may take minutes to build, once. */
import { findHelm } from "../../cluster/helm/helm.ts";
import { findImage } from "../../cluster/image/build-image.ts";
import { hasRealNode } from "../../cluster/realnode/harness.ts";

/** Helm's path, and the archive of the image. */
export interface Requirements {
  readonly helm: string;
  readonly archive: string;
}

const find = async (): Promise<Requirements | undefined> => {
  if (!hasRealNode) return undefined;
  const helm = await findHelm();
  if (helm.kind === "missing") throw new Error(`no Helm: ${helm.reason}`);
  const image = await findImage();
  if (image.kind === "missing") throw new Error(`no image: ${image.reason}`);
  return { helm: helm.path, archive: image.archive };
};

/** Built where they are not there yet; undefined where there is no real node to use them on. */
export const requirements = await find();

/** What docs/benchmarks.md says of the image. */
import { table } from "../scripts/markdown.ts";
import { median } from "./statistics.ts";

/** What was measured. */
export interface ImageMeasured {
  readonly bytes: Readonly<Record<"pulled" | "all" | "node" | "bundle" | "cache" | "base", number>>;
  /** Milliseconds from the start of the container until `/readyz` answers 200. */
  readonly starts: Readonly<Record<"cached" | "plain", readonly number[]>>;
  /** Of the process, in MiB. */
  readonly memory: Readonly<Record<"idle" | "reviews" | "after" | "peak", number>>;
}

const mega = (bytes: number): string => (bytes / 1e6).toFixed(1);

const startRow = (name: string, times: readonly number[]): readonly string[] => [
  name,
  median(times).toFixed(0),
  Math.max(...times).toFixed(0),
];

/** The text of the part. */
export const imageText = ({
  bytes,
  starts,
  memory,
}: ImageMeasured): string => `The image of the Dockerfile, on stand-ins for its bases: Debian's \`libc6\`, \`libstdc++6\` and \`libgcc-s1\` as they are, and the
npm package \`node\`. A distroless base has a little more (certificates, time zones) and a little less (no locales).

${table(
  ["part", "MB"],
  [
    ["compressed, as it is pulled", mega(bytes.pulled)],
    ["unpacked", mega(bytes.all)],
    ["of that Node.js", mega(bytes.node)],
    ["the bundle", mega(bytes.bundle)],
    ["its compile cache", mega(bytes.cache)],
    ["the base's stand-in", mega(bytes.base)],
  ],
)}

From the start of the container until \`/readyz\` answers 200, its namespaces and mounts among it; ${starts.cached.length} times each, in
turns.

${table(
  ["start", "median ms", "slowest ms"],
  [startRow("as it is", starts.cached), startRow("without the compile cache", starts.plain)],
)}

Resident memory of the process, with the heap's bounds of the image: ${memory.idle.toFixed(0)} MiB two seconds after the start, ${memory.after.toFixed(0)} MiB after
${memory.reviews.toLocaleString("en")} reviews of \`deployment.json\`, ${memory.peak.toFixed(0)} MiB at most.`;

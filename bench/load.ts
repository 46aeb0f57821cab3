/** Load over TLS from a client that is not the bottleneck: wrk where it is installed, autocannon otherwise. */
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import autocannon from "autocannon";

/** What one run measured; latencies in milliseconds. */
export interface LoadResult {
  readonly requests: number;
  readonly requestsPerSecond: number;
  readonly p50: number;
  readonly p99: number;
}

/** One run: where to, what, with how many connections, for how many seconds. */
export interface Load {
  readonly url: string;
  readonly body: string;
  readonly connections: number;
  readonly seconds: number;
}

/** The client that {@link runLoad} uses here. */
export const loadClient: "wrk" | "autocannon" =
  spawnSync("wrk", ["--version"], { stdio: "ignore" }).error === undefined ? "wrk" : "autocannon";

const UNITS: ReadonlyMap<string, number> = new Map([
  ["us", 0.001],
  ["ms", 1],
  ["s", 1000],
]);

const milliseconds = (output: string, percentile: string): number => {
  const [, value, unit] = new RegExp(`${percentile}%\\s+([\\d.]+)(us|ms|s)`).exec(output) ?? [];
  const factor = UNITS.get(unit ?? "");
  if (value === undefined || factor === undefined)
    throw new Error(`wrk printed no ${percentile}th percentile:\n${output}`);
  return Number(value) * factor;
};

const runWrk = ({ url, body, connections, seconds }: Load): LoadResult => {
  const directory = mkdtempSync(join(tmpdir(), "podpass-bench-"));
  try {
    const bodyFile = join(directory, "body.json");
    const script = join(directory, "post.lua");
    writeFileSync(bodyFile, body);
    writeFileSync(
      script,
      `local f = io.open(${JSON.stringify(bodyFile)}, "rb")
wrk.method = "POST"
wrk.body = f:read("*a")
wrk.headers["Content-Type"] = "application/json"
f:close()
`,
    );
    const argv = ["-t1", `-c${connections}`, `-d${seconds}s`, "--latency", "-s", script, url];
    const output = execFileSync("wrk", argv, { encoding: "utf8" });
    if (/Non-2xx|Socket errors/.test(output)) throw new Error(`not every request was answered:\n${output}`);
    const [, rate] = /Requests\/sec:\s+([\d.]+)/.exec(output) ?? [];
    const [, requests] = /(\d+) requests in/.exec(output) ?? [];
    return {
      requests: Number(requests),
      requestsPerSecond: Number(rate),
      p50: milliseconds(output, "50"),
      p99: milliseconds(output, "99"),
    };
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
};

const runAutocannon = async ({ url, body, connections, seconds }: Load): Promise<LoadResult> => {
  const result = await autocannon({
    url,
    method: "POST",
    body,
    connections,
    duration: seconds,
    headers: { "content-type": "application/json" },
  });
  if (result.errors + result.non2xx > 0) throw new Error(`${result.errors + result.non2xx} requests failed`);
  const { requests, latency } = result;
  return { requests: requests.total, requestsPerSecond: requests.mean, p50: latency.p50, p99: latency.p99 };
};

/** Runs one load; throws when a request failed. */
export const runLoad = async (load: Load): Promise<LoadResult> =>
  loadClient === "wrk" ? runWrk(load) : runAutocannon(load);

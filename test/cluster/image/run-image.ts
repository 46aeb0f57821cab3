/** An image's own programs, run as a container of Pod Security's restricted level has them. */
import { type ChildProcess, spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { UnpackedImage } from "./unpacked-image.ts";

/** How a container starts. */
export interface ContainerOptions {
  /** In place of the image's entrypoint. */
  readonly command?: readonly string[];
  readonly args?: readonly string[];
  /** Beside the image's own variables, or in their place; undefined takes one away. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Folders of this machine to where they are in the container, read-only. */
  readonly mounts?: Readonly<Record<string, string>>;
}

/** What it wrote, and how it ended. */
export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A container that was started. */
export interface Container {
  /** Ends when all of it has ended. */
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
  /** The id, outside, of the container's process 1; undefined before it is there. */
  pid(): number | undefined;
  /** Sends SIGTERM to it and waits for the end. */
  stop(): Promise<Ended>;
}

const script = join(import.meta.dirname, "container.sh");

const childOf = (pid: number): number | undefined => {
  const [child] = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim().split(" ");
  return child ? Number(child) : undefined;
};

const collect = (child: ChildProcess): Promise<Ended> =>
  new Promise((resolve, reject) => {
    let stdout = "";
    let stderr = "";
    child.stdout?.setEncoding("utf8").on("data", (text: string) => {
      stdout += text;
    });
    child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      stderr += text;
    });
    child.on("error", reject);
    child.on("close", (code) => resolve({ code, stdout, stderr }));
  });

/** Starts a container of `image`; whoever starts it stops it. */
export const startContainer = (image: UnpackedImage, options: ContainerOptions = {}): Container => {
  const { config, root } = image;
  const { command = config.Entrypoint, args = [], env = {}, mounts = {} } = options;
  const variables = Object.fromEntries(config.Env.map((text) => text.split(/=(.*)/s).slice(0, 2)));
  const namespaces = ["--mount", "--pid", "--fork", "--kill-child"];
  const container = [script, root, config.User, ...Object.entries(mounts).flat(), "--", ...command, ...args];
  const child = spawn("unshare", [...namespaces, "sh", ...container], {
    env: { ...variables, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const ended = collect(child);
  const pid = () => (child.pid === undefined ? undefined : childOf(child.pid));
  const stop = () => {
    const inner = child.exitCode === null ? pid() : undefined;
    if (inner !== undefined) process.kill(inner, "SIGTERM");
    return ended;
  };
  return { child, ended, pid, stop };
};

/** Runs a container of `image` to its end. */
export const runContainer = (image: UnpackedImage, options: ContainerOptions = {}): Promise<Ended> =>
  startContainer(image, options).ended;

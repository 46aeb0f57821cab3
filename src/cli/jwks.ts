/** `podpass jwks`: a cluster's issuer as files to publish. */
import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { describeError } from "../kube/error-chain.ts";
import { line, quote } from "../reasons/text.ts";
import type { OpenCluster } from "../trust/cluster-queries.ts";
import { isPrivateUrl, issuerProblem } from "../trust/issuer.ts";
import { type PublishedFile, type PublishedIssuer, publishedIssuer } from "../trust/published-issuer.ts";
import { visibleJson } from "../trust/visible-json.ts";
import { BadInput, EXIT } from "./exit-codes.ts";
import type { Terminal } from "./terminal.ts";
import { clusterIssuer } from "./trust.ts";

/** The command's options. */
export interface JwksOptions {
  /** The folder that is served at the issuer's address. */
  readonly directory?: string;
  /** The issuer that the cluster is going to have; without it, its present one. */
  readonly issuer?: string;
  /** Compare only. */
  readonly check?: boolean;
  readonly output: "text" | "json";
}

type FileState = "written" | "unchanged" | "missing" | "different";

const trouble = (verb: string, path: string, error: unknown): BadInput =>
  new BadInput(line(`${path} cannot be ${verb}: ${describeError(error)}`, 1000));

const isMissing = (error: unknown): boolean =>
  error instanceof Error && "code" in error && (error.code === "ENOENT" || error.code === "ENOTDIR");

const present = async (path: string): Promise<string | undefined> => {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw trouble("read", path, error);
  }
};

/** Whole or not at all: a web server may read it at any moment. */
const replace = async (path: string, text: string): Promise<void> => {
  const temporary = `${path}.podpass-${process.pid}`;
  try {
    await mkdir(dirname(path), { recursive: true });
    // What a run that was killed has left; and never through a link that whoever may write into the folder has put there.
    await rm(temporary, { force: true });
    await writeFile(temporary, text, { mode: 0o644, flag: "wx" });
    await rename(temporary, path);
  } catch (error) {
    // Where its folder cannot be made, it cannot be removed either.
    await rm(temporary, { force: true }).catch(() => undefined);
    throw trouble("written", path, error);
  }
};

const publish = async (directory: string, { path, text }: PublishedFile, isCheck: boolean): Promise<FileState> => {
  const place = join(directory, path);
  const found = await present(place);
  if (found === text) return "unchanged";
  if (isCheck) return found === undefined ? "missing" : "different";
  await replace(place, text);
  return "written";
};

/** The cluster's issuer and keys, or those of the issuer that it is going to have. */
const readIssuer = async ({ issuer }: JwksOptions, openCluster: OpenCluster): Promise<PublishedIssuer> => {
  const cluster = await clusterIssuer(await openCluster());
  const discovery = issuer === undefined || issuer === cluster.issuer ? cluster : { issuer, jwksUri: undefined };
  const problem = issuerProblem(discovery.issuer);
  if (problem !== undefined) {
    const todo = issuer === undefined ? "; name the one that the cluster is going to have: --issuer URL" : "";
    throw new BadInput(`${quote(discovery.issuer, 300)}: ${problem}${todo}`);
  }
  return publishedIssuer(discovery, cluster.keySet ?? { keys: [] });
};

const inFolder = async (directory: string, published: PublishedIssuer, options: JwksOptions, terminal: Terminal) => {
  const states: FileState[] = [];
  let said = "";
  // One after the other: the document that names the keys comes last.
  for (const file of published.files) {
    const state = await publish(directory, file, options.check === true);
    states.push(state);
    said += `${join(directory, file.path)}: ${state}\n`;
  }
  // Only now: where nobody reads it, the process ends with it.
  terminal.out.write(said);
  const isBehind = states.some((state) => state === "missing" || state === "different");
  if (isBehind) {
    // Files for a coming issuer must not be brought back to the present one.
    const coming =
      options.issuer === undefined
        ? "; those for an issuer that the cluster is going to have: --check --issuer URL"
        : "";
    terminal.err.write(
      `The files are not the cluster's. Write them again: the same command without --check${coming}.\n`,
    );
    return EXIT.violation;
  }
  if (states.includes("written"))
    terminal.err.write(
      `Serve the folder at ${published.issuer}, as application/json and readable by everybody; then: podpass check --fetch-issuer\n`,
    );
  return EXIT.done;
};

/** Runs the command; returns the exit code. */
export const jwks = async (options: JwksOptions, terminal: Terminal, openCluster: OpenCluster): Promise<number> => {
  const { directory, output, check } = options;
  // An empty name, as of a variable that is not set, would be the folder that the command is run in.
  if (directory === "" || (directory === undefined && output !== "json"))
    throw new BadInput("where to? allowed: -d DIR, a folder for the files; or -o json, both on standard output");
  if (directory !== undefined && output === "json")
    throw new BadInput("-d and -o json exclude each other; allowed: one of them");
  if (directory === undefined && check === true) throw new BadInput("--check compares the files in -d DIR; add -d DIR");
  const published = await readIssuer(options, openCluster);
  if (isPrivateUrl(published.issuer))
    terminal.err.write(
      `Warning: no provider outside can reach ${published.issuer}; docs/issuer.md says how a cluster gets another issuer\n`,
    );
  if (directory !== undefined) return inFolder(directory, published, options, terminal);
  const files = published.files.map(({ path, text }): [string, unknown] => [path, JSON.parse(text)]);
  const { issuer, jwksUri } = published;
  terminal.out.write(`${visibleJson({ issuer, jwksUri, files: Object.fromEntries(files) }, 2)}\n`);
  return EXIT.done;
};

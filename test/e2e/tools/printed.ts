/** What `podpass trust` prints for a person, and a shell that runs it. */
import { execFile } from "node:child_process";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { trust } from "../../../src/cli/trust.ts";
import { shellLine } from "../../../src/trust/shell.ts";
import { running } from "../../trust/running.ts";

const run = promisify(execFile);

/** The shells that people paste into: the smallest that there is on Debian, and the usual one. */
export const SHELLS = ["dash", "bash"] as const;

/** What is trusted. */
export interface Asked {
  readonly provider: string;
  /** `NAMESPACE/NAME`, or a pattern of them. */
  readonly account: string;
  readonly issuer: string;
  /** The provider's parameters, as the ServiceAccount's annotations have them; of a pattern, as `--set` has them. */
  readonly parameters: Readonly<Record<string, string>>;
  /** How the keys get there, where the provider leaves a choice, and the cluster's keys as JSON. */
  readonly upload?: string;
  /** Those that only the platform may set. */
  readonly platform?: Readonly<Record<string, string>>;
}

/** A command as it stands on the terminal, without the margin. */
export interface Printed {
  readonly title: string;
  readonly text: string;
}

const manifestOf = ({ provider, account, parameters }: Asked): string => {
  const [namespace, name] = account.split("/");
  const annotations = Object.entries(parameters).map(([key, value]) => [`${provider}.podpass.dev/${key}`, value]);
  return JSON.stringify({
    apiVersion: "v1",
    kind: "ServiceAccount",
    metadata: {
      namespace,
      name,
      annotations: { "podpass.dev/federate": provider, ...Object.fromEntries(annotations) },
    },
  });
};

const configurationOf = ({ provider, platform = {} }: Asked): string => {
  const values = Object.entries(platform).map(([name, value]) => [name, { value }]);
  const providers = { [provider]: { preset: provider, parameters: Object.fromEntries(values) } };
  return JSON.stringify({ apiVersion: "podpass.dev/v1alpha1", kind: "Configuration", providers });
};

type Output = "text" | "json";

const printIn = async (folder: string, asked: Asked, output: Output): Promise<string> => {
  const { provider, account, issuer, parameters, upload } = asked;
  const manifest = join(folder, "account.json");
  const config = join(folder, "config.yaml");
  await writeFile(manifest, manifestOf(asked));
  await writeFile(config, configurationOf(asked));
  const where = account.includes("*")
    ? { set: Object.entries(parameters).map(([key, value]) => `${key}=${value}`) }
    : { filename: [manifest] };
  const jwks = join(folder, "jwks.json");
  if (upload !== undefined) await writeFile(jwks, upload);
  const keys = upload === undefined ? {} : ({ keys: "upload", jwks } as const);
  const options = { provider, account, issuer, config, output, ...where, ...keys } as const;
  const { code, text } = await running((terminal, open) => trust(options, terminal, open));
  if (code !== 0) throw new Error(text);
  return text;
};

const STEP = /^\d+\. (.+?)(?: \(once for the cluster\))?\n\n((?: {2}.*\n)+)/gmu;

/** What the terminal shows. */
export const printTrust = async (asked: Asked, output: Output = "text"): Promise<string> => {
  const folder = await mkdtemp(join(tmpdir(), "podpass-printed-"));
  try {
    return await printIn(folder, asked, output);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
};

/** The commands of what the terminal shows, which begin with the name of `tool`. */
export const commandsIn = (shown: string, tool: string): readonly Printed[] =>
  [...shown.matchAll(STEP)]
    .map(([, title = "", text = ""]) => ({ title, text: text.replace(/^ {2}/gm, "") }))
    .filter(({ text }) => text.startsWith(`${tool} `));

/**
 * A folder with programs of the names in `scripts`, which give Python what is said of each: `-m module`, or a file. What pip writes would do the
 * same, but for the folder of the environment, which it takes for the one that the environment was made in.
 */
export const programsIn = async (
  python: string,
  scripts: Readonly<Record<string, readonly string[]>>,
): Promise<string> => {
  const folder = await mkdtemp(join(tmpdir(), "podpass-tools-"));
  for (const [name, words] of Object.entries(scripts))
    await writeFile(join(folder, name), `#!/bin/sh\nexec ${shellLine([python, ...words])} "$@"\n`, { mode: 0o755 });
  return folder;
};

// Without a home bash looks for one, and reads what it finds there.
const NOBODYS = { HOME: "/nonexistent", PATH: "/usr/bin:/bin" };

/** What became of a text in a shell. */
export interface Pasted {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
  /** The files that the folder it ran in has afterwards, with their texts: there were none before. */
  readonly files: Readonly<Record<string, string>>;
}

const filesIn = async (folder: string): Promise<Readonly<Record<string, string>>> => {
  const names = await readdir(folder);
  return Object.fromEntries(
    await Promise.all(names.map(async (name) => [name, await readFile(join(folder, name), "utf8")] as const)),
  );
};

/** Gives `text` to `shell` in an empty folder; at most two minutes. */
export const paste = async (
  shell: string,
  text: string,
  env: Readonly<Record<string, string>> = {},
): Promise<Pasted> => {
  const cwd = await mkdtemp(join(tmpdir(), "podpass-pasted-"));
  try {
    const result = await run(shell, ["-c", text], { cwd, env: { ...NOBODYS, ...env }, timeout: 120_000 }).then(
      (output) => ({ exitCode: 0, ...output }),
      ({ code, stdout, stderr }) => ({ exitCode: Number(code ?? -1), stdout: String(stdout), stderr: String(stderr) }),
    );
    return { ...result, files: await filesIn(cwd) };
  } finally {
    await rm(cwd, { recursive: true, force: true });
  }
};

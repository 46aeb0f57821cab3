/** `podpass status`: which pods have which identity, and which lack it. */
import { setTimeout as wait } from "node:timers/promises";
import { mapRead } from "../check/read.ts";
import { readDeployment } from "../check/workload.ts";
import { allowedNames } from "../configuration/problem.ts";
import { readConfiguration, showProblems } from "../configuration/read.ts";
import type { Settings } from "../configuration/settings.ts";
import type { Connection } from "../kube/connection.ts";
import { createObjectQueries } from "../kube/object-queries.ts";
import { didYouMean } from "../reasons/nearest.ts";
import { line, quote } from "../reasons/text.ts";
import type { StatusReport } from "../status/report.ts";
import type { WebhookScope } from "../status/webhook-scope.ts";
import { type AccountName, readAccountName } from "../trust/account-name.ts";
import { ClusterQueryFailed } from "../trust/cluster-queries.ts";
import { gatherConfiguration } from "./check/gather-configuration.ts";
import { inNamespace } from "./check/questions.ts";
import { openOrFail } from "./cluster.ts";
import { BadInput, EXIT } from "./exit-codes.ts";
import { requireName } from "./kubernetes-name.ts";
import { readText } from "./sources.ts";
import { gatherScope } from "./status/gather-scope.ts";
import { gatherStatus } from "./status/gather-status.ts";
import { showStatus, statusJson } from "./status/show-status.ts";
import type { Output, Terminal } from "./terminal.ts";

/** Seconds between two looks. */
const DEFAULT_INTERVAL = 30;

/** The command's options. */
export interface StatusOptions {
  /** Undefined: all. */
  readonly namespace?: string;
  readonly provider?: string;
  readonly problems?: boolean;
  readonly config?: string;
  /** `NAMESPACE/NAME` */
  readonly installation: string;
  readonly watch?: boolean;
  /** Seconds between two looks of `watch`, and for nothing else. */
  readonly interval?: number;
  readonly output: "text" | "wide" | "json";
}

const readInstallation = (text: string): AccountName => {
  const installation = readAccountName(text);
  if (installation === undefined)
    throw new BadInput(
      `--installation ${quote(text, 100)} is none; allowed: NAMESPACE/NAME, as podpass-system/podpass`,
    );
  return installation;
};

/** The configuration in `--config`, or the one of the installation. */
const settingsFor = async (
  { config, installation: named }: StatusOptions,
  connection: Connection,
): Promise<Settings> => {
  const installation = readInstallation(named);
  if (config !== undefined) {
    const read = readConfiguration((await readText(config)).replace(/^\uFEFF/, ""));
    if (read.ok) return read.settings;
    throw new BadInput(`the configuration cannot be used:\n${showProblems(config, read.problems)}`);
  }
  const ask = createObjectQueries(connection);
  const { namespace, name } = installation;
  const deployment = await ask.object({
    path: `${inNamespace(installation, "/apis/apps/v1")}/deployments/${encodeURIComponent(name)}`,
    permission: `get deployments.apps ${name} in ${namespace}`,
  });
  const found = await gatherConfiguration({ ask, installation }, mapRead(deployment, readDeployment), undefined);
  const how = "name the installation with --installation NAMESPACE/NAME, or a configuration with --config FILE";
  if (found.kind === "absent") throw new BadInput(`there is no installation ${namespace}/${name}; ${how}`);
  if (found.kind === "forbidden")
    throw new BadInput(`these credentials need ${found.permission}, to read the configuration; or ${how}`);
  if (found.kind === "failed")
    throw new BadInput(line(`the cluster cannot be asked for its configuration: ${found.message}`, 1000));
  const { settings, problems, origin } = found.value;
  if (settings === undefined)
    throw new BadInput(`the configuration cannot be used:\n${showProblems(origin, problems)}`);
  return settings;
};

const forbidden = (namespace: string | undefined): string =>
  `these credentials need list on serviceaccounts and pods ${namespace === undefined ? "in all namespaces; or name one with -n" : `in ${namespace}`}`;

/** Under which rules pods are judged. */
interface Judging {
  readonly settings: Settings;
  readonly scope: WebhookScope | undefined;
}

/** What the webhook sees, as it is now; `told`: what was said of it before. */
const scopeFor = async (
  { installation, namespace }: StatusOptions,
  { connection, settings }: { readonly connection: Connection; readonly settings: Settings },
  { err, told }: { readonly err: Output; readonly told: Set<string> },
): Promise<WebhookScope | undefined> => {
  const ask = createObjectQueries(connection);
  const { name } = readInstallation(installation);
  const { scope, notes } = await gatherScope({ ask, configuration: name, settings, namespace });
  for (const note of notes) {
    if (!told.has(note)) err.write(`podpass: ${line(note, 1000)}\n`);
    told.add(note);
  }
  return scope;
};

const look = async (options: StatusOptions, judging: Judging, connection: Connection, { err }: Terminal) => {
  const { namespace, provider, problems } = options;
  try {
    return await gatherStatus({
      connection,
      ...judging,
      namespace,
      filter: { ...(provider !== undefined && { provider }), ...(problems !== undefined && { problems }) },
      onProgress: (pods, total) => err.progress(`${pods} of ${total} pods`),
    });
  } catch (error) {
    if (!(error instanceof ClusterQueryFailed)) throw error;
    const hint = error.status === 403 ? `; ${forbidden(namespace)}` : "";
    throw new BadInput(line(`the cluster cannot be asked: ${error.message}${hint}`, 1000));
  } finally {
    err.progress("");
  }
};

const shown = (report: StatusReport, { output }: StatusOptions, { out }: Terminal): string =>
  output === "json" ? statusJson(report) : showStatus(report, output === "wide", out);

const requireProvider = (provider: string | undefined, { providers }: Settings): void => {
  if (provider !== undefined && !providers.has(provider))
    throw new BadInput(
      `there is no provider ${quote(provider, 60)};${didYouMean(provider, providers.keys())} allowed: ${allowedNames(providers)}`,
    );
};

/** Makes the function that looks once, and prints what it finds where that is news; is all as it should be? */
const createLook = (options: StatusOptions, terminal: Terminal, connection: Connection) => {
  let before: string | undefined;
  const told = new Set<string>();
  return async (): Promise<boolean> => {
    const settings = await settingsFor(options, connection);
    requireProvider(options.provider, settings);
    const scope = await scopeFor(options, { connection, settings }, { err: terminal.err, told });
    const report = await look(options, { settings, scope }, connection, terminal);
    const text = shown(report, options, terminal);
    // Objects after each other are what programs read as JSON; a time between them is none.
    const time = before === undefined || options.output === "json" ? "" : `\n${new Date().toISOString()}\n`;
    if (text !== before) terminal.out.write(`${time}${text}`);
    before = text;
    return report.isHealthy;
  };
};

/** Looks again and again. An API server that restarts, or a file that is being written, does not end it. */
const watchOn = async (lookAgain: () => Promise<boolean>, interval: number, err: Output): Promise<never> => {
  let told: string | undefined;
  for (;;) {
    await wait(interval * 1000);
    try {
      await lookAgain();
      told = undefined;
    } catch (error) {
      if (!(error instanceof BadInput)) throw error;
      if (error.message !== told) err.write(`podpass: ${error.message}; looking again every ${interval} s\n`);
      told = error.message;
    }
  }
};

/** Runs the command; returns the exit code, 1 where something asks for something. Changes nothing in the cluster. */
export const status = async (
  options: StatusOptions,
  terminal: Terminal,
  open: () => Promise<Connection>,
): Promise<number> => {
  const { watch = false, interval, namespace } = options;
  if (interval !== undefined && !watch) throw new BadInput("--interval is for --watch, which looks again");
  if (namespace !== undefined) requireName("namespace", namespace);
  const lookOnce = createLook(options, terminal, await openOrFail(open));
  const isHealthy = await lookOnce();
  if (watch) return watchOn(lookOnce, interval ?? DEFAULT_INTERVAL, terminal.err);
  return isHealthy ? EXIT.done : EXIT.violation;
};

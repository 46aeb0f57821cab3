/** `podpass token`: asks the cluster for a real token, and compares what it says with what is expected. */
import { line, quote } from "../reasons/text.ts";
import type { AccountName } from "../trust/account-name.ts";
import type { OpenCluster } from "../trust/cluster-queries.ts";
import { keyIds } from "../trust/jwks.ts";
import type { KnownIdentity } from "../trust/known-identity.ts";
import { shellLine } from "../trust/shell.ts";
import { type ClaimRow, checkToken, type TokenCheck } from "../trust/token-check.ts";
import { visibleJson } from "../trust/visible-json.ts";
import { BadInput, EXIT } from "./exit-codes.ts";
import { table } from "./table.ts";
import type { Output, Terminal } from "./terminal.ts";
import { type AccountOptions, ask, clusterIssuer, findAccount } from "./trust.ts";

/** The command's options. */
export interface TokenOptions extends AccountOptions {
  readonly output: "text" | "json";
}

const requireComplete = ({ namespace, name }: AccountName, { missing }: KnownIdentity): void => {
  if (missing.length === 0) return;
  const what = missing.map(({ name: parameter, annotation }) =>
    annotation === undefined ? `${parameter} (in the configuration)` : `annotation ${annotation}`,
  );
  throw new BadInput(
    `ServiceAccount ${namespace}/${name} gets no token yet; still missing: ${what.join(", ")}. podpass trust says what the provider needs first.`,
  );
};

const cell = (row: ClaimRow): readonly string[] => [
  row.ok ? (row.note === undefined ? "ok" : "ok, but") : "WRONG",
  row.claim,
  row.expected,
  row.found,
];

const notes = (rows: readonly ClaimRow[]): readonly string[] =>
  rows.flatMap(({ claim, note }) => (note === undefined ? [] : [`${claim}: ${note}`]));

const showRows = (rows: readonly ClaimRow[], { colors }: Output): string => {
  const columns = [{ title: "" }, { title: "CLAIM" }, { title: "EXPECTED", width: 60 }, { title: "FOUND", width: 60 }];
  const explained = notes(rows);
  const text = table(columns, rows.map(cell), colors.bold);
  return explained.length === 0 ? text : `${text}\n${explained.map((note) => `- ${note}\n`).join("")}`;
};

/** What prints a token like the one that was checked. */
const printingCommand = ({ namespace, name }: AccountName, { audience, expirationSeconds }: KnownIdentity): string =>
  shellLine([
    "kubectl",
    "create",
    "token",
    name,
    `--namespace=${namespace}`,
    `--audience=${audience}`,
    `--duration=${expirationSeconds}s`,
  ]);

const showCheck = (check: TokenCheck, name: AccountName, identity: KnownIdentity, out: Output): string => {
  if ("problem" in check) return `The cluster's answer cannot be used: ${check.problem}.\n`;
  const wrong = check.rows.filter((row) => !row.ok).map((row) => row.claim);
  const verdict = check.ok
    ? out.colors.green("The token is as expected.")
    : out.colors.red(`The token is not as expected: ${wrong.join(", ")}.`);
  return `${showRows(check.rows, out)}\n${verdict}\nIts signature was not checked, and it is not printed; this prints one like it:\n  ${printingCommand(name, identity)}\n`;
};

/** Runs the command; returns the exit code, 1 where the token is not as expected. Never prints a token. */
export const token = async (
  options: TokenOptions,
  terminal: Terminal,
  openCluster: OpenCluster,
  now: () => number = Date.now,
): Promise<number> => {
  const { out } = terminal;
  const cluster = await openCluster();
  const { name, identity } = await findAccount(options, terminal, async () => cluster);
  requireComplete(name, identity);
  const { audience, expirationSeconds, provider } = identity;
  const issuer = await clusterIssuer(cluster);
  const jwt = await ask(
    cluster.tokenRequest(name.namespace, name.name, { audience, expirationSeconds }),
    line(`no token for ${options.account} with the audience ${quote(audience, 200)}`, 500),
    `these credentials need the verb create on serviceaccounts/token in ${name.namespace}`,
  );
  const check = checkToken(jwt, {
    issuer: issuer.issuer,
    audience,
    account: name,
    expirationSeconds,
    maxSeconds: provider.lifetime.max,
    keyIds: issuer.keySet && keyIds(issuer.keySet),
    now: now() / 1000,
  });
  if (options.output === "json") {
    const serviceAccount = { namespace: name.namespace, name: name.name };
    out.write(
      `${visibleJson({ provider: provider.name, serviceAccount, audience, expirationSeconds, ...check }, 2)}\n`,
    );
  } else out.write(showCheck(check, name, identity, out));
  return check.ok ? EXIT.done : EXIT.violation;
};

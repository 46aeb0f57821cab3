/** An issuer's documents, fetched as a provider fetches them: over the public network, without credentials. */
import type { Fetched } from "../../check/facts.ts";
import { textAt } from "../../check/json.ts";
import { readBounded } from "../../kube/bounded-body.ts";
import { describeError } from "../../kube/error-chain.ts";
import { quote } from "../../reasons/text.ts";
import type { Discovery } from "../../trust/cluster-queries.ts";
import { issuerProblem } from "../../trust/issuer.ts";
import { differenceOf, type KeySet, readKeySet } from "../../trust/jwks.ts";

const TIMEOUT_MS = 10_000;
/** A key set of a cluster has some kilobytes. */
const MAX_BYTES = 1024 * 1024;

/** Thrown where a document is not what it should be. */
class NotFetched extends Error {}

const fetchJson = async (url: string): Promise<unknown> => {
  // A provider follows no redirect either.
  const response = await fetch(url, { redirect: "error", signal: AbortSignal.timeout(TIMEOUT_MS) });
  if (response.status !== 200 || response.body === null) throw new NotFetched(`${url} answers ${response.status}`);
  try {
    return JSON.parse(await readBounded(response.body, MAX_BYTES));
  } catch (error) {
    throw new NotFetched(`${url} is no JSON: ${describeError(error)}`);
  }
};

const keysOf = (value: unknown): KeySet => {
  const read = readKeySet(value);
  if (!read.ok) throw new NotFetched(`its keys cannot be used: ${read.problem}`);
  return read.keySet;
};

/** Fetches the documents of the cluster's issuer, and compares them with what the API server says. */
export const fetchIssuer = async ({ issuer }: Discovery, jwks: unknown): Promise<Fetched> => {
  try {
    const problem = issuerProblem(issuer);
    if (problem !== undefined) throw new NotFetched(problem);
    const document = await fetchJson(`${issuer.replace(/\/$/, "")}/.well-known/openid-configuration`);
    if (textAt(document, "issuer") !== issuer)
      throw new NotFetched(`the document there is of the issuer ${quote(textAt(document, "issuer"), 200)}`);
    const uri = textAt(document, "jwks_uri");
    if (!uri.startsWith("https://")) throw new NotFetched("its jwks_uri is no https address");
    const message = differenceOf(keysOf(await fetchJson(uri)), keysOf(jwks));
    return message === undefined ? { kind: "same" } : { kind: "different", message };
  } catch (error) {
    return { kind: "problem", message: error instanceof NotFetched ? error.message : describeError(error) };
  }
};

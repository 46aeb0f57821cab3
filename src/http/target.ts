/** What a request asks for, by its path and query. */
import type { Reviewed } from "../admission/answer.ts";
import { readBudgetMs } from "../admission/budget.ts";

/** A webhook's path, as one request asked for it. */
export interface Target {
  readonly reviewed: Reviewed;
  /** The time that a review may take, in milliseconds. */
  readonly budgetMs: number;
}

/** Where reviews of pods are sent. */
export const PODS_PATH = "/mutate/pods";

/** Where reviews of ServiceAccounts are. */
export const ACCOUNTS_PATH = "/validate/serviceaccounts";

const timeoutIn = (query: string): string | undefined => {
  const given = new URLSearchParams(query).getAll("timeout");
  return given.length === 1 ? given[0] : undefined;
};

/** The target of what was asked for last at one path: an API server sends the same with every request. */
interface Asked {
  readonly url: string;
  readonly target: Target;
}

const ask = (url: string, reviewed: Reviewed, query: string): Asked => ({
  url,
  target: { reviewed, budgetMs: readBudgetMs(timeoutIn(query)) },
});

// One for each, so that neither takes the place of the other.
let pods = ask(PODS_PATH, "pods", "");
let accounts = ask(ACCOUNTS_PATH, "serviceaccounts", "");

/** What the URL `url` of a request asks for; undefined where it is no webhook's. */
export const readTarget = (url: string): Target | undefined => {
  if (url === pods.url) return pods.target;
  if (url === accounts.url) return accounts.target;
  const queryAt = url.indexOf("?");
  const path = queryAt === -1 ? url : url.slice(0, queryAt);
  const query = url.slice(path.length + 1);
  if (path === PODS_PATH) {
    pods = ask(url, "pods", query);
    return pods.target;
  }
  if (path !== ACCOUNTS_PATH) return undefined;
  accounts = ask(url, "serviceaccounts", query);
  return accounts.target;
};

/** What a request asks for, by its path and query. */
import { readBudgetMs } from "../admission/budget.ts";

/** Where reviews are sent. */
const PATH = "/mutate/pods";

const timeoutIn = (query: string): string | undefined => {
  const given = new URLSearchParams(query).getAll("timeout");
  return given.length === 1 ? given[0] : undefined;
};

const read = (target: string): number | undefined => {
  const queryAt = target.indexOf("?");
  const path = queryAt === -1 ? target : target.slice(0, queryAt);
  return path === PATH ? readBudgetMs(timeoutIn(target.slice(path.length + 1))) : undefined;
};

let last = { target: PATH, budgetMs: read(PATH) };

/** The time that a review may take, in milliseconds; undefined where `target` is not the webhook's. */
export const readTarget = (target: string): number | undefined => {
  // An API server sends the same with every request.
  if (target !== last.target) last = { target, budgetMs: read(target) };
  return last.budgetMs;
};

/** The table of `docs/status.md`: the states that a pod may be in. */
import { POD_STATES, STATES } from "../src/status/states.ts";
import { code, table } from "./markdown.ts";

/** The parts of the page, by the names of their markers. */
export const statusTables = (): ReadonlyMap<string, string> => {
  const rows = STATES.map((state) => {
    const { means, todo, isProblem } = POD_STATES[state];
    return [code(state), means, todo, isProblem ? "1" : "0"];
  });
  return new Map([["states", table(["State", "What it means", "What to do", "Exit code"], rows)]]);
};

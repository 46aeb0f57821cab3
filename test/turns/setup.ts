/** Runs before each file of tests: waits for its turn. What it imports and starts comes after. */
import { afterAll, expect } from "vitest";
import { coresFor } from "./needs.ts";
import { endTurn, takeTurn } from "./turn.ts";

const { testPath } = expect.getState();
if (testPath === undefined) throw new Error("vitest does not say which file of tests this is");
await takeTurn(coresFor(testPath));
afterAll(endTurn);

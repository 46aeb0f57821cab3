import { execFileSync } from "node:child_process";
import { expect, it } from "vitest";

it("keeps the process alive while others get their turn", () => {
  const module = new URL("../../../src/serviceaccounts/cluster/event-loop.ts", import.meta.url);
  const program = `
    import { yieldToEventLoop } from ${JSON.stringify(module.href)};
    for (const workedMs of [1, 50]) await yieldToEventLoop(workedMs);
    console.log("done");`;
  const args = ["--input-type=module", "--eval", program];
  expect(execFileSync(process.execPath, args, { encoding: "utf8", stdio: "pipe" })).toBe("done\n");
});

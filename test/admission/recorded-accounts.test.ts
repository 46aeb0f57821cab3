/** Reviews of ServiceAccounts as a real API server sent them, and the whole answer to each. */
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { expect, it } from "vitest";
import { createAccountReviewer } from "../../src/admission/account-handler.ts";
import { compileConfiguration } from "../../src/configuration/compile.ts";

const REVIEWS = new URL("../data/account-reviews/", import.meta.url);
const ANSWERS = new URL("../data/account-answers/", import.meta.url);

const compiled = compileConfiguration({});
if (!compiled.ok) throw new Error("not valid");
const { review } = createAccountReviewer(() => compiled.settings);

it.each(readdirSync(REVIEWS))("%s", (name) => {
  const { status, body } = review(readFileSync(new URL(name, REVIEWS), "utf8"));
  expect(status).toBe(200);
  const answer = `${JSON.stringify(JSON.parse(body), null, 2)}\n`;
  if (process.env["UPDATE_GOLDEN"] === "1") writeFileSync(new URL(name, ANSWERS), answer);
  expect(answer).toBe(readFileSync(new URL(name, ANSWERS), "utf8"));
});

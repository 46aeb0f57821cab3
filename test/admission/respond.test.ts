import { describe, expect, it } from "vitest";
import { respond } from "../../src/admission/respond.ts";
import { add } from "../../src/injection/patch.ts";
import { patchIn, responseIn } from "../support/reviews.ts";

describe("respond", () => {
  it.each([
    ["a small patch", "x"],
    ["a small patch that is not all ASCII", "é😀"],
    ["a large patch", "x".repeat(1_000_000)],
    ["a large patch that is not all ASCII", "é😀".repeat(200_000)],
  ])("sends %s as it is", (_name, value) => {
    const patch = [add("/metadata/annotations/a", value)];
    const shared = { message: undefined, field: undefined, warnings: [], wouldDeny: [], providers: [], problems: [] };
    const response = responseIn(
      respond("uid", { ...shared, outcome: "patched", reason: "injected", patch, reports: [] }),
    );
    expect(patchIn(response)).toStrictEqual([{ op: "add", path: "/metadata/annotations/a", value }]);
  });
});

import { describe, expect, it } from "vitest";
import { readHead } from "../../src/admission/head.ts";
import { reviewText } from "../support/reviews.ts";

const HEAD_BYTES = 64 * 1024;

type Change = NonNullable<Parameters<typeof reviewText>[0]>;

const cut = (change: Change, bytes = HEAD_BYTES): ReturnType<typeof readHead> =>
  readHead(reviewText(change).slice(0, bytes));

const named =
  (length: number): Change =>
  (review) => {
    const { uid, kind, resource, name: _name, ...rest } = review["request"];
    review["request"] = { uid, kind, resource, name: "n".repeat(length), ...rest };
  };

const objectFirst: Change = (review) => {
  const { object, ...rest } = review["request"];
  review["request"] = { object, ...rest };
};

describe("the beginning of a review", () => {
  it("says of a pod's creation that it is one", () => {
    const read = cut(() => {}, 900);
    expect(read).toMatchObject({ review: { namespace: "production", isPodCreate: true, object: undefined } });
  });

  it("says it with a name as long as fits", () => {
    expect(cut(named(60_000))).toMatchObject({ review: { isPodCreate: true } });
  });

  it.each([
    ["a name that leaves no room for the rest", named(HEAD_BYTES), "request.operation"],
    ["an object before everything else", objectFirst, "request.resource"],
  ])("never takes a pod's creation for something else: %s", (_name, change, missing) => {
    expect(cut(change)).toStrictEqual({ problem: `its beginning does not say ${missing}` });
  });
});

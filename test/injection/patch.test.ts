import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { add, GrowingPatch, isTooLarge, type Patch, patchJson, shared } from "../../src/injection/patch.ts";
import { POD_LIMITS } from "../../src/reasons/limits.ts";

it("writes a patch as JSON.stringify does, whatever is in it", () => {
  const values = fc.oneof(fc.jsonValue(), fc.string({ unit: "binary" }), fc.object().map(shared));
  const operations = fc.tuple(fc.string({ unit: "binary" }), values).map(([path, value]) => add(path, value));
  fc.assert(
    fc.property(fc.array(operations), (patch) => {
      expect(patchJson(patch)).toBe(JSON.stringify(patch));
    }),
  );
});

describe("a patch at its bound", () => {
  const { max } = POD_LIMITS["patch-too-large"];
  const growing = (patch: Patch): GrowingPatch => {
    const grown = new GrowingPatch();
    grown.operations.push(...patch);
    return grown;
  };
  const bytes = (patch: Patch): number => Buffer.byteLength(JSON.stringify(patch));
  /** Operations, and one more that makes their JSON exactly `size` bytes. */
  const ofSize = (size: number, others: Patch): Patch => {
    const padded = (length: number): Patch => [...others, add("/metadata", "x".repeat(length))];
    return padded(size - bytes(padded(0)));
  };
  const texts = fc.string({ unit: "binary", maxLength: 200 });
  const values = fc.oneof(texts, fc.jsonValue(), fc.object().map(shared));
  const some = fc.array(
    fc.tuple(fc.stringMatching(/^\/[a-z0-9/-]*$/), values).map(([path, value]) => add(path, value)),
  );

  it("is neither too large at the bound nor small beyond it, and never said too large while it grows before it is", () => {
    fc.assert(
      fc.property(some, (others) => {
        const atBound = ofSize(max, others);
        expect(bytes(atBound)).toBe(max);
        expect([isTooLarge(atBound), growing(atBound).isTooLarge()]).toEqual([false, false]);
        expect(isTooLarge(ofSize(max + 1, others))).toBe(true);
      }),
      { numRuns: 50 },
    );
  });

  it("is said too large while it grows, where its texts are plain", () => {
    const plain = ofSize(max + 1, [add("/spec/volumes/-", shared({ name: "token" }))]);
    expect(growing(plain).isTooLarge()).toBe(true);
  });
});

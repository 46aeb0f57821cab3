import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { PatchTexts } from "../../src/admission/patch-texts.ts";
import { add, type Patch, shared } from "../../src/injection/patch.ts";

const decoded = (text: string): unknown => JSON.parse(Buffer.from(text, "base64").toString());

describe("PatchTexts", () => {
  it("writes every patch as it is, whatever was written before", () => {
    const values = [shared({ a: 1 }), shared([]), shared({ a: 1 }), "text", "é", { b: 2 }, [], {}];
    const operation = fc.record({
      path: fc.constantFrom("/a", "/b", "/c/-"),
      value: fc.nat({ max: values.length - 1 }),
    });
    const patches = fc.array(fc.array(operation, { minLength: 1, maxLength: 3 }), { maxLength: 200 });
    fc.assert(
      fc.property(patches, (written) => {
        const texts = new PatchTexts();
        for (const one of written) {
          const patch: Patch = one.map(({ path, value }) => add(path, values[value]));
          expect(decoded(texts.textOf(patch))).toStrictEqual(patch);
        }
      }),
    );
  });

  it("writes again what was changed since", () => {
    const texts = new PatchTexts();
    const value = { seconds: 600 };
    const patch = [add("/a", value)];
    texts.textOf(patch);
    value.seconds = 3600;
    expect(decoded(texts.textOf(patch))).toStrictEqual([{ op: "add", path: "/a", value: { seconds: 3600 } }]);
  });

  it("writes patches of more ServiceAccounts than it keeps", () => {
    const texts = new PatchTexts();
    const patches = Array.from({ length: 200 }, (_, index) => [add("/a", shared({ index }))]);
    for (const patch of [...patches, ...patches]) expect(decoded(texts.textOf(patch))).toStrictEqual(patch);
  });
});

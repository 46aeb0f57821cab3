import fc from "fast-check";
import { expect, it } from "vitest";
import { add, patchJson, shared } from "../../src/injection/patch.ts";

it("writes a patch as JSON.stringify does, whatever is in it", () => {
  const values = fc.oneof(fc.jsonValue(), fc.string({ unit: "binary" }), fc.object().map(shared));
  const operations = fc.tuple(fc.string({ unit: "binary" }), values).map(([path, value]) => add(path, value));
  fc.assert(
    fc.property(fc.array(operations), (patch) => {
      expect(patchJson(patch)).toBe(JSON.stringify(patch));
    }),
  );
});

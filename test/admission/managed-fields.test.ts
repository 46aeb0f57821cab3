import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { withoutManagedFields } from "../../src/admission/managed-fields.ts";
import { readReview } from "../../src/admission/review.ts";
import { RECORDED, recordedText, reviewText } from "../support/reviews.ts";

const of = (managedFields: string, after = '},"spec":{}'): string =>
  `{"metadata":{"name":"a","managedFields":${managedFields}${after}}`;

describe("withoutManagedFields", () => {
  it("empties the list, and leaves the rest as it is", () => {
    expect(withoutManagedFields(of('[{"manager":"x","fieldsV1":{"f:spec":{"k:{\\"name\\":\\"a\\"}":{}}}}]'))).toBe(
      of("[]"),
    );
  });

  it.each(RECORDED)("takes them out of what a real API server sent: %s", (name) => {
    const text = recordedText(name);
    const { metadata, ...rest } = JSON.parse(text).request.object;
    const read = readReview(text);
    expect(metadata.managedFields.length).toBeGreaterThan(0);
    expect(read).toMatchObject({ review: { object: { metadata: { ...metadata, managedFields: [] }, ...rest } } });
  });

  it.each([
    ["there are none", '{"metadata":{"name":"a"},"spec":{}}'],
    ["it is no list", of('{"a":1}')],
    ["it is written with spaces", '{"metadata":{"managedFields": [{"a":1}]},"spec":{}}'],
    ["another list is in it", of('[{"a":[1]}]')],
    ["a bracket is in a text of it", of('[{"a":"["}]')],
    ["a text of it looks like the end", of('[{"a":"]},\\"spec\\":{"}]')],
    ["it is not the last of metadata", of('[{"a":1}]', ',"name":"b"},"spec":{}')],
    ["something else follows metadata", of('[{"a":1}]', '},"status":{}')],
    ["the spec is no object", of('[{"a":1}]', '},"spec":[]')],
    ["it has no end", '{"metadata":{"managedFields":[{"a":1}'],
    ["it is in a text", JSON.stringify({ a: of("[1]") })],
  ])("leaves all as it is where %s", (_, text) => {
    expect(withoutManagedFields(text)).toBe(text);
  });

  it("does not make a broken review a good one", () => {
    for (const text of [`${reviewText()}}`, reviewText().slice(0, -1)])
      expect(readReview(text)).toStrictEqual({ problem: "the body is not a JSON object" });
  });

  it("changes nothing that anybody could mean, whatever keys and texts look like", () => {
    const marks = [
      "managedFields",
      '"managedFields',
      '"managedFields":[',
      ']},"spec":{',
      "spec",
      "metadata",
      "[",
      "]",
      "\\",
    ];
    const text = fc
      .array(fc.constantFrom(...marks, '"', ",", ":", "{", "}", "a"), { maxLength: 4 })
      .map((all) => all.join(""));
    const { value } = fc.letrec((tie) => ({
      value: fc.oneof({ maxDepth: 5 }, text, fc.constant(1), tie("list"), tie("object"), tie("metadata")),
      list: fc.array(tie("value"), { maxLength: 3 }),
      object: fc.dictionary(fc.oneof(text, fc.constantFrom(...marks)), tie("value"), { maxKeys: 3 }),
      metadata: fc.record({
        metadata: fc.record({ managedFields: fc.array(tie("object"), { maxLength: 2 }) }),
        spec: tie("object"),
      }),
    }));
    // Every such list is emptied on both sides: a cut may then change nothing any more.
    const emptied = (json: string): unknown =>
      JSON.parse(json, (key, inner) => (key.endsWith("managedFields") && Array.isArray(inner) ? [] : inner));
    let cuts = 0;
    fc.assert(
      fc.property(value, (any) => {
        const json = JSON.stringify(any);
        const cut = withoutManagedFields(json);
        if (cut !== json) cuts++;
        expect(emptied(cut)).toStrictEqual(emptied(json));
      }),
      { numRuns: 2000 },
    );
    expect(cuts).toBeGreaterThan(20);
  });
});

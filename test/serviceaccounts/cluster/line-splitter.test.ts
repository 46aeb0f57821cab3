import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { LineSplitter, LineTooLong } from "../../../src/serviceaccounts/cluster/line-splitter.ts";

const split = (chunks: readonly Uint8Array[], maxBytes = 1000): string[] => {
  const splitter = new LineSplitter(maxBytes);
  return chunks.flatMap((chunk) => [...splitter.push(chunk)]);
};

describe("LineSplitter", () => {
  it("gives the same lines however the bytes are cut, also within a character", () => {
    const texts = fc.array(fc.string({ unit: "grapheme", maxLength: 20 }).map((text) => text.replaceAll("\n", " ")));
    fc.assert(
      fc.property(texts, fc.array(fc.nat(200)), (lines, cuts) => {
        const bytes = Buffer.from(lines.map((line) => `${line}\n`).join(""));
        const places = [0, ...cuts.filter((cut) => cut < bytes.length).sort((a, b) => a - b), bytes.length];
        const chunks = places.slice(1).map((end, i) => bytes.subarray(places[i], end));
        expect(split(chunks, 10_000)).toStrictEqual(lines.filter((line) => line !== ""));
      }),
    );
  });

  it("keeps what no newline ended to itself", () => {
    expect(split([Buffer.from("a\nb")])).toStrictEqual(["a"]);
  });

  it("takes a line of exactly the bound, and not one byte more", () => {
    expect(split([Buffer.from("12345"), Buffer.from("67890\n")], 10)).toStrictEqual(["1234567890"]);
    expect(() => split([Buffer.from("12345"), Buffer.from("678901\n")], 10)).toThrow(LineTooLong);
    expect(() => split([Buffer.from("12345678901")], 10)).toThrow(LineTooLong);
  });
});

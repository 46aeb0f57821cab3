import { describe, expect, it } from "vitest";
import { decodeText } from "../../src/files/decode-text.ts";

const bigEndian = (text: string): Buffer => Buffer.from(text, "utf16le").swap16();

describe("decodeText", () => {
  it.each([
    ["UTF-8", Buffer.from("kind: Ä€😀\n"), "kind: Ä€😀\n"],
    ["UTF-8 with its mark, which stays", Buffer.from("\uFEFFa: 1\n"), "\uFEFFa: 1\n"],
    ["UTF-16LE", Buffer.from("\uFEFFkind: Ä€😀\n", "utf16le"), "kind: Ä€😀\n"],
    ["UTF-16BE", bigEndian("\uFEFFkind: Ä€😀\n"), "kind: Ä€😀\n"],
    ["a replacement character of the author's own", Buffer.from("a: \uFFFD\n"), "a: \uFFFD\n"],
    ["what YAML allows beside", Buffer.from("a:\t\r\n\u0085\uFFFD\u00A0"), "a:\t\r\n\u0085\uFFFD\u00A0"],
    ["nothing", Buffer.alloc(0), ""],
  ])("reads %s", (_, bytes, text) => {
    expect(decodeText(bytes)).toEqual({ text });
  });

  it.each([
    [
      "Latin-1",
      Buffer.from("a: 1\n# geh\u00F6rt\n", "latin1"),
      { line: 2, column: 6 },
      "the byte 0xf6 is not UTF-8 text",
    ],
    [
      "Latin-1 behind other characters",
      Buffer.concat([Buffer.from("ä\uFFFD😀: "), Buffer.from([0xe9])]),
      { line: 1, column: 7 },
      "0xe9",
    ],
    ["a character that is cut off", Buffer.from("a: €").subarray(0, -1), { line: 1, column: 4 }, "0xe2"],
    [
      "half of an UTF-16 pair",
      Buffer.from("\uFEFFa: \uFFFD\n\uD83D\n", "utf16le"),
      { line: 2, column: 1 },
      "half a character",
    ],
    ["half of a pair, the other way round", bigEndian("\uFEFFa\n\uDE00"), { line: 2, column: 1 }, "half a character"],
    [
      "an odd number of bytes",
      Buffer.from("\uFEFFab", "utf16le").subarray(0, -1),
      { line: 1, column: 2 },
      "half a character",
    ],
    ["UTF-16 without a mark", Buffer.from("kind: A\n", "utf16le"), { line: 1, column: 2 }, "U+0000"],
    ["UTF-32", Buffer.from([0xff, 0xfe, 0, 0, 0x61, 0, 0, 0]), { line: 1, column: 1 }, "U+0000"],
    ["a control character", Buffer.from("a: b\n# \u001B[31m\n"), { line: 2, column: 3 }, "U+001B"],
    ["DEL", Buffer.from("a: \u007F\n"), { line: 1, column: 4 }, "U+007F"],
  ])("says where %s is no text", (_, bytes, place, problem) => {
    expect(decodeText(bytes)).toEqual({ place, problem: expect.stringContaining(problem) });
    expect(decodeText(bytes)).toEqual({
      place,
      problem: expect.stringMatching(/; allowed: UTF-8, or UTF-16 with a byte order mark$/),
    });
  });
});

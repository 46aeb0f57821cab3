import { spawnSync } from "node:child_process";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isPlainArgument, shellCommand, shellLine } from "../../src/trust/shell.ts";

// Everything that a process can be given: no NUL, and nothing that is not Unicode.
const word = fc.oneof(
  fc.string({ unit: "binary", maxLength: 40 }).map((text) => text.replaceAll("\0", "")),
  fc.string({
    unit: fc.constantFrom(..."'\"\\$`!*?[]{}()<>|&;#~=%^ \t\n\r-@:,.a0"),
    maxLength: 30,
  }),
  fc.constantFrom("", "'", "''", "\\", "$(touch x)", "`id`", "${HOME}", "-n", "--", "!!", "~", "a\nb", "*", "=ls"),
);

const seenBy = (command: string): readonly string[] => {
  const { status, stdout, stderr } = spawnSync("bash", ["-c", command], { cwd: "/", env: {}, encoding: "utf8" });
  if (status !== 0) throw new Error(stderr);
  return stdout.split("\0").slice(0, -1);
};

describe("a command in a real shell", () => {
  it.each([
    ["on one line", shellLine],
    ["over several", shellCommand],
  ])("has the very words that were meant, %s", (_, show) => {
    fc.assert(
      fc.property(fc.array(word, { minLength: 1, maxLength: 8 }), (words) => {
        expect(seenBy(show(["printf", "%s\\0", ...words]))).toEqual(words);
      }),
      { numRuns: 150 },
    );
  });

  it("leaves plain words as they are", () => {
    expect(shellLine(["aws", "--url", "https://a.example/b", "x y", "it's"])).toBe(
      `aws --url https://a.example/b 'x y' 'it'\\''s'`,
    );
    expect(shellLine(["printf", "x"], "a b.json")).toBe("printf x > 'a b.json'");
  });

  it("puts each option of a long one on its own line", () => {
    expect(shellCommand(["gcloud", "iam", "create", "--project=1", "--location=x y"])).toBe(
      "gcloud iam create \\\n  --project=1 \\\n  '--location=x y'",
    );
  });
});

describe("what a tool would not take as text", () => {
  it.each([
    "--endpoint-url=http://x",
    "-",
    "@/etc/passwd",
    "file:///etc/passwd",
    "fileb://x",
    "a,b",
    "^;^a",
    "a b",
    "",
    "a'b",
    "\u202e",
  ])("%j", (value) => expect(isPlainArgument(value)).toBe(false));

  it.each([
    "sts.amazonaws.com",
    "api://AzureADTokenExchange",
    "https://a.example/b?c=d".replace("?", "/"),
    "<client-id>",
    "/",
  ])("but %j", (value) => expect(isPlainArgument(value)).toBe(true));
});

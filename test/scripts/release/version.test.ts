import { expect, it } from "vitest";
import { isNewer, readVersion } from "../../../scripts/release/version.ts";

it.each(["1", "1.2", "v1.2.3", "01.2.3", "1.2.3-", "1.2.3-01", "1.2.3+build", "1.2.3 ", "1.2.3-a..b", ""])(
  "is no version: %j",
  (text) => {
    expect(readVersion(text)).toBeUndefined();
  },
);

it("orders versions as Semantic Versioning does", () => {
  // Of section 11 of the specification, and the numbers around them.
  const ordered = [
    "0.1.0",
    "0.9.0",
    "0.10.0",
    "1.0.0-alpha",
    "1.0.0-alpha.1",
    "1.0.0-alpha.beta",
    "1.0.0-beta",
    "1.0.0-beta.2",
    "1.0.0-beta.11",
    "1.0.0-rc.1",
    "1.0.0",
    "1.0.1",
    "2.0.0",
  ].map((text) => readVersion(text) ?? expect.fail(text));
  for (const [index, one] of ordered.entries())
    for (const [other, version] of ordered.entries()) expect(isNewer(one, version)).toBe(index > other);
});

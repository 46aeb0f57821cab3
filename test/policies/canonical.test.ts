import { expect, it } from "vitest";
import { canonicalConfiguration } from "../../src/policies/canonical.ts";

it.each<[what: string, written: unknown, json: string]>([
  ["nothing", undefined, "{}"],
  ["null", null, "{}"],
  ["the head alone", { apiVersion: "podpass.dev/v1alpha1", kind: "Configuration" }, "{}"],
  ["the head only at the top", { policy: { kind: "a" }, kind: "Configuration" }, '{"policy":{"kind":"a"}}'],
  ["sorted keys", { b: 1, a: { d: 1, c: 2 } }, '{"a":{"c":2,"d":1},"b":1}'],
  ["a key that begins another", { ab: 1, a: 2 }, '{"a":2,"ab":1}'],
  ["keys beyond the BMP after U+FFFD", { "\u{1f600}": 1, "\uffee": 2 }, '{"\uffee":2,"\u{1f600}":1}'],
  ["markup", { a: "<&>" }, '{"a":"\\u003c\\u0026\\u003e"}'],
  ["line separators", { a: "\u2028\u2029" }, '{"a":"\\u2028\\u2029"}'],
  ["controls", { a: '\u0000\b\f\n\r\t"\\\u007f/' }, '{"a":"\\u0000\\b\\f\\n\\r\\t\\"\\\\\u007f/"}'],
  ["half a surrogate pair", { a: "\ud800" }, '{"a":"\ufffd"}'],
  [
    "numbers",
    { a: [0, 1.5, 1e20, 1e21, 1e-6, 1e-7, 4294967296] },
    '{"a":[0,1.5,100000000000000000000,1e+21,0.000001,1e-7,4294967296]}',
  ],
  ["what is empty", { a: null, b: [], c: {}, d: "", e: false }, '{"a":null,"b":[],"c":{},"d":"","e":false}'],
])("writes %s as Go does", (_, written, json) => {
  expect(canonicalConfiguration(written)).toBe(json);
});

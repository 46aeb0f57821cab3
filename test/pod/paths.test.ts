import { describe, expect, it } from "vitest";
import { fileIn, isBelow, normalisePath } from "../../src/pod/paths.ts";

describe("normalisePath", () => {
  it.each([
    ["/a/b", "/a/b"],
    ["/a/b/", "/a/b"],
    ["//a//b//", "/a/b"],
    ["/a/./b/../c", "/a/c"],
    ["/../../a", "/a"],
    ["a/b", "/a/b"],
    ["/", "/"],
    ["", "/"],
    ["/run/secrets", "/var/run/secrets"],
    ["/run", "/var/run"],
    ["/runs", "/runs"],
    ["/var/run/secrets", "/var/run/secrets"],
    ["/x/../run/a", "/var/run/a"],
    ["/A", "/A"],
  ])("%s is %s", (path, expected) => {
    expect(normalisePath(path, false)).toBe(expected);
  });

  it.each([
    ["C:\\var\\run\\secrets", "/var/run/secrets"],
    ["c:/Var/Run", "/var/run"],
    ["\\var\\run", "/var/run"],
  ])("%s on Windows is %s", (path, expected) => {
    expect(normalisePath(path, true)).toBe(expected);
  });
});

describe("isBelow", () => {
  it.each([
    ["/a/b", "/a", true],
    ["/a", "/a", false],
    ["/ab", "/a", false],
    ["/a", "/a/b", false],
    ["/a", "/", true],
    ["/", "/", false],
  ])("%s below %s: %s", (path, ancestor, expected) => {
    expect(isBelow(path, ancestor)).toBe(expected);
  });
});

describe("fileIn", () => {
  it.each([
    ["/a", false, "/a/token"],
    ["/a//", false, "/a/token"],
    ["/a", true, "C:\\a\\token"],
    ["D:\\a\\", true, "D:\\a\\token"],
  ])("%s (Windows: %s) is %s", (path, windows, expected) => {
    expect(fileIn(path, "token", windows)).toBe(expected);
  });
});

import { describe, expect, it } from "vitest";
import { breachOf } from "../../src/pod/size.ts";
import { pod, tokenVolume } from "../support/pods.ts";

describe("an audience's length is in characters", () => {
  it.each([
    ["a".repeat(1024), undefined],
    ["a".repeat(1025), "audience-too-long"],
    ["😀".repeat(1024), undefined],
    ["😀".repeat(1025), "audience-too-long"],
    [`${"😀".repeat(1023)}a`, undefined],
    [`${"😀".repeat(1023)}aa`, "audience-too-long"],
    ["é".repeat(1024), undefined],
  ])("%.4s…: %s", (audience, limit) => {
    const given = pod({ volumes: [tokenVolume("t", { audience, path: "token" })] });
    expect(breachOf(given)?.limit).toBe(limit);
  });
});

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Answer, badRequest, failed } from "../../src/admission/answer.ts";
import { logAnswer, openLog } from "../../src/telemetry/log.ts";
import { recordLog } from "../support/log-lines.ts";

describe("openLog", () => {
  it.each([
    ["warn", ["warned"]],
    ["info", ["told", "warned"]],
    ["", ["told", "warned"]],
    [undefined, ["told", "warned"]],
  ])("writes what LOG_LEVEL=%s asks for", (level, expected) => {
    const { log, lines } = recordLog(level ?? "info");
    log.debug("detailed");
    log.info("told");
    log.warn("warned");
    expect(lines.map((line) => line["msg"])).toStrictEqual(expected);
  });

  it("says so where LOG_LEVEL is none, and goes on with info", () => {
    const { log, lines } = recordLog("loud");
    log.info("told");
    expect(lines).toMatchObject([{ level: "warn", msg: "LOG_LEVEL is not a level; using info" }, { msg: "told" }]);
  });

  it("has a line for a machine: level in words, time in UTC, one line whatever the text", () => {
    const { log, lines } = recordLog();
    log.info({ text: "a\nb" }, "told");
    expect(lines[0]).toStrictEqual({
      level: "info",
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
      text: "a\nb",
      msg: "told",
    });
  });
});

describe("infoPlain", () => {
  it("writes the line that pino writes of the same", () => {
    const lines: string[] = [];
    const { log, infoPlain } = openLog("info", { write: (text: string) => void lines.push(text) });
    const text = fc.option(fc.string({ unit: "binary" }), { nil: undefined });
    const fields = fc.record({
      uid: text,
      namespace: text,
      milliseconds: fc.integer(),
      providers: fc.array(fc.string()),
    });
    const withoutTime = (line: string | undefined) => line?.replace(/"time":"[^"]+"/, "");
    fc.assert(
      fc.property(fields, (values) => {
        log.info(values, "decided");
        infoPlain(values, "decided");
        const [plain, byPino] = [lines.pop(), lines.pop()];
        expect(withoutTime(plain)).toBe(withoutTime(byPino));
      }),
    );
  });

  it.each(["warn", "silent"])("writes nothing where LOG_LEVEL is %s, or within quietly", (level) => {
    const { infoPlain, lines } = recordLog(level);
    infoPlain({}, "decided");
    const open = recordLog();
    open.quietly(() => open.infoPlain({}, "decided"));
    expect([...lines, ...open.lines]).toEqual([]);
  });
});

describe("quietly", () => {
  it("drops what is logged within it, and nothing after, be it cut short", () => {
    const { log, quietly, lines } = recordLog();
    quietly(() => log.error("unheard"));
    expect(() =>
      quietly(() => {
        throw new Error("cut short");
      }),
    ).toThrow("cut short");
    log.info("told");
    expect(lines).toMatchObject([{ msg: "told" }]);
  });
});

describe("logAnswer", () => {
  it.each<[Answer["outcome"], Answer["reason"]]>([
    ["patched", "injected"],
    ["denied", "audience-not-allowed"],
    ["unchanged", "already-present"],
    ["unchanged", "service-account-not-found"],
    ["unchanged", "not-federated"],
    ["unchanged", "mirror-pod"],
    ["patched", "not-federated"],
  ])("writes one line for %s because of %s", (outcome, reason) => {
    const { lines, ...open } = recordLog();
    logAnswer(open, { status: 200, body: "", outcome, reason }, 1, "pods");
    expect(lines).toMatchObject([{ level: "info", msg: "decided", outcome, reason }]);
    expect(lines).toHaveLength(1);
  });

  it("has the error of what failed", () => {
    const { lines, ...open } = recordLog();
    const error = new Error("why", { cause: new Error("deeper") });
    logAnswer(open, failed("internal-error", "an internal error", error, { uid: "u", namespace: "n" }), 1.5, "pods");
    expect(lines[0]).toMatchObject({
      level: "error",
      msg: "failed",
      uid: "u",
      namespace: "n",
      reason: "internal-error",
      milliseconds: 1.5,
      err: { type: "Error", message: expect.stringContaining("why"), stack: expect.any(String) },
    });
  });

  it("has what was wrong with a request", () => {
    const { lines, ...open } = recordLog();
    logAnswer(open, badRequest(413, "body-too-large", "the body is larger"), 0.1, "pods");
    expect(lines[0]).toMatchObject({
      level: "warn",
      status: 413,
      reason: "body-too-large",
      answer: "podpass: the body is larger",
    });
  });
});

import { describe, expect, it } from "vitest";
import { createHandshakeLog, type FailedHandshake, type HandshakeFailure } from "../../src/telemetry/handshakes.ts";
import { recordLog } from "../support/log-lines.ts";

const failed = (reason: HandshakeFailure, client = "10.0.0.1"): FailedHandshake => ({ reason, code: "CODE", client });

const setUp = () => {
  const { log, of } = recordLog();
  const timers: (() => void)[] = [];
  const tell = createHandshakeLog(log, (action, ms) => {
    expect(ms).toBe(60_000);
    timers.push(action);
  });
  return { tell, lines: () => of("TLS handshakes failed"), minute: () => timers.shift()?.(), timers };
};

describe("the log of failed handshakes", () => {
  it("has the first one at once, and those of the minute after it in one line", () => {
    const { tell, lines, minute } = setUp();
    for (let i = 0; i < 1000; i++) tell(failed("reset"));
    tell(failed("protocol"));
    expect(lines()).toMatchObject([{ failures: { reset: 1 } }]);
    minute();
    expect(lines()[1]).toMatchObject({
      failures: { reset: 999, protocol: 1 },
      last: { reason: "protocol", code: "CODE" },
    });
    expect(lines()).toHaveLength(2);
  });

  it("is silent after a minute without any, and has the next one at once", () => {
    const { tell, lines, minute, timers } = setUp();
    tell(failed("reset"));
    minute();
    expect(timers).toHaveLength(0);
    tell(failed("timeout"));
    expect(lines()).toMatchObject([{ failures: { reset: 1 } }, { failures: { timeout: 1 } }]);
  });

  it("says what to do about a refused certificate, and who refused it, whatever came after", () => {
    const { tell, lines, minute } = setUp();
    tell(failed("reset"));
    tell(failed("certificate-refused", "10.0.0.2"));
    tell(failed("reset", "10.0.0.3"));
    minute();
    expect(lines()[0]).not.toHaveProperty("advice");
    expect(lines()[1]).toMatchObject({ advice: expect.stringContaining("caBundle"), last: { client: "10.0.0.2" } });
  });
});

/** What the pages say of metrics, outcomes and reasons, compared with the code. */
import { describe, expect, it } from "vitest";
import { HANDSHAKE_FAILURES } from "../../src/telemetry/handshakes.ts";
import { pages as allPages, blocksOf, textOf } from "./markdown.ts";
import { mistakesOf, OUTCOME_NAMES, REASONS } from "./metric-mistakes.ts";

/** The changelog also names what is gone. */
const pages = allPages.filter((page) => page !== "CHANGELOG.md");

interface Line {
  readonly page: string;
  readonly outcome?: string;
  readonly reason?: string;
}

/** The log lines that pages show. */
const logLines: readonly Line[] = pages.flatMap((page) =>
  blocksOf(textOf(page))
    .filter(({ language }) => language === "json")
    .flatMap(({ text }) => text.split("\n"))
    .filter((text) => text.startsWith('{"level"'))
    .map((text) => ({ ...(JSON.parse(text) as Omit<Line, "page">), page })),
);

/** The first cells of the table under a heading that begins with `head`. */
const rowsUnder = (text: string, head: string): readonly string[] => {
  const lines = text.split("\n");
  const start = lines.findIndex((line) => line.startsWith(`| ${head} |`));
  const end = lines.findIndex((line, index) => index > start && !line.startsWith("|"));
  return lines.slice(start + 2, end).map((line) => /^\| `([^`]+)`/.exec(line)?.[1] ?? line);
};

describe("the documentation", () => {
  it.each(pages)("names only metrics, labels and values that there are, in %s", (page) => {
    expect(mistakesOf(textOf(page))).toEqual([]);
  });

  it("would not get away with others", () => {
    const text = [
      "podpass_nonsense_total",
      'podpass_admission_requests_total{outcome="injected"}',
      'podpass_admission_requests_total{outcome="patched",reason="nonsense"}',
      'podpass_serviceaccounts{kind="invalid"}',
      'podpass_tls_handshake_failures_total{reason="injected"}',
      'podpass_watch_errors_total{error=~"idle-timeout|silent"}',
      'podpass_live_get_duration_seconds_count{result="found"}',
      "podpass_watch_age_seconds_count",
    ].join("\n");
    expect(mistakesOf(text)).toEqual([
      "there is no podpass_nonsense_total",
      "podpass_admission_requests_total{outcome} is never injected",
      "podpass_admission_requests_total{reason} is never nonsense",
      "podpass_serviceaccounts has no label kind",
      "podpass_tls_handshake_failures_total{reason} is never injected",
      "podpass_watch_errors_total{error} is never silent",
      "there is no podpass_watch_age_seconds_count",
    ]);
  });

  it("shows log lines with outcomes and reasons that there are", () => {
    expect(logLines.length).toBeGreaterThan(0);
    const wrong = logLines.filter(
      ({ outcome, reason }) => !OUTCOME_NAMES.has(outcome ?? "") || !REASONS.has(reason ?? ""),
    );
    expect(wrong).toEqual([]);
  });

  it("says what to do about each kind of failed handshake", () => {
    expect(rowsUnder(textOf("docs/operations.md"), "`reason`")).toEqual([...HANDSHAKE_FAILURES]);
  });

  it.each(pages)("gives codes in tables of codes that there are, in %s", (page) => {
    const tables = textOf(page).split(/\n(?=\| (?:Code|Reason) \|)/);
    const codes = tables.slice(1).flatMap((table) => rowsUnder(table, table.startsWith("| Code") ? "Code" : "Reason"));
    expect(codes.filter((code) => !REASONS.has(code))).toEqual([]);
  });
});

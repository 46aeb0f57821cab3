/** What was decided for each container and provider, and why. */
import type { PlacementReport } from "../injection/plan.ts";
import type { Placement } from "../injection/plan-container.ts";
import type { DecidedObject } from "../manifests/decide-template.ts";
import { showName, showObjectIn, showQualified } from "../manifests/objects.ts";
import { DECISION_REASONS } from "../reasons/reasons.ts";
import { line, list } from "../reasons/text.ts";
import { table } from "./table.ts";
import type { Output } from "./terminal.ts";

const PLACEMENTS: Record<Placement, string> = {
  injected: "injected",
  "already-present": "has everything already",
  "identity-differs": "left alone: its own variables name another identity",
  filtered: "left out by a container filter",
  "manages-itself": "left alone: it has its own settings for this identity",
  "no-path-free": "left out: no path is free for the token",
  "variable-conflict": "left out: another provider sets the same variable",
};

const decisionOf = ({ placement, isReused, lost }: PlacementReport): string => {
  if (placement === "already-present" && lost.length > 0) return "has the token already";
  return `${PLACEMENTS[placement]}${isReused && placement === "injected" ? ", beside the token that was there" : ""}`;
};

const wordsFor = (report: PlacementReport): string => {
  const lost = report.lost.length === 0 ? "" : `; variable-conflict: another provider sets ${list(report.lost)}`;
  return `${decisionOf(report)}${lost}`;
};

const sentenceFor = ({ decision, serviceAccount, namespace }: DecidedObject): string => {
  if (decision.message !== undefined) return decision.message;
  const account = `ServiceAccount ${showQualified(namespace, serviceAccount)}`;
  if (decision.reason === "service-account-not-found") return `${account} is not among the manifests.`;
  if (decision.reason === "not-federated") return `${account} carries no federation annotation.`;
  return DECISION_REASONS[decision.reason];
};

/** For a person: an object, then a row for each container and provider. */
const asTable = (decided: DecidedObject, { colors }: Output): string => {
  const { object, namespace, decision } = decided;
  const { file, line: row } = decided.place;
  const head = `${colors.bold(line(showObjectIn(object, namespace), 300))}  ${colors.dim(line(`${file}:${row}`, 300))}\n`;
  const sentence = `${decision.reason}: ${line(sentenceFor(decided), 5000)}\n`;
  if (decision.reports.length === 0) return `${head}${sentence}\n`;
  const rows = decision.reports.map((report) =>
    [showName(report.container), report.provider, wordsFor(report), report.tokenFile ?? "", report.env.join(", ")].map(
      (text) => line(text, 500),
    ),
  );
  const columns = [
    { title: "CONTAINER" },
    { title: "PROVIDER" },
    { title: "DECISION", width: 36 },
    { title: "TOKEN" },
    { title: "SETS", width: 44 },
  ];
  return `${head}${sentence}${table(columns, rows, colors.dim)}\n`;
};

/** For a program or a log: a line for each container and provider. */
const asLines = (decided: DecidedObject): string => {
  const { object, place, namespace, decision } = decided;
  const start = `${place.file}:${place.line}:${place.column}: explain: ${showObjectIn(object, namespace)}: `;
  const texts =
    decision.reports.length === 0 || decision.outcome === "denied"
      ? [`${decision.reason}: ${sentenceFor(decided)}`]
      : decision.reports.map((report) => {
          const token = report.tokenFile === undefined ? "" : `; token ${report.tokenFile}`;
          const env = report.env.length === 0 ? "" : `; sets ${report.env.join(", ")}`;
          return `container ${showName(report.container)}: ${report.provider}: ${wordsFor(report)}${token}${env}`;
        });
  return texts.map((text) => `${line(start + text, 5000)}\n`).join("");
};

/** The explanation: a table on a terminal, plain lines elsewhere. */
export const explain = (decided: readonly DecidedObject[], output: Output): string =>
  decided.map((one) => (output.isTerminal ? asTable(one, output) : asLines(one))).join("");

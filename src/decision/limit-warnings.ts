/** Warnings as Kubernetes wants them: short, each once, and not too many. */
import type { Warning } from "../reasons/reasons.ts";
import { line } from "../reasons/text.ts";

/** The longest warning that Kubernetes' guidelines allow, in characters. */
const MAX_LENGTH = 120;

/** The API server cuts all warnings of a request short when they are longer than 4,096 characters together. */
const MAX_TOTAL = 3800;

/** At most 120 characters a warning, none twice, and a last one that counts those left out for the total. */
export const limitWarnings = (warnings: readonly Warning[]): readonly Warning[] => {
  if (warnings.length === 0) return warnings;
  const kept = new Map<string, Warning>();
  let total = 0;
  let leftOut: Warning | undefined;
  let count = 0;
  for (const warning of warnings) {
    const text = line(warning.text, MAX_LENGTH);
    if (kept.has(text)) continue;
    if (leftOut === undefined && total + text.length <= MAX_TOTAL) {
      kept.set(text, text === warning.text ? warning : { ...warning, text });
      total += text.length;
    } else {
      leftOut ??= warning;
      count++;
    }
  }
  const shown = [...kept.values()];
  return leftOut === undefined
    ? shown
    : [...shown, { reason: leftOut.reason, text: `${count} more warnings are not shown` }];
};

/** Warnings about containers: one for each finding, with the names of the containers that it is about. */
import type { FieldPath, Warning } from "../reasons/reasons.ts";
import { quote } from "../reasons/text.ts";

/** Names that a warning has room for. */
const MAX_NAMED = 2;

/** What was found in a container. */
export interface ContainerWarning extends Warning {
  /** A value that the text has no room for: texts that are cut to the same may be about different ones. */
  readonly value?: string;
}

interface Finding {
  readonly warning: Warning;
  readonly names: string[];
  readonly field: FieldPath;
  containers: number;
}

const subject = ({ names, containers }: Finding): string => {
  if (containers === 1) return `container ${quote(names[0] ?? "", 30)}`;
  const rest = containers - names.length;
  return `containers ${names.map((name) => quote(name, 20)).join(", ")}${rest > 0 ? ` and ${rest} more` : ""}`;
};

/** Collects them container by container. */
export class ContainerWarnings {
  private readonly findings = new Map<string, Finding>();

  /** Notes what was found in the container `name`, which is at `field`. */
  add(warnings: readonly ContainerWarning[], name: string, field: FieldPath): void {
    for (const warning of warnings) {
      const key = `${warning.reason} ${warning.text} ${warning.value ?? ""}`;
      const known = this.findings.get(key);
      if (known === undefined) this.findings.set(key, { warning, names: [name], field, containers: 1 });
      else {
        known.containers++;
        if (known.names.length < MAX_NAMED) known.names.push(name);
      }
    }
  }

  /** One for each finding, in the order in which they came; its field is the first container's. */
  list(): readonly Warning[] {
    return [...this.findings.values()].map((finding) => ({
      reason: finding.warning.reason,
      text: `${subject(finding)}: ${finding.warning.text}`,
      field: finding.field,
    }));
  }
}

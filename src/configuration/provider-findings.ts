/** What is found about one provider as it is compiled: problems, notices, and what its templates refer to. */

import type { When } from "../providers/provider-spec.ts";
import { KNOWN_REFERENCES, type Reference } from "../providers/template.ts";
import type { Conditions } from "../providers/when.ts";
import { quote } from "../reasons/text.ts";
import type { MergedProvider } from "./merge.ts";
import { allowedNames, type ConfigurationProblem, type Notice, noParameter, type Path, showPath } from "./problem.ts";

/** Collects them for one provider, as it was merged, whose path begins with `base`. */
export class Findings {
  readonly problems: ConfigurationProblem[] = [];
  readonly notices: Notice[] = [];
  private readonly usedParameters = new Set<string>();
  private readonly base: Path;
  private readonly merged: MergedProvider;

  private readonly lostFields: ReadonlySet<string>;

  constructor(base: Path, merged: MergedProvider, lostFields: ReadonlySet<string>) {
    this.base = base;
    this.merged = merged;
    this.lostFields = lostFields;
  }

  /** `path` is the provider's; the problem has it from the configuration's top. */
  problem(path: Path, message: string): void {
    this.problems.push({ path: [...this.base, ...path], message });
  }

  /** As {@link problem}; `text` has the place in the provider in it, where it needs one. */
  notice(path: Path, text: string): void {
    this.notices.push({ path: [...this.base, ...path], text: `${showPath(this.base)}: ${text}` });
  }

  /** A problem because something is not in one of `fields`; none where a part of them is lost, which might have been it. */
  lack(path: Path, message: string, ...fields: readonly string[]): void {
    if (!fields.some((field) => this.lostFields.has(field))) this.problem(path, message);
  }

  /** Something refers to the parameter. */
  use(parameter: string): void {
    this.usedParameters.add(parameter);
  }

  /** Has anything referred to it yet? */
  isUsed(parameter: string): boolean {
    return this.usedParameters.has(parameter);
  }

  /** Checks the parameters that `when` names, and returns it compiled. */
  conditions(path: Path, when: When | undefined): Conditions {
    const conditions = new Map(Object.entries(when ?? {}));
    for (const parameter of conditions.keys()) {
      this.use(parameter);
      if (!this.merged.parameters.has(parameter))
        this.lack([...path, "when"], noParameter(parameter, this.merged.parameters), "parameters");
    }
    return conditions;
  }

  /** Checks the references of one template. */
  check(path: Path, found: readonly Reference[], unknown: readonly string[], where: "audience" | "env" | "file"): void {
    for (const written of unknown)
      this.problem(path, `${quote(written)} is not known; allowed: ${KNOWN_REFERENCES.join(", ")}`);
    for (const reference of found) this.reference(path, reference, where);
  }

  private reference(path: Path, reference: Reference, where: "audience" | "env" | "file"): void {
    if (reference.kind === "parameter") {
      this.use(reference.name);
      const { parameters } = this.merged;
      if (!parameters.has(reference.name)) this.lack(path, noParameter(reference.name, parameters), "parameters");
      return;
    }
    if (where === "audience") {
      const why =
        reference.kind === "serviceAccount" || reference.kind === "subject"
          ? "an audience is what ServiceAccounts share, so that it can be allowed"
          : "an audience is known before the token and its files";
      this.problem(path, `${why}; allowed: \${parameter.NAME}`);
      return;
    }
    if (reference.kind === "file" && !this.merged.files.has(reference.name))
      this.lack(
        path,
        `there is no file ${quote(reference.name)}; allowed: ${allowedNames(this.merged.files) || "none, since none is defined"}`,
        "files",
      );
  }
}

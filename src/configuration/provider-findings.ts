/** What is found about one provider as it is compiled: problems, notices, and what its templates refer to. */
import type { Reference } from "../providers/template.ts";
import { didYouMean } from "../reasons/nearest.ts";
import { quote } from "../reasons/text.ts";
import type { MergedProvider } from "./merge.ts";
import { allowedNames, type ConfigurationProblem, type Path } from "./problem.ts";

/** Collects them for one provider, as it was merged, whose path begins with `base`. */
export class Findings {
  readonly problems: ConfigurationProblem[] = [];
  readonly notices: string[] = [];
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

  /** Checks the references of one template. */
  check(path: Path, found: readonly Reference[], unknown: readonly string[], where: "audience" | "env" | "file"): void {
    for (const written of unknown)
      this.problem(
        path,
        `${quote(written)} is not known; allowed: \${parameter.NAME}, \${token.file}, \${token.audience}, \${file.NAME}`,
      );
    for (const reference of found) this.reference(path, reference, where);
  }

  private reference(path: Path, reference: Reference, where: "audience" | "env" | "file"): void {
    if (reference.kind === "parameter") {
      this.use(reference.name);
      const { parameters } = this.merged;
      if (!parameters.has(reference.name))
        this.lack(
          path,
          `there is no parameter ${quote(reference.name)};${didYouMean(reference.name, parameters.keys())} allowed: ${allowedNames(parameters) || "none, since none is defined"}`,
          "parameters",
        );
      return;
    }
    if (where === "audience") {
      this.problem(path, "an audience is known before the token and its files; allowed: ${parameter.NAME}");
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

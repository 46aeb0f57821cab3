/** The files of a provider: merged data in, compiled files out. */
import { type FoundTemplate, type ParsedFile, parseFile } from "../providers/file-template.ts";
import { INI_ALLOWED, isIniValue } from "../providers/ini.ts";
import type { FileSpec, ProviderSpec } from "../providers/provider-spec.ts";
import { namesPlace, renderTemplate } from "../providers/template.ts";
import { quote } from "../reasons/text.ts";
import { RESERVED_KEYS } from "./annotation-keys.ts";
import type { MergedProvider } from "./merge.ts";
import type { Path } from "./problem.ts";
import type { Findings } from "./provider-findings.ts";
import type { FileTemplate } from "./settings.ts";

/** The parameters in the INI files of a provider. */
export const parametersInIni = ({ files }: MergedProvider): ReadonlySet<string> =>
  new Set(
    [...files.values()]
      .filter(({ ini }) => ini !== undefined)
      .flatMap((file) => parseFile(file).references)
      .flatMap((ref) => (ref.kind === "parameter" ? [ref.name] : [])),
  );

/** Is what stands in an INI file, with any values for its parameters, read back as it was written? */
const checkIni = (path: Path, { template, references }: FoundTemplate, findings: Findings): void => {
  if (references.some((ref) => ref.kind === "token" && ref.field === "audience"))
    findings.problem(path, "not every audience can be written into an INI file; allowed: its text");
  // A parameter's value is held to the same rule, so that any letter can stand for it.
  const sample = renderTemplate(template, () => "x");
  if (sample !== undefined && !isIniValue(sample))
    findings.problem(path, `found ${quote(sample, 60)}; allowed: ${INI_ALLOWED}`);
};

interface Place {
  /** The file's index where it is written; undefined where it is a preset's. */
  readonly index: number | undefined;
  /** What its annotation begins with. */
  readonly domain: string;
}

const compileFile = (file: FileSpec, { index, domain }: Place, merged: MergedProvider, findings: Findings) => {
  const path = index === undefined ? ["files"] : ["files", index];
  const parsed: ParsedFile = parseFile(file);
  for (const found of parsed.templates) {
    const at = index === undefined ? path : [...path, ...found.path];
    findings.check(at, found.references, found.unknown, "file");
    if (parsed.body.kind === "ini") checkIni(at, found, findings);
  }
  if (file.name === (merged.token.fileName ?? "token"))
    findings.problem(path, `the token's file is called ${quote(file.name)} too; allowed: another name`);
  if (RESERVED_KEYS.includes(file.name))
    findings.problem(path, `this name is an annotation key of its own; allowed: any but ${RESERVED_KEYS.join(", ")}`);
  if (merged.parameters.has(file.name))
    findings.problem(["parameters", file.name], "a file has this name; allowed: another name");
  const when = findings.conditions(path, file.when);
  const namesToken = parsed.references.some((ref) => ref.kind === "token" && namesPlace(ref));
  return { name: file.name, body: parsed.body, namesToken, when, annotation: `${domain}/${file.name}` };
};

/** Compiles the files; their annotations are under `domain`. */
export const compileFiles = (
  written: ProviderSpec,
  merged: MergedProvider,
  domain: string,
  findings: Findings,
): readonly FileTemplate[] => {
  const places = new Map<string, number>();
  (written.files ?? []).forEach(({ name }, index) => {
    if (places.has(name))
      findings.problem(["files", index], `a file ${quote(name)} is there already; allowed: one file of a name`);
    else places.set(name, index);
  });
  return [...merged.files.values()].map((file) =>
    compileFile(file, { index: places.get(file.name), domain }, merged, findings),
  );
};

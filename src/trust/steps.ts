/** The steps of a trust description, filled in: what a person pastes or types at the provider. */
import type { TrustCondition, TrustSpec, TrustStatement, TrustStep, TrustWord } from "../providers/provider-spec.ts";
import { quote } from "../reasons/text.ts";
import { renderEscaped, renderJson, renderText, type Values } from "./render.ts";
import { isPlainArgument } from "./shell.ts";
import { visibleJson, visibleText } from "./visible-json.ts";

/** A command, as the words that the program gets. */
export interface CommandStep {
  readonly kind: "command";
  readonly title: string;
  /** Done once for a cluster, not once for a ServiceAccount. */
  readonly once: boolean;
  readonly argv: readonly string[];
  /** The file that its output goes to. */
  readonly writes?: string;
}

/** A form in the vendor's console. */
export interface FormStep {
  readonly kind: "form";
  readonly title: string;
  readonly once: boolean;
  readonly place: string;
  /** Value by label, in the form's order; an empty value is for the person to choose. */
  readonly fields: { readonly [label: string]: string };
  /** Names of the documents to paste there. */
  readonly documents: readonly string[];
}

/** A text in a language of the provider's, to be pasted. */
export interface StatementStep {
  readonly kind: "statement";
  readonly title: string;
  readonly once: boolean;
  readonly place: string;
  readonly language: TrustStatement["language"];
  /** Without a line break at its end. */
  readonly text: string;
}

/** A command that is not printed, since a value in it would not reach the provider as it is. */
export interface WithheldStep {
  readonly kind: "withheld";
  readonly title: string;
  readonly once: boolean;
  readonly because: string;
}

/** One step. */
export type Step = CommandStep | FormStep | StatementStep | WithheldStep;

/** Does `when` hold? */
export const holds = (when: TrustCondition | undefined, values: Values): boolean =>
  when === undefined ||
  ((when.subject === undefined || (when.subject === "pattern") === values.isPattern) &&
    (when.keys === undefined || (when.keys === "upload") === values.isUpload) &&
    (when.has === undefined || values.parameters.has(when.has)) &&
    (when.lacks === undefined || !values.parameters.has(when.lacks)));

type Documents = ReadonlyMap<string, unknown>;

const wordsOf = (
  command: readonly TrustWord[],
  values: Values,
  documents: Documents,
  onValue: (value: string) => void,
): readonly string[] =>
  command.flatMap((word) => {
    if (typeof word === "string") return [renderText(word, values, onValue)];
    if ("word" in word) return holds(word.when, values) ? [renderText(word.word, values, onValue)] : [];
    return [visibleJson("json" in word ? renderJson(word.json, values) : documents.get(word.document))];
  });

// Between the quotes that each language has: Snowflake's SQL knows backslashes there, as YAML does.
// https://docs.snowflake.com/en/sql-reference/data-types-text#escape-sequences-in-single-quoted-string-constants
const ESCAPE: Readonly<Record<TrustStatement["language"], (value: string) => string>> = {
  sql: (value) => visibleText(value.replace(/['\\]/g, "\\$&")),
  yaml: (value) => visibleJson(value).slice(1, -1),
};

const renderStep = (step: TrustStep, values: Values, documents: Documents): Step => {
  const { title, once = false } = step;
  if ("form" in step) {
    const fields = Object.entries(step.form).map(([label, template]) => [label, renderText(template, values)] as const);
    const place = renderText(step.place, values);
    return { kind: "form", title, once, place, fields: Object.fromEntries(fields), documents: step.documents ?? [] };
  }
  if ("statement" in step) {
    const { language, lines } = step.statement;
    const text = lines.map((line) => renderEscaped(line, values, ESCAPE[language])).join("\n");
    return { kind: "statement", title, once, place: renderText(step.place, values), language, text };
  }
  const strange: string[] = [];
  const argv = wordsOf(step.command, values, documents, (value) => {
    if (!isPlainArgument(value)) strange.push(value);
  });
  const [first] = strange;
  if (first !== undefined) {
    const because = `${quote(first, 100)} would mean something else to ${step.command[0]} than to the provider; register it by hand, from the fields`;
    return { kind: "withheld", title, once, because };
  }
  return { kind: "command", title, once, argv, ...(step.writes !== undefined && { writes: step.writes }) };
};

/** The documents that apply, by name. */
export const renderDocuments = (spec: TrustSpec, values: Values): Documents =>
  new Map(
    Object.entries(spec.documents ?? {})
      .filter(([, { when }]) => holds(when, values))
      .map(([name, { json }]) => [name, renderJson(json, values)]),
  );

/** The steps that apply, in order. */
export const renderSteps = (spec: TrustSpec, values: Values, documents: Documents): readonly Step[] =>
  spec.steps.filter(({ when }) => holds(when, values)).map((step) => renderStep(step, values, documents));

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

/** A step that is not printed, since a value in it would not reach the provider as it is. */
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

/** The documents that apply. */
export interface Documents {
  /** By name. */
  readonly printed: ReadonlyMap<string, unknown>;
  /** By name, why it is not printed. */
  readonly withheld: ReadonlyMap<string, string>;
}

const wordsOf = (
  command: readonly TrustWord[],
  values: Values,
  documents: Documents,
  onValue: (value: string) => void,
): readonly string[] =>
  command.flatMap((word) => {
    if (typeof word === "string") return [renderText(word, values, onValue)];
    if ("word" in word) return holds(word.when, values) ? [renderText(word.word, values, onValue)] : [];
    return [visibleJson("json" in word ? renderJson(word.json, values) : documents.printed.get(word.document))];
  });

// Between the quotes that each language has: Snowflake's SQL knows backslashes there, as YAML does.
// https://docs.snowflake.com/en/sql-reference/data-types-text#escape-sequences-in-single-quoted-string-constants
const ESCAPE: Readonly<Record<TrustStatement["language"], (value: string) => string>> = {
  sql: (value) => visibleText(value.replace(/['\\]/g, "\\$&")),
  yaml: (value) => visibleJson(value).slice(1, -1),
};

/** The names of the documents in a step. */
const documentsOf = (step: TrustStep): readonly string[] => {
  if ("form" in step) return step.documents ?? [];
  if ("statement" in step) return [];
  return step.command.flatMap((word) => (typeof word !== "string" && "document" in word ? [word.document] : []));
};

const renderStep = (step: TrustStep, values: Values, documents: Documents): Step => {
  const { title, once = false } = step;
  const [unprinted] = documentsOf(step).flatMap((name) => documents.withheld.get(name) ?? []);
  if (unprinted !== undefined) return { kind: "withheld", title, once, because: unprinted };
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

/** Fills in the documents that apply. */
export const renderDocuments = (spec: TrustSpec, values: Values): Documents => {
  const printed = new Map<string, unknown>();
  const withheld = new Map<string, string>();
  for (const [name, { json, when, isPolicy }] of Object.entries(spec.documents ?? {})) {
    if (!holds(when, values)) continue;
    let variable: string | undefined;
    const rendered = renderJson(json, values, (value) => {
      if (isPolicy && value.includes("${")) variable ??= value;
    });
    if (variable === undefined) printed.set(name, rendered);
    else
      withheld.set(
        name,
        `"\${" begins a variable in such a policy, and ${quote(variable, 100)} has it; choose another value`,
      );
  }
  return { printed, withheld };
};

/** The steps that apply, in order. */
export const renderSteps = (spec: TrustSpec, values: Values, documents: Documents): readonly Step[] =>
  spec.steps.filter(({ when }) => holds(when, values)).map((step) => renderStep(step, values, documents));

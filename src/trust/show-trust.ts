/** A trust description as text for a person. */
import { line, quote } from "../reasons/text.ts";
import { shellCommand } from "./shell.ts";
import type { Step } from "./steps.ts";
import type { Trust } from "./trust.ts";
import { visibleJson } from "./visible-json.ts";

/** How parts of the text are set off; the identity where there are no colours. */
export interface Emphasis {
  heading(text: string): string;
  warning(text: string): string;
  faint(text: string): string;
}

/** No emphasis at all. */
const PLAIN: Emphasis = { heading: (text) => text, warning: (text) => text, faint: (text) => text };

/** A value as it has to be copied; one with something invisible in it is quoted, so that it is seen. */
const copyable = (value: string): string => (/[\p{C}\p{Zl}\p{Zp}]/u.test(value) ? quote(value, 2000) : value);

const indent = (text: string): string => text.replace(/^(?=.)/gm, "  ");

const pairs = (entries: readonly (readonly [string, string])[]): string => {
  const width = Math.max(0, ...entries.map(([label]) => label.length));
  return entries
    .map(([label, value]) => `${`${label}:`.padEnd(width + 1)} ${value === "" ? "(yours to choose)" : copyable(value)}`)
    .join("\n");
};

const body = (step: Step, trust: Trust): string => {
  if (step.kind === "command") return shellCommand(step.argv, step.writes);
  if (step.kind === "withheld") return `Not printed: ${step.because}.`;
  if (step.kind === "statement") return `In ${line(step.place, 300)}:\n\n${indent(step.text)}`;
  const documents = step.documents.map((name) => `${name}:\n${visibleJson(trust.documents[name], 2)}`);
  const form = Object.keys(step.fields).length === 0 ? [] : [pairs(Object.entries(step.fields))];
  return [`In ${line(step.place, 300)}:`, ...form, ...documents].join("\n");
};

const steps = (trust: Trust, emphasis: Emphasis): readonly string[] =>
  trust.steps.map((step, index) => {
    const once = step.once ? emphasis.faint(" (once for the cluster)") : "";
    return `${emphasis.heading(`${index + 1}. ${step.title}`)}${once}\n\n${indent(body(step, trust))}`;
  });

// Those that a step already shows, in a form or as a word of a command, are not shown again.
const looseDocuments = (trust: Trust): readonly string[] => {
  const shown = new Set(trust.steps.flatMap((step) => (step.kind === "form" ? step.documents : [])));
  return Object.entries(trust.documents)
    .filter(([name]) => !shown.has(name))
    .map(([name, value]) => `${name}:\n\n${indent(visibleJson(value, 2))}`);
};

/** Values in it may be the cluster's or a ServiceAccount's: none may add a line that looks like a step of ours. */
const sentence = (text: string): string => line(text, 4000);

const bullets = (sentences: readonly string[]): string => sentences.map((text) => `- ${sentence(text)}`).join("\n");

const missing = (trust: Trust): string | undefined => {
  if (trust.missing.length === 0) return undefined;
  const sentences = trust.missing.map(({ name, annotation }) =>
    annotation === undefined
      ? `${name}: in the configuration, providers.${trust.provider}.parameters.${name}.value`
      : `${name}: the annotation ${annotation}`,
  );
  return `Still to be set on the ServiceAccount's side, before pods get this identity:\n${bullets(sentences)}`;
};

/** The provider's own names, where they say more than issuer, audience and subject. */
const ownFields = ({ fields, issuer, audience, subject, jwks }: Trust): string | undefined => {
  const said = new Set([issuer, audience, subject, JSON.stringify(jwks)]);
  const more = Object.entries(fields).filter(([, value]) => !said.has(value));
  return more.length === 0 ? undefined : pairs(more);
};

/** The text; ends with a line break. */
export const showTrust = (trust: Trust, emphasis: Emphasis = PLAIN): string => {
  const { serviceAccount, warnings, notes, unverified } = trust;
  const title = `${trust.title}: trust for ServiceAccount ${serviceAccount.namespace}/${serviceAccount.name}`;
  const facts = pairs([
    ["Issuer", trust.issuer],
    ["Keys", trust.keys === "upload" ? "handed over (JWKS below)" : (trust.jwksUri ?? "from the issuer")],
    ["Audience", trust.audience],
    ["Subject", trust.subject],
    ["Lifetime", `${trust.expirationSeconds} s`],
  ]);
  const blocks = [
    emphasis.heading(title),
    facts,
    ownFields(trust),
    warnings.length > 0 && warnings.map((text) => emphasis.warning(`Warning: ${sentence(text)}`)).join("\n"),
    ...steps(trust, emphasis),
    ...looseDocuments(trust),
    notes.length > 0 && `Good to know:\n${bullets(notes)}`,
    missing(trust),
    unverified.length > 0 && `Not verified:\n${bullets(unverified)}`,
    trust.documentation !== null && `The vendor's page: ${trust.documentation}`,
  ];
  return `${blocks.filter((block) => typeof block === "string").join("\n\n")}\n`;
};

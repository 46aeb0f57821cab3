/** The part of docs/troubleshooting.md that goes by reason code: what to do about each. */
import { adviceFor, type LintCode } from "../src/cli/lint-advice.ts";
import {
  DECISION_REASONS,
  type DecisionReason,
  PROBLEM_REASONS,
  type ProblemReason,
  WARNING_REASONS,
} from "../src/reasons/reasons.ts";
import { code, table } from "./markdown.ts";

const NOTHING = "Nothing.";

/** What `lint` never says, or says of manifests alone. */
const OF_THE_WEBHOOK: Readonly<Record<Exclude<DecisionReason, LintCode> | "service-account-not-found", string>> = {
  injected: NOTHING,
  "already-present": NOTHING,
  "left-out": "Read the pod's warnings, or `podpass inject --explain`.",
  "not-a-pod-create": "Take other operations and resources out of the webhook configuration's rules.",
  "not-a-service-account-write":
    "Take other operations and resources out of the validating webhook configuration's rules.",
  resolved: NOTHING,
  "no-service-account": NOTHING,
  "service-account-not-found": "Create the ServiceAccount before the pod; the API server refuses such a pod too.",
  "not-federated": "If the pod should have an identity, annotate the ServiceAccount that it names.",
  "mirror-pod": "Run the program as an ordinary pod.",
  "opted-out": "Take the annotation off the pod, if it should have an identity.",
  "lookup-failed": "See [the API server cannot be asked](#the-api-server-cannot-be-asked).",
  "internal-error": "Report it, with the log line of the request's uid.",
  "not-ready": "See [Podpass is not ready](#podpass-is-not-ready).",
  "not-a-review": "Find out who calls the webhook's port; it is no API server, or a proxy changes what it sends.",
  "body-too-large": "As `not-a-review`.",
  "wrong-content-type": "As `not-a-review`.",
};

const isOfTheWebhook = (name: string): name is keyof typeof OF_THE_WEBHOOK => Object.hasOwn(OF_THE_WEBHOOK, name);

const whatToDo = (name: LintCode | DecisionReason): string =>
  isOfTheWebhook(name) ? OF_THE_WEBHOOK[name] : adviceFor(name);

const rows = (names: readonly (DecisionReason | ProblemReason | LintCode)[]): string =>
  table(
    ["Code", "What to do"],
    names.map((name) => [code(name), whatToDo(name).replaceAll("|", "\\|")]),
  );

const keysOf = <Key extends string>(codes: Readonly<Record<Key, string>>): readonly Key[] =>
  Object.keys(codes) as Key[];

/** The tables of docs/troubleshooting.md, by marker. */
export const troubleshootingTables = (): ReadonlyMap<string, string> => {
  const decisions = keysOf(DECISION_REASONS);
  const isOther = (name: string) => !decisions.some((decision) => decision === name);
  return new Map([
    ["decisions", rows(decisions)],
    ["problems", rows(keysOf(PROBLEM_REASONS).filter(isOther))],
    ["warnings", rows(keysOf(WARNING_REASONS).filter(isOther))],
  ]);
};

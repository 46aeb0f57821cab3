/** What `lint` finds: the core's own judgement, with the line it is about. */
import { showPath } from "../configuration/problem.ts";
import type { Settings } from "../configuration/settings.ts";
import { resolveFederation } from "../federation/federation.ts";
import type { BadObject } from "../manifests/bad-object.ts";
import type { DecidedObject } from "../manifests/decide-template.ts";
import type { Place } from "../manifests/document.ts";
import { injectManifests } from "../manifests/inject-manifests.ts";
import { type ManifestObject, showQualified } from "../manifests/objects.ts";
import type { ServiceAccounts, WrittenServiceAccount } from "../manifests/service-accounts.ts";
import type { FieldPath, Problem, Warning } from "../reasons/reasons.ts";
import { type LintCode, refusalCode } from "./lint-advice.ts";
import type { Severity } from "./messages.ts";
import { placeInAccount, placeInWorkload } from "./places.ts";
import type { FoundConfiguration } from "./settings.ts";

/** One finding. */
export interface Finding {
  readonly severity: Severity;
  readonly code: LintCode;
  readonly place: Place;
  readonly object: { readonly kind: string; readonly namespace?: string; readonly name?: string } | undefined;
  readonly message: string;
}

const about = ({ kind, name }: ManifestObject, namespace: string): NonNullable<Finding["object"]> =>
  name === undefined ? { kind, namespace } : { kind, namespace, name };

/** What is wrong with the configuration, or without effect in it. */
export const configurationFindings = (found: FoundConfiguration): readonly Finding[] => {
  const object = { kind: "Configuration" };
  if (found.ok)
    return found.notices.map(({ line, column, text, isMeant }) => ({
      severity: isMeant ? "note" : "warning",
      code: "without-effect",
      place: { file: found.file, line, column },
      object,
      message: text,
    }));
  return found.problems.map(({ line, column, path, message }) => ({
    severity: "error",
    code: "bad-configuration",
    place: { file: found.file, line, column },
    object,
    message: path.length === 0 ? message : `${showPath(path)}: ${message}`,
  }));
};

/** What Kubernetes itself would refuse, and what is there twice. */
export const objectFindings = (
  bad: readonly BadObject[],
  repeated: readonly WrittenServiceAccount[],
  namespace: string,
): readonly Finding[] => [
  ...bad.map(
    ({ object, place, message }): Finding => ({
      severity: "error",
      code: "bad-object",
      place,
      object: about(object, object.namespace ?? namespace),
      message,
    }),
  ),
  ...repeated.map(
    ({ object, account }): Finding => ({
      severity: "warning",
      code: "repeated",
      place: object.place,
      object: about(object, account.namespace),
      message: "is there before; this one, the last, counts",
    }),
  ),
];

/** What the core says of one ServiceAccount. */
export const accountFindings = ({ object, account }: WrittenServiceAccount, settings: Settings): readonly Finding[] => {
  const { problems, warnings } = resolveFederation(account, settings);
  const finding = (severity: Severity, { reason, text, field }: Problem | Warning): Finding => ({
    severity,
    code: reason,
    place: placeInAccount(object, field),
    object: about(object, account.namespace),
    message: text,
  });
  return [
    ...problems.map((problem) => finding("error", problem)),
    ...warnings.map((warning) => finding("warning", warning)),
  ];
};

/** Kubernetes makes this ServiceAccount itself, so that hardly anybody has it in a file. */
const isImplicitDefault = ({ object, serviceAccount, isKnown }: DecidedObject): boolean =>
  !isKnown && serviceAccount === "default" && object.kind !== "ServiceAccount";

const workloadFindings = (one: DecidedObject, ofAccounts: ReadonlySet<string>): readonly Finding[] => {
  const { object, namespace, decision, isKnown, serviceAccount } = one;
  const finding = (severity: Severity, code: LintCode, message: string, field?: FieldPath): Finding => ({
    severity,
    code,
    place: placeInWorkload(one, field),
    object: about(object, object.namespace ?? namespace),
    message,
  });
  const found = decision.warnings
    // Said of the ServiceAccount already.
    .filter(({ reason, text }) => reason !== "invalid-service-account" && !ofAccounts.has(text))
    .map(({ reason, text, field }) => finding("warning", reason, text, field));
  if (decision.message !== undefined && decision.reason !== "invalid-service-account")
    found.push(finding("error", refusalCode(decision.reason), decision.message, decision.field));
  if (!isKnown && !isImplicitDefault(one) && decision.reason === "service-account-not-found")
    found.push(
      finding(
        "warning",
        "service-account-not-found",
        `ServiceAccount ${showQualified(namespace, serviceAccount)} is not among the files given with -f`,
      ),
    );
  return found;
};

/** What the core says of ServiceAccounts and workloads. */
export const coreFindings = (
  objects: readonly ManifestObject[],
  context: { readonly settings: Settings; readonly serviceAccounts: ServiceAccounts; readonly namespace: string },
): readonly Finding[] => {
  const { settings, serviceAccounts, namespace } = context;
  const accounts = serviceAccounts.written.flatMap((one) => accountFindings(one, settings));
  const ofAccounts = new Set(accounts.map(({ message }) => message));
  const { decided, bad, notices } = injectManifests(objects, context);
  return [
    ...accounts,
    ...objectFindings(bad, [], namespace),
    ...notices.map(
      ({ object, place, code, message }): Finding => ({
        severity: "warning",
        code,
        place,
        object: about(object, object.namespace ?? namespace),
        message,
      }),
    ),
    ...decided.flatMap((one) => workloadFindings(one, ofAccounts)),
  ];
};

/** What `inject` says on standard error. */
import type { Settings } from "../configuration/settings.ts";
import type { DecidedObject, ManifestContext } from "../manifests/inject-manifests.ts";
import { showObject } from "../manifests/objects.ts";
import type { WrittenServiceAccount } from "../manifests/service-accounts.ts";
import type { FieldPath } from "../reasons/reasons.ts";
import { accountFindings } from "./lint-findings.ts";
import type { Message } from "./messages.ts";
import { placeInWorkload } from "./places.ts";

/** Warnings that ServiceAccounts are not in the input, one for each. */
const unknownAccounts = (decided: readonly DecidedObject[]): readonly Message[] => {
  const first = new Map<string, { readonly decided: DecidedObject; others: number }>();
  for (const one of decided) {
    if (one.isKnown || one.decision.reason !== "service-account-not-found") continue;
    const name = `${one.namespace}/${one.serviceAccount}`;
    const seen = first.get(name);
    if (seen === undefined) first.set(name, { decided: one, others: 0 });
    else seen.others++;
  }
  return [...first].map(([name, { decided: one, others }]) => ({
    severity: "warning",
    place: one.object.place,
    object: showObject(one.object, one.namespace),
    text: `ServiceAccount ${name} is not among the files given with -f; left alone${others === 0 ? "" : ` (and ${others} more that use it)`}`,
    code: "service-account-not-found",
  }));
};

const accountWarnings = (written: WrittenServiceAccount, settings: Settings): readonly Message[] =>
  accountFindings(written, settings)
    .filter(({ severity }) => severity === "warning")
    .map(({ place, message, code }) => ({
      severity: "warning",
      place,
      object: showObject(written.object, written.account.namespace),
      text: message,
      code,
    }));

/** The messages, object by object in the order of the manifests. */
export const decisionMessages = (
  decided: readonly DecidedObject[],
  { serviceAccounts, settings }: ManifestContext,
): readonly Message[] => {
  const ofAccounts = serviceAccounts.written.flatMap((written) => accountWarnings(written, settings));
  const said = new Set(ofAccounts.map(({ text }) => text));
  const repeated = serviceAccounts.repeated.map(
    ({ object, account }): Message => ({
      severity: "warning",
      place: object.place,
      object: showObject(object, account.namespace),
      text: "is there before; this one, the last, counts",
      code: "repeated",
    }),
  );
  const own = decided.flatMap(({ object, namespace, decision }): Message[] => {
    const about = (text: string, field: FieldPath | undefined) => ({
      place: placeInWorkload(object, field),
      object: showObject(object, namespace),
      text,
    });
    const warnings = decision.warnings
      // Once, and not for every workload.
      .filter(({ text }) => !said.has(text))
      .map(({ reason, text, field }): Message => ({ ...about(text, field), severity: "warning", code: reason }));
    if (decision.message === undefined) return warnings;
    return [...warnings, { ...about(decision.message, decision.field), severity: "error", code: decision.reason }];
  });
  return [...repeated, ...ofAccounts, ...own, ...unknownAccounts(decided)];
};

/** What `inject` says on standard error. */
import type { Settings } from "../configuration/settings.ts";
import type { BadObject } from "../manifests/bad-object.ts";
import type { DecidedObject } from "../manifests/decide-template.ts";
import type { ManifestDocument } from "../manifests/document.ts";
import type { InjectedManifests, ManifestContext } from "../manifests/inject-manifests.ts";
import { type ManifestObject, placeAt, showObject, showObjectIn, showQualified } from "../manifests/objects.ts";
import type { WrittenServiceAccount } from "../manifests/service-accounts.ts";
import type { FieldPath } from "../reasons/reasons.ts";
import { MAX_TOLD_PROBLEMS } from "../yaml/limits.ts";
import { accountFindings } from "./lint-findings.ts";
import type { Message } from "./messages.ts";
import { placeInWorkload } from "./places.ts";

/** Warnings that ServiceAccounts are not in the input, one for each. */
const unknownAccounts = (decided: readonly DecidedObject[]): readonly Message[] => {
  const first = new Map<string, { readonly decided: DecidedObject; others: number }>();
  for (const one of decided) {
    if (one.isKnown || one.decision.reason !== "service-account-not-found") continue;
    const name = showQualified(one.namespace, one.serviceAccount);
    const seen = first.get(name);
    if (seen === undefined) first.set(name, { decided: one, others: 0 });
    else seen.others++;
  }
  return [...first].map(([name, { decided: one, others }]) => ({
    severity: "warning",
    place: one.place,
    object: showObjectIn(one.object, one.namespace),
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

/** What the API server would not take, the first of it. */
export const badMessages = (bad: readonly BadObject[], namespace: string): readonly Message[] => {
  const messages = bad.slice(0, MAX_TOLD_PROBLEMS).map(
    ({ object, place, message }): Message => ({
      severity: "error",
      place,
      object: showObjectIn(object, namespace),
      text: message,
    }),
  );
  const next = bad[MAX_TOLD_PROBLEMS];
  if (next === undefined) return messages;
  const rest = (bad.length - MAX_TOLD_PROBLEMS).toLocaleString("en-US");
  return [...messages, { severity: "error", place: next.place, text: `and ${rest} more from here on` }];
};

/** Which objects are not written. */
export const leftOutMessages = (leftOut: ReadonlySet<ManifestObject>, namespace: string): readonly Message[] =>
  [...leftOut].map((object) => ({
    severity: "warning",
    place: object.place,
    object: showObjectIn(object, namespace),
    text: "left out of the output",
  }));

/** Which documents no longer look as their users wrote them. */
export const anewMessages = (documents: readonly ManifestDocument[]): readonly Message[] =>
  documents.map((document) => ({
    severity: "warning",
    place: placeAt(document, []),
    text: "an anchor, an alias, a merge key or a tag is in the way of what is added, so that this document is written anew: its spacing is another, and comments may have moved or gone",
  }));

/** The messages, object by object in the order of the manifests. */
export const decisionMessages = (
  { decided, notices }: InjectedManifests,
  { serviceAccounts, settings, namespace }: ManifestContext,
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
  const ofNotices = notices.map(
    ({ object, place, code, message }): Message => ({
      severity: "warning",
      place,
      object: showObjectIn(object, namespace),
      text: message,
      code,
    }),
  );
  const own = decided.flatMap((one): Message[] => {
    const { object, decision } = one;
    const about = (text: string, field: FieldPath | undefined) => ({
      place: placeInWorkload(one, field),
      object: showObjectIn(object, one.namespace),
      text,
    });
    const warnings = decision.warnings
      // Once, and not for every workload.
      .filter(({ text }) => !said.has(text))
      .map(({ reason, text, field }): Message => ({ ...about(text, field), severity: "warning", code: reason }));
    if (decision.message === undefined) return warnings;
    return [...warnings, { ...about(decision.message, decision.field), severity: "error", code: decision.reason }];
  });
  return [...repeated, ...ofAccounts, ...ofNotices, ...own, ...unknownAccounts(decided)];
};

/** What `inject` says on standard error. */
import type { DecidedObject } from "../manifests/inject-manifests.ts";
import { showObject } from "../manifests/objects.ts";
import type { ServiceAccounts } from "../manifests/service-accounts.ts";
import type { Message } from "./messages.ts";

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

/** The messages, object by object in the order of the manifests. */
export const decisionMessages = (
  decided: readonly DecidedObject[],
  serviceAccounts: ServiceAccounts,
): readonly Message[] => {
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
    const about = { place: object.place, object: showObject(object, namespace) };
    const warnings = decision.warnings.map(
      ({ reason, text }): Message => ({ ...about, severity: "warning", text, code: reason }),
    );
    if (decision.message === undefined) return warnings;
    return [...warnings, { ...about, severity: "error", text: decision.message, code: decision.reason }];
  });
  return [...repeated, ...own, ...unknownAccounts(decided)];
};

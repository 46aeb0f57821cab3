/** What is served in an outage, for people. */
import type { Settings } from "../configuration/settings.ts";
import { servedProviders } from "./inject.ts";
import { clashes } from "./inject-account.ts";

/** One provider in an outage. */
export interface OutageRow {
  readonly provider: string;
  /** Why it is not served; undefined where it is. */
  readonly why: string | undefined;
  /** Others whose paths or variables it shares: a pod that gets both is left to the webhook. */
  readonly notBeside: readonly string[];
}

/** Which providers of `settings` are served in an outage, and why the others are not. */
export const servedInOutage = (settings: Settings): readonly OutageRow[] => {
  const { served, unserved } = servedProviders(settings);
  const pairs = [...clashes(served)].flatMap(([one, others]) => others.map((other) => [one, other] as const));
  const why = new Map(unserved.map((one) => [one.provider.name, one.why]));
  return [...settings.providers.keys()].map((provider) => ({
    provider,
    why: why.get(provider),
    notBeside: pairs.flatMap(([one, other]) => {
      if (one === provider) return [other];
      return other === provider ? [one] : [];
    }),
  }));
};

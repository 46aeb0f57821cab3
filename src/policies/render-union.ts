/** The policies for the time between two configurations. */
import type { Settings } from "../configuration/settings.ts";
import type { Installation } from "./installation.ts";
import { type RenderedPolicies, renderPolicies } from "./render.ts";
import { webhookOnlyRules } from "./rules.ts";
import { commonOf, unionOf } from "./union.ts";

/**
 * Renders policies that refuse only what those of both configurations refuse, and that change only what those of both
 * change in the same way. Both have to have the same annotation prefix.
 */
export const renderUnion = (earlier: Settings, later: Settings, installation: Installation): RenderedPolicies => {
  // Pods that either may refuse are left to the webhook.
  const ofEither = [earlier, later].flatMap(({ policy }) => webhookOnlyRules(policy));
  const webhookOnly = [...new Map(ofEither.map((rule) => [rule.written, rule])).values()];
  const refusing = renderPolicies(unionOf(earlier, later), installation, webhookOnly);
  const changing = renderPolicies(commonOf(earlier, later), installation, webhookOnly);
  const isMutating = ({ kind }: RenderedPolicies["objects"][number]): boolean => kind.startsWith("Mutating");
  const told = new Map(
    [...refusing.notExpressed, ...changing.notExpressed].map((one) => [`${one.policy} ${one.text}`, one] as const),
  );
  return {
    objects: [
      ...refusing.objects.filter((object) => !isMutating(object)),
      ...changing.objects.filter((object) => isMutating(object)),
    ],
    notExpressed: [...told.values()],
  };
};

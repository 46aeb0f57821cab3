/** What the policy `inject` makes of a pod on a real API server, and what the webhook would make of it. */
import type { Settings } from "../../../src/configuration/settings.ts";
import { decide } from "../../../src/decision/decide.ts";
import type { ServiceAccount } from "../../../src/federation/service-account.ts";
import type { Pod } from "../../../src/pod/pod.ts";
import type { Cluster } from "../../cluster/cluster.ts";
import { applied, asPod } from "../../support/pods.ts";

/** The account of the pod without an identity with which every other is compared. */
export const TWIN = "twin";

interface Made {
  readonly kind: string;
  readonly message?: string;
  readonly metadata: { readonly annotations?: object };
  readonly spec: object;
}

/** A pod as far as it is the same for both, without what the API server makes up for each. */
const comparable = ({ metadata, spec }: Made): unknown => {
  const text = JSON.stringify({ annotations: metadata.annotations ?? {}, spec })
    .replace(/"kube-api-access-[a-z0-9]{5}"/g, '"kube-api-access"')
    .replace(/"serviceAccount(Name)?":"[^"]*",?/g, "")
    .replace(/,\}/g, "}");
  return JSON.parse(text, (key, value) =>
    key === "projected" && value !== null && value.defaultMode === undefined ? { ...value, defaultMode: 420 } : value,
  );
};

/** What became of a pod: `served` as the webhook would have, `alone`, refused by the API server, or else both pods. */
export type Outcome = "served" | "alone" | "refused" | { readonly got: unknown; readonly webhook: unknown };

/** Sends `pod` for `account` and compares. */
export const compare = async (
  cluster: Cluster,
  pod: Pod,
  { account, settings }: { readonly account: ServiceAccount; readonly settings: Settings },
): Promise<Outcome> => {
  const send = async (serviceAccountName: string): Promise<Made> => {
    const body = { ...pod, spec: { ...pod.spec, serviceAccountName } };
    const path = `/api/v1/namespaces/${account.namespace}/pods?dryRun=All`;
    return (await cluster.request<Made>("POST", path, body)).body;
  };
  const [twin, got] = [await send(TWIN), await send(account.name)];
  if (twin.kind !== "Pod") return "refused";
  if (got.kind !== "Pod") return { got: got.message, webhook: undefined };
  const before = asPod({ ...twin, spec: { ...twin.spec, serviceAccountName: account.name } });
  const decision = decide({ pod: before, namespace: account.namespace, serviceAccount: account, settings });
  const expected = comparable(applied(before, decision.patch) as unknown as Made);
  const is = (other: unknown) => JSON.stringify(sorted(comparable(got))) === JSON.stringify(sorted(other));
  if (is(comparable(twin))) return "alone";
  if (decision.outcome !== "denied" && is(expected)) return "served";
  return { got: comparable(got), webhook: decision.outcome === "denied" ? decision.message : expected };
};

/** Members in one order, so that texts can be compared. */
const sorted = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, inner]) => [key, sorted(inner)]),
  );
};

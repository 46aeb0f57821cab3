/** What docs/benchmarks.md says of the admission policies. */
import { table } from "../scripts/markdown.ts";

/** One row; times in milliseconds. */
export interface PolicyRow {
  readonly mode: string;
  /** In the pod's namespace. */
  readonly accounts: number;
  readonly isFederated: boolean;
  readonly p50: number;
  readonly slowest: number;
  readonly podsPerSecond: number;
}

/** What was measured. */
export interface PoliciesMeasured {
  readonly version: string;
  readonly rows: readonly PolicyRow[];
  readonly rounds: number;
  readonly seconds: number;
}

/** The text of the part. */
export const policiesText = ({ version, rows, rounds, seconds }: PoliciesMeasured): string => {
  const without = (row: PolicyRow) =>
    rows.find(
      (one) => one.mode === "no policy" && one.accounts === row.accounts && one.isFederated === row.isFederated,
    );
  const added = (row: PolicyRow): string => {
    const base = without(row);
    return base === undefined || base === row ? "" : (row.p50 - base.p50).toFixed(1);
  };
  return `Kubernetes ${version}, no webhook: etcd, kube-apiserver and the client share the machine. Policies of every preset, with
\`policy.tokens\` for lifetimes and audiences; pods of one container, created as dry runs. A *federated* pod gets its
identity inside the API server. *p50* is one request after the other, *pods/s* sixteen at once; medians of ${rounds} rounds of
${seconds} seconds.

${table(
  ["policies", "ServiceAccounts in the namespace", "pod", "p50 ms", "added ms", "slowest round's p50 ms", "pods/s"],
  rows.map((row) => [
    row.mode,
    row.accounts.toLocaleString("en"),
    row.isFederated ? "federated" : "plain",
    row.p50.toFixed(1),
    added(row),
    row.slowest.toFixed(1),
    row.podsPerSecond.toFixed(0),
  ]),
)}`;
};

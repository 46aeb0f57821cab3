/** Which configuration each replica uses, held against the one that it should. */
import type { Facts } from "./facts.ts";
import { valueIn } from "./read.ts";
import { shortDigest } from "./stored-policy.ts";
import { counted, pass, type Verdict, warn } from "./verdict.ts";

interface Used {
  readonly name: string;
  readonly digest: string;
}

/** A line of `/readyz`. */
const LINE = /^\[\+\]configuration ok: (sha256:[0-9a-f]{64})(?:,|$)/;

/** What replicas said; one of an earlier version says nothing. */
const usedBy = ({ states }: Facts): readonly Used[] =>
  states.flatMap(({ name, page }) => {
    const lines = page.kind === "read" ? page.value.lines : [];
    const digest = lines.map((line) => LINE.exec(line)?.[1]).find((one) => one !== undefined);
    return digest === undefined ? [] : [{ name, digest }];
  });

/** The replicas that use another configuration than the installation's. */
export const outdatedReplicas = (facts: Facts): readonly Used[] => {
  const wanted = valueIn(facts.configuration)?.digest;
  return wanted === undefined ? [] : usedBy(facts).filter(({ digest }) => digest !== wanted);
};

/** Undefined where the configuration cannot be used, or no replica says which one it has. */
export const judgeReplicaConfigurations = (facts: Facts): Verdict | undefined => {
  const { digest, origin } = valueIn(facts.configuration) ?? {};
  const used = usedBy(facts);
  if (digest === undefined || used.length === 0) return undefined;
  const outdated = outdatedReplicas(facts);
  const data = { digest, replicas: Object.fromEntries(used.map((one) => [one.name, one.digest])) };
  const subject = counted(used.length, "replica");
  if (outdated.length === 0)
    return pass(`${subject} ${used.length === 1 ? "uses" : "use"} ${origin}, ${shortDigest(digest)}`, { data });
  return warn(
    `${outdated.length} of ${subject} still ${outdated.length === 1 ? "has" : "have"} another configuration than ${origin}, ${shortDigest(digest)}`,
    "Wait up to two minutes, and check again; if it stays, their logs say why.",
    { details: outdated.map((one) => `${one.name}: ${shortDigest(one.digest)}`), data },
  );
};

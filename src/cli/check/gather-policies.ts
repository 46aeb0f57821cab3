/** The installation's policies: by a list, or where that is not allowed, each by its name. */
import type { Facts } from "../../check/facts.ts";
import { policyNames } from "../../check/policies.ts";
import type { Read } from "../../check/read.ts";
import { POLICY_KINDS, readPolicy, type StoredPolicy } from "../../check/stored-policy.ts";
import type { Settings } from "../../configuration/settings.ts";
import type { Asking } from "./questions.ts";

const GROUP = "admissionregistration.k8s.io";
const PATH = `/apis/${GROUP}/v1`;

type Kind = (typeof POLICY_KINDS)[number];

const oneByOne = async (
  { ask }: Asking,
  { kind, resource }: Kind,
  names: readonly string[],
): Promise<Read<readonly StoredPolicy[]>> => {
  const permission = `list ${resource}.${GROUP}`;
  const found: StoredPolicy[] = [];
  const answers = await Promise.all(
    names.map((name) => ask.object({ path: `${PATH}/${resource}/${encodeURIComponent(name)}`, permission })),
  );
  for (const answer of answers) {
    if (answer.kind === "read") found.push(readPolicy(kind, answer.value));
    else if (answer.kind !== "absent") return answer;
  }
  return { kind: "read", value: found };
};

const ofKind = async (asking: Asking, kind: Kind, names: readonly string[]): Promise<Read<readonly StoredPolicy[]>> => {
  const { resource } = kind;
  const all = await asking.ask.list({ path: `${PATH}/${resource}`, permission: `list ${resource}.${GROUP}` });
  if (all.kind === "forbidden") return oneByOne(asking, kind, names);
  if (all.kind !== "read") return all;
  const known = new Set(names);
  return {
    kind: "read",
    value: all.value.map((object) => readPolicy(kind.kind, object)).filter(({ name }) => known.has(name)),
  };
};

/** Asks for all four kinds. An API server without one of them has none of it; without any, `absent`. */
export const gatherPolicies = async (asking: Asking, settings: Settings | undefined): Promise<Facts["policies"]> => {
  if (settings === undefined) return undefined;
  const names = policyNames(asking.installation.name, settings);
  const reads = await Promise.all(POLICY_KINDS.map((kind) => ofKind(asking, kind, names)));
  if (reads.every(({ kind }) => kind === "absent")) return { kind: "absent" };
  const found: StoredPolicy[] = [];
  for (const read of reads) {
    if (read.kind === "read") found.push(...read.value);
    else if (read.kind !== "absent") return read;
  }
  return { kind: "read", value: found };
};

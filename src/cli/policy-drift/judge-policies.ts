/** A reading of the policies, held against the configuration that the server uses. */
import { createHash } from "node:crypto";
import { type Comparison, comparePolicies } from "../../check/policies.ts";
import { type JudgedPolicies, statesOfPolicies } from "../../check/policy-states.ts";
import type { Read } from "../../check/read.ts";
import type { Settings } from "../../configuration/settings.ts";
import type { ObjectQueries } from "../../kube/object-queries.ts";
import { configurationDigest } from "../configuration-digest.ts";
import { readPolicies } from "./read-policies.ts";

/** Whose policies are judged, and by what. */
export interface Judging {
  readonly ask: ObjectQueries;
  /** What the names of all of them begin with. */
  readonly name: string;
  readonly isValidatingOnly: boolean;
  /** Namespaces that they may leave out beside those of the configuration. */
  readonly excluded: readonly string[];
  /** The configuration in use, and as it was written. */
  configuration(): { readonly settings: Settings; readonly written: unknown };
}

const judge = (comparison: Comparison): JudgedPolicies => {
  const policies = comparePolicies(comparison);
  return { states: statesOfPolicies(policies), minor: policies.installation.minor };
};

/** Makes the question; nothing is rendered again where neither the configuration nor what is stored has changed. */
export const createPolicyJudge = (judging: Judging): (() => Promise<Read<JudgedPolicies>>) => {
  const { ask, name, isValidatingOnly, excluded, configuration } = judging;
  let last: { readonly key: string; readonly judged: JudgedPolicies } | undefined;
  return async () => {
    const { settings, written } = configuration();
    const digest = configurationDigest(written);
    const read = await readPolicies(ask, { name, annotationPrefix: settings.annotationPrefix, isValidatingOnly });
    if (read.kind !== "read") return read;
    const key = createHash("sha256")
      .update(JSON.stringify([digest, read.value]))
      .digest("hex");
    if (last?.key !== key)
      last = { key, judged: judge({ ...read.value, name, settings, digest, excluded, isValidatingOnly }) };
    return { kind: "read", value: last.judged };
  };
};

/** The annotations that Podpass writes on a pod: the contents of files, and the list of what was injected. */
import type { Pod } from "../pod/pod.ts";
import { annotationField, type Warning } from "../reasons/reasons.ts";
import { quote } from "../reasons/text.ts";
import { add, type PatchOperation, step } from "./patch.ts";
import type { PodIdentity } from "./pod-identity.ts";

type Annotations = { readonly [key: string]: string };

const annotation = (annotations: Annotations, key: string): string | undefined =>
  Object.hasOwn(annotations, key) ? annotations[key] : undefined;

/** What is written, and what is to be said about it. */
export interface OwnAnnotations {
  readonly values: ReadonlyMap<string, string>;
  readonly warnings: readonly Warning[];
}

/** What of a pod's identities the annotations tell. */
export interface Injected {
  /** Every identity of the pod's ServiceAccount. */
  readonly all: readonly PodIdentity[];
  /** Those that at least one container has. */
  readonly present: readonly PodIdentity[];
  /** Those of them for which something is added now. */
  readonly added: readonly PodIdentity[];
}

/** Does `written` have to become `content`? Where nobody wrote it, only a pod that has the identity needs it. */
const isMissing = (written: string | undefined, content: string, isPresent: boolean): boolean =>
  written === undefined ? isPresent : written !== content;

/**
 * The annotations that are not there yet, or not as they should be. `injectedKey` holds the list of what was added to
 * the pod, now or in an earlier round; it is there on every pod that was decided on, if only with an empty list.
 */
export const ownAnnotations = (pod: Pod, injected: Injected, injectedKey: string, windows: boolean): OwnAnnotations => {
  const { all, present, added } = injected;
  const existing = pod.metadata?.annotations ?? {};
  const values = new Map<string, string>();
  const warnings: Warning[] = [];
  for (const one of all) {
    if (one.identity.files.length === 0) continue;
    for (const [key, content] of one.rendered.fileContents(windows)) {
      const written = annotation(existing, key);
      if (!isMissing(written, content, present.includes(one))) continue;
      values.set(key, content);
      if (written === undefined) continue;
      const text = `pod annotation ${quote(key, 60)} is Podpass' own and was overwritten`;
      warnings.push({ reason: "annotation-overwritten", text, field: annotationField(key) });
    }
  }
  // What an earlier round added is not added again, yet stays on the list, as long as the pod really has it.
  const written = annotation(existing, injectedKey);
  const before = new Set(written?.split(","));
  const names = present
    .filter((one) => added.includes(one) || before.has(one.identity.provider.name))
    .map(({ identity }) => identity.provider.name)
    .join(",");
  if (written !== names) values.set(injectedKey, names);
  return { values, warnings };
};

/** The operations that write `values` into `pod`. */
export const annotationPatch = (pod: Pod, values: ReadonlyMap<string, string>): PatchOperation[] => {
  if (values.size === 0) return [];
  const patch: PatchOperation[] = [];
  if (!pod.metadata) patch.push(add("/metadata", {}));
  if (!pod.metadata?.annotations) patch.push(add("/metadata/annotations", {}));
  for (const [key, value] of values) patch.push(add(`/metadata/annotations/${step(key)}`, value));
  return patch;
};

/**
 * The policies `annotations` and `annotations-bindings`: what Podpass wrote on a pod stays as it is. The content of a file
 * beside a token travels in a pod annotation and says where that token is sent; `downwardAPI` follows the live annotation.
 */
import type { Settings } from "../configuration/settings.ts";
import { ABOUT_POD } from "./account.ts";
import { shown, text } from "./cel.ts";
import type { PolicyInput } from "./installation.ts";
import type { NamedExpression, PolicyDraft } from "./objects.ts";
import { constraints, scopeConditions } from "./scope.ts";
import { BOUNDED } from "./tokens.ts";

/** Is the annotation key `key`, an expression, under the prefix? A key has one slash at most. */
export const isUnderPrefix = (key: string, { annotationPrefix: prefix }: Settings): string =>
  `(${key}.startsWith(${text(`${prefix}/`)}) || ${key}.contains(${text(`.${prefix}/`)}))`;

const annotationsOf = (object: string): string => `${object}.metadata.?annotations.orValue({})`;

/** So many annotations of a binding are looked through; Kubernetes has no bound, not even that of their size. */
const MAX_ANNOTATIONS = 1000;
const COUNT = `${annotationsOf("object")}.size()`;

const CHANGED: NamedExpression = {
  name: "annotations-change",
  expression: `${annotationsOf("object")} != ${annotationsOf("oldObject")}`,
};

/** Does the volume `v` hold a token, and beside it a file for which `condition` over the downwardAPI item `i` holds? */
const beside = (condition: string): string =>
  `has(v.projected) && v.projected.sources != null && v.projected.sources.exists(s, has(s.serviceAccountToken)) && v.projected.sources.exists(s, has(s.downwardAPI) && s.downwardAPI.?items.orValue([]).exists(i, has(i.fieldRef) && ${condition}))`;

/**
 * Keys come from the pod itself: a provider that was taken out of the configuration stays protected. A pod with more than
 * is looked through, which is made only where nothing bounds it, keeps all keys under the prefix.
 */
const isOurs = (settings: Settings): string => {
  const projected = beside("i.fieldRef.fieldPath == 'metadata.annotations[\\'' + k + '\\']'");
  const isFile = `${isUnderPrefix("k", settings)} && (variables.breach != '' || oldObject.spec.?volumes.orValue([]).exists(v, ${projected}))`;
  return `k == ${text(`${settings.annotationPrefix}/injected`)} || (${isFile})`;
};

/** Drafts the policy over updates of pods and of their status. */
export const annotationsPolicy = ({ settings }: PolicyInput): PolicyDraft => {
  const keys = `(${annotationsOf("oldObject")}.map(k, k) + ${annotationsOf("object")}.map(k, k))`;
  const differs = "object.metadata.?annotations[?k] != oldObject.metadata.?annotations[?k]";
  return {
    kind: "validating",
    name: "annotations",
    reason: "What Podpass wrote on a pod says where its tokens are sent; nobody changes it afterwards.",
    spec: {
      matchConstraints: constraints(settings, ["UPDATE"], ["pods", "pods/status"]),
      matchConditions: [CHANGED, ...scopeConditions(settings)],
      variables: [
        ...BOUNDED,
        { name: "changed", expression: `${keys}.filter(k, ${differs})` },
        { name: "ours", expression: `variables.changed.filter(k, ${isOurs(settings)})` },
      ],
      validations: [
        {
          expression: "variables.ours.size() == 0",
          messageExpression: `${ABOUT_POD} + ': annotation ' + ${shown("variables.ours[0]", 320)} + ' is what Podpass wrote when the pod was created, and says where its tokens are sent; allowed: to leave it as it is, or to create the pod anew'`,
        },
      ],
    },
    action: "Deny",
  };
};

/** Drafts the policy over bindings: their annotations overwrite the pod's, and a policy does not see that pod. */
export const bindingAnnotationsPolicy = ({ settings }: PolicyInput): PolicyDraft => ({
  kind: "validating",
  name: "annotations-bindings",
  reason: "A binding's annotations overwrite its pod's; those of Podpass are not a scheduler's to write.",
  spec: {
    matchConstraints: constraints(settings, ["CREATE"], ["bindings", "pods/binding"]),
    matchConditions: [
      { name: "has-annotations", expression: `${annotationsOf("object")}.size() > 0` },
      ...scopeConditions(settings),
    ],
    variables: [
      {
        name: "ours",
        expression: `${COUNT} > ${MAX_ANNOTATIONS} ? [] : ${annotationsOf("object")}.map(k, k).filter(k, ${isUnderPrefix("k", settings)})`,
      },
    ],
    validations: [
      {
        expression: `${COUNT} <= ${MAX_ANNOTATIONS}`,
        messageExpression: `'binding ' + request.namespace + '/' + object.metadata.name + ': it has ' + string(${COUNT}) + ' annotations; allowed: ${MAX_ANNOTATIONS}'`,
      },
      {
        expression: "variables.ours.size() == 0",
        messageExpression: `'binding ' + request.namespace + '/' + object.metadata.name + ': annotation ' + ${shown("variables.ours[0]", 320)} + ' would overwrite what Podpass wrote on the pod; allowed: annotations outside ${settings.annotationPrefix}'`,
      },
    ],
  },
  action: "Deny",
});

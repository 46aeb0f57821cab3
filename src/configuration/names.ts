/** What names, paths and values of a configuration may look like, each with the words for it. */
import { isLongerThan } from "../reasons/characters.ts";

/** A name rule: the pattern, and what it allows in words. */
export interface NameRule {
  readonly pattern: RegExp;
  readonly allowed: string;
}

/**
 * Can `text` be the name of an object, or of a namespace, at the API server? It goes into paths then.
 * @see https://kubernetes.io/docs/concepts/overview/working-with-objects/names/
 */
export const isObjectName = (text: string): boolean => /^[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?$/.test(text);

export const PROVIDER_NAME: NameRule = {
  pattern: /^(?=.{1,40}$)[a-z0-9]([-a-z0-9]*[a-z0-9])?$/,
  allowed: "a DNS label of at most 40 characters: lower-case letters, digits and '-', not first or last",
};

export const PARAMETER_NAME: NameRule = {
  pattern: /^(?=.{1,63}$)[a-z0-9]([-a-z0-9]*[a-z0-9])?$/,
  allowed: "lower-case letters, digits and '-' (not first or last), at most 63 characters",
};

export const ENV_NAME: NameRule = {
  pattern: /^(?=.{1,253}$)[A-Za-z_][-.\w]*$/,
  allowed: "letters, digits, '_', '-' and '.', not first a digit, '-' or '.'",
};

// The name half of an annotation key, since a file's content travels in one.
export const FILE_NAME: NameRule = {
  pattern: /^(?=.{1,63}$)[A-Za-z0-9]([-.\w]*[A-Za-z0-9])?$/,
  allowed: "letters, digits, '-', '_' and '.', first and last a letter or digit, at most 63 characters",
};

// 253 characters of a DNS subdomain, less a provider's 40 and the dot.
export const ANNOTATION_PREFIX: NameRule = {
  pattern: /^(?=.{1,212}$)[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/,
  allowed: "a DNS name of at most 212 characters",
};

/** A key of annotations or labels, as Kubernetes takes it, with a prefix. */
export const NATIVE_KEY: NameRule = {
  pattern: /^(?=.{1,317}$)[a-z0-9]([-a-z0-9.]*[a-z0-9])?\/[A-Za-z0-9]([-.\w]{0,61}[A-Za-z0-9])?$/,
  allowed: "a key of annotations or labels with a prefix, such as vendor.example.com/role",
};

export const NAMESPACE_PATTERN: NameRule = {
  pattern: /^[-a-z0-9*]{1,63}$/,
  allowed: "a namespace's name, in which '*' stands for any run of characters",
};

/** An absolute path without `..`, `:` (Kubernetes forbids it in a mountPath) or `$`. */
export const MOUNT_PATH: NameRule = {
  pattern: /^(?!.*\/\.\.?(\/|$))(\/[^/:$\p{C}]+)+$/u,
  allowed: "an absolute path without '.', '..', ':', '$' and without '/' at its end",
};

export const INI_SECTION: NameRule = {
  pattern: /^(?=.{1,128}$)[A-Za-z0-9_]([-\w .:/@+]*[-\w.:/@+])?$/,
  allowed:
    "letters, digits, blanks and '-', '_', '.', ':', '/', '@', '+', at most 128 characters; no blank first or last",
};

export const INI_KEY: NameRule = {
  pattern: /^(?=.{1,128}$)[A-Za-z0-9_][-.\w]*$/,
  allowed: "letters, digits, '-', '_' and '.', not first '-' or '.', at most 128 characters",
};

/** The longest audience, and the longest value of a parameter that says nothing else, in characters. */
export const MAX_VALUE_LENGTH = 1024;

/** The longest value that a parameter may ask for, in characters: certificates, with room to spare. */
export const MAX_LONG_VALUE_LENGTH = 16_384;

/** Parameter values and audiences: at most `max` characters, none of them a control character. */
export const isPlainValue = (value: string, max: number = MAX_VALUE_LENGTH): boolean =>
  !isLongerThan(value, max) && !/\p{Cc}/u.test(value);

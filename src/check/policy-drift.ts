/** Is a policy in the cluster the one that was rendered? */
import { isJsonObject } from "./json.ts";

/** What the API server fills in where it was left out. */
const DEFAULTS: Readonly<Record<string, unknown>> = {
  failurePolicy: "Fail",
  matchPolicy: "Equivalent",
  namespaceSelector: {},
  objectSelector: {},
  scope: "*",
};

const isEmpty = (value: unknown): boolean =>
  value === undefined || (Array.isArray(value) ? value.length === 0 : isJsonObject(value) && !hasMembers(value));

const hasMembers = (value: object): boolean => Object.keys(value).length > 0;

/** Left out by whoever rendered it, and filled in by nobody but the API server. */
const isDefault = (member: string, stored: unknown): boolean => {
  if (isEmpty(stored)) return true;
  return Object.hasOwn(DEFAULTS, member) && DEFAULTS[member] === stored;
};

const joined = (path: string, member: string): string => (path === "" ? member : `${path}.${member}`);

const differenceOfObjects = (
  rendered: Readonly<Record<string, unknown>>,
  stored: Readonly<Record<string, unknown>>,
  path: string,
): string | undefined => {
  for (const [member, value] of Object.entries(rendered)) {
    const found = firstDifference(
      value,
      Object.hasOwn(stored, member) ? stored[member] : undefined,
      joined(path, member),
    );
    if (found !== undefined) return found;
  }
  const added = Object.keys(stored).find(
    (member) => !Object.hasOwn(rendered, member) && !isDefault(member, stored[member]),
  );
  return added === undefined ? undefined : joined(path, added);
};

const differenceOfLists = (
  rendered: readonly unknown[],
  stored: readonly unknown[],
  path: string,
): string | undefined => {
  if (rendered.length !== stored.length) return path;
  for (const [index, item] of rendered.entries()) {
    const found = firstDifference(item, stored[index], `${path}[${index}]`);
    if (found !== undefined) return found;
  }
  return undefined;
};

/**
 * The path of the first difference between what was rendered and what is stored, or undefined. What the API server fills
 * in is none, nor is an empty list that it leaves out.
 */
export const firstDifference = (rendered: unknown, stored: unknown, path: string): string | undefined => {
  if (rendered === stored) return undefined;
  if (Array.isArray(rendered) && Array.isArray(stored)) return differenceOfLists(rendered, stored, path);
  if (isJsonObject(rendered) && isJsonObject(stored)) return differenceOfObjects(rendered, stored, path);
  // An empty selector is not the same as none, but that the API server keeps.
  return Array.isArray(rendered) && isEmpty(rendered) && stored === undefined ? undefined : path;
};

/** Lists of objects: `List`, and typed ones such as `PodList`, of which kubectl reads one level. */
import { isMapping, type Mapping } from "../yaml/values.ts";
import { member, textMember } from "./kubernetes-yaml.ts";

/** The items of `value`, where it is a list of objects. */
export const listItems = (value: unknown): readonly unknown[] | undefined => {
  const kind = textMember(value, "kind");
  const items = member(value, "items");
  if (kind?.endsWith("List") !== true) return undefined;
  if (Array.isArray(items)) return items;
  return kind === "List" && (items === undefined || items === null) ? [] : undefined;
};

/** A typed list is allowed to leave kind and apiVersion of its items to its own: then `item` with them. */
export const withKind = (item: Mapping, list: Mapping): Mapping => {
  const kind = (textMember(list, "kind") ?? "").slice(0, -"List".length);
  if (kind === "" || textMember(item, "kind") !== undefined) return item;
  const own = [...item].filter(([key]) => key !== "kind" && key !== "apiVersion");
  return new Map([["apiVersion", member(list, "apiVersion")], ["kind", kind], ...own]);
};

/** The objects of `value`: of a list its items, those of lists in it too, else itself. */
export const itemsOf = (value: unknown): readonly unknown[] => {
  const items = listItems(value);
  if (items === undefined || !isMapping(value)) return [value];
  return items.flatMap((item) => itemsOf(isMapping(item) ? withKind(item, value) : item));
};

/** `value`; a list without lists in it. */
export const flatList = (value: unknown): unknown => {
  const items = listItems(value);
  const isNested = items?.some((item) => listItems(item) !== undefined) === true;
  return isNested && isMapping(value) ? new Map([...value, ["items", itemsOf(value)]]) : value;
};

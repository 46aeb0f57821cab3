/** What values.yaml of the chart says of each value: the comment in front of it, and the default. */
import { isMap, isScalar, type Pair, parseDocument, type YAMLMap } from "yaml";

/** One value that may be set. */
export interface ChartValue {
  readonly path: readonly string[];
  readonly description: string;
  readonly initial: unknown;
}

const commentOf = (map: YAMLMap, index: number): string => {
  const { key } = map.items[index] as Pair;
  // The library takes what stands in front of the first key for the mapping's own.
  const own = (isScalar(key) && key.commentBefore) || (index === 0 && map.commentBefore) || "";
  return own.trim().replaceAll(/\s+/g, " ");
};

const hasComments = (map: YAMLMap): boolean => map.items.some((_, index) => commentOf(map, index) !== "");

const valuesOf = (map: YAMLMap, path: readonly string[]): readonly ChartValue[] =>
  map.items.flatMap(({ key, value }, index) => {
    const at = [...path, String(key)];
    if (isMap(value) && hasComments(value)) return valuesOf(value, at);
    const description = commentOf(map, index);
    if (description === "") throw new Error(`values.yaml: ${at.join(".")} has no comment`);
    const initial = isMap(value) || !isScalar(value) ? (value as YAMLMap).toJSON() : value.value;
    return [{ path: at, description, initial }];
  });

/** The values in `text`, in its order. Throws where one has no comment. */
export const readChartValues = (text: string): readonly ChartValue[] => {
  const { contents, errors } = parseDocument(text);
  if (errors[0] !== undefined || !isMap(contents)) throw errors[0] ?? new Error("values.yaml is no mapping");
  return valuesOf(contents, []);
};

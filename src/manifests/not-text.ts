/** The commonest reason why Kubernetes does not take a pod: `value: 8080`, which YAML reads as a number. */
import { isMapping } from "../yaml/values.ts";
import { member } from "./kubernetes-yaml.ts";

type Path = readonly string[];

const itemsOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

const isText = (value: unknown): boolean => value === undefined || value === null || typeof value === "string";

const notTexts = (map: unknown, path: Path): readonly Path[] =>
  isMapping(map) ? [...map].filter(([, value]) => !isText(value)).map(([key]) => [...path, String(key)]) : [];

const inContainers = (containers: unknown, path: Path): readonly Path[] =>
  itemsOf(containers).flatMap((container, index) => [
    ...(isText(member(container, "name")) ? [] : [[...path, String(index), "name"]]),
    ...itemsOf(member(container, "env")).flatMap((variable, at) =>
      isText(member(variable, "value")) ? [] : [[...path, String(index), "env", String(at), "value"]],
    ),
  ]);

/** The paths in a pod at which a text has to be and something else is. */
export const findNotText = (pod: unknown): readonly Path[] => {
  const spec = member(pod, "spec");
  const metadata = member(pod, "metadata");
  return [
    ...notTexts(member(metadata, "labels"), ["metadata", "labels"]),
    ...notTexts(member(metadata, "annotations"), ["metadata", "annotations"]),
    ...notTexts(member(spec, "nodeSelector"), ["spec", "nodeSelector"]),
    ...inContainers(member(spec, "initContainers"), ["spec", "initContainers"]),
    ...inContainers(member(spec, "containers"), ["spec", "containers"]),
  ];
};

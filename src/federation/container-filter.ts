/** Which containers take an identity: the ServiceAccount's filters, narrowed by the pod's, global and per provider. */
import { ACCOUNT_LIMITS } from "../reasons/limits.ts";
import { readList } from "./annotation-keys.ts";

/** One pair of `only-containers` and `skip-containers`. */
export interface ContainerFilter {
  /** Undefined: every container. */
  readonly only: ReadonlySet<string> | undefined;
  readonly skip: ReadonlySet<string>;
}

/** The filter that lets every container through. */
export const NO_FILTER: ContainerFilter = { only: undefined, skip: new Set() };

/** A filter as it was read. */
export interface ReadFilter {
  /** {@link NO_FILTER} where a list is too long, which then is not to be used. */
  readonly filter: ContainerFilter;
  /** Which of the two annotations has more names than are read (`too-many-names`). */
  readonly exceeded: "only-containers" | "skip-containers" | undefined;
}

const EVERY_CONTAINER: ReadFilter = { filter: NO_FILTER, exceeded: undefined };
const { max: MAX_NAMES } = ACCOUNT_LIMITS["too-many-names"];

/** Reads the two annotations; a list without names does not narrow anything. */
export const readFilter = (only: string | undefined, skip: string | undefined): ReadFilter => {
  if (only === undefined && skip === undefined) return EVERY_CONTAINER;
  const onlyList = readList(only ?? "", MAX_NAMES);
  if (onlyList.exceeded) return { filter: NO_FILTER, exceeded: "only-containers" };
  const skipList = readList(skip ?? "", MAX_NAMES);
  if (skipList.exceeded) return { filter: NO_FILTER, exceeded: "skip-containers" };
  const filter = { only: onlyList.names.size === 0 ? undefined : onlyList.names, skip: skipList.names };
  return { filter, exceeded: undefined };
};

/** Does every one of `filters` let `container` through? A name under both `skip` and `only` is skipped. */
export const selects = (filters: readonly ContainerFilter[], container: string): boolean =>
  filters.every((filter) => !filter.skip.has(container) && (filter.only === undefined || filter.only.has(container)));

/** Names in `filters` that are not among `containers`. */
export const unknownNames = (filters: readonly ContainerFilter[], containers: readonly string[]): readonly string[] => {
  if (filters.every((filter) => filter === NO_FILTER)) return [];
  const known = new Set(containers);
  const unknown = new Set<string>();
  for (const { only, skip } of filters) {
    for (const name of only ?? []) if (!known.has(name)) unknown.add(name);
    for (const name of skip) if (!known.has(name)) unknown.add(name);
  }
  return [...unknown];
};

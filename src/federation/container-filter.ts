/** Which containers take an identity: the ServiceAccount's filters, narrowed by the pod's, global and per provider. */
import { readList } from "./annotation-keys.ts";

/** One pair of `only-containers` and `skip-containers`. */
export interface ContainerFilter {
  /** Undefined: every container. */
  readonly only: ReadonlySet<string> | undefined;
  readonly skip: ReadonlySet<string>;
}

/** The filter that lets every container through. */
export const NO_FILTER: ContainerFilter = { only: undefined, skip: new Set() };

/** Reads the two annotations; a list without names does not narrow anything. */
export const readFilter = (only: string | undefined, skip: string | undefined): ContainerFilter => {
  if (only === undefined && skip === undefined) return NO_FILTER;
  const names = only === undefined ? [] : readList(only);
  return {
    only: names.length === 0 ? undefined : new Set(names),
    skip: new Set(skip === undefined ? [] : readList(skip)),
  };
};

/** Does every one of `filters` let `container` through? A name under both `skip` and `only` is skipped. */
export const selects = (filters: readonly ContainerFilter[], container: string): boolean =>
  filters.every((filter) => !filter.skip.has(container) && (filter.only === undefined || filter.only.has(container)));

/** Names in `filters` that are not among `containers`. */
export const unknownNames = (filters: readonly ContainerFilter[], containers: readonly string[]): readonly string[] => {
  if (filters.every((filter) => filter === NO_FILTER)) return [];
  const known = new Set(containers);
  const named = filters.flatMap((filter) => [...(filter.only ?? []), ...filter.skip]);
  return [...new Set(named)].filter((name) => !known.has(name));
};

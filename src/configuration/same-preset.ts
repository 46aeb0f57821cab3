/** Several providers of one preset: each on its own is good, and together they get in each other's way. */
import { list } from "../reasons/text.ts";
import { matchesPattern } from "./patterns.ts";
import type { Notice } from "./problem.ts";
import type { Provider } from "./settings.ts";

const mayMeetIn = (one: Provider, other: Provider): boolean => {
  const [mine, theirs] = [one.allowedNamespaces, other.allowedNamespaces];
  if (mine === undefined || theirs === undefined) return true;
  return mine.some((a) => theirs.some((b) => matchesPattern(a, b) || matchesPattern(b, a)));
};

const saysSo = (one: Provider, other: Provider): boolean =>
  one.conflictsWith.has(other.name) || one.conflictsWith.has(other.preset ?? "");

/** The variables that both set. */
const shared = (one: Provider, other: Provider): readonly string[] => {
  const names = new Set(other.env.map(({ name }) => name));
  return one.env.flatMap(({ name }) => (names.has(name) ? [name] : []));
};

/** Of one preset so many are looked at: every pair is. */
const MAX_COMPARED = 50;

const noticeOf = (providers: readonly Provider[]): Notice | undefined => {
  const met = new Set<string>();
  const variables = new Set<string>();
  providers.forEach((one, index) => {
    for (const other of providers.slice(index + 1)) {
      const names = shared(one, other);
      if (names.length === 0 || saysSo(one, other) || saysSo(other, one) || !mayMeetIn(one, other)) continue;
      for (const { name } of [one, other]) met.add(name);
      for (const name of names) variables.add(name);
    }
  });
  if (met.size === 0) return undefined;
  return {
    // The later one, which makes them two.
    path: ["providers", [...met].at(-1) ?? ""],
    text: `providers ${list([...met], 10)} are of one preset and set ${list([...variables], 2)} alike: of a ServiceAccount that names several, a container gets the first; only-containers and skip-containers give each its own, and conflictsWith warns where one has both`,
    isMeant: true,
  };
};

/**
 * What is to be known of providers of one preset that one ServiceAccount could name. No configuration is refused for it:
 * most such providers are for one ServiceAccount each, and where they are not, containers can be told apart.
 */
export const samePresetNotices = (providers: Iterable<Provider>): readonly Notice[] => {
  const byPreset = new Map<string, Provider[]>();
  for (const provider of providers) {
    if (provider.preset === undefined) continue;
    const others = byPreset.get(provider.preset);
    if (others === undefined) byPreset.set(provider.preset, [provider]);
    else others.push(provider);
  }
  return [...byPreset.values()].flatMap((all) => noticeOf(all.slice(0, MAX_COMPARED)) ?? []);
};

/**
 * What a document holds. In place of the library's own conversion, which looks through the whole document for each alias
 * and follows one that stands inside its own anchor without end.
 */
import { type Alias, isAlias, isMap, isScalar, isSeq, type Node, type Scalar, type YAMLMap, type YAMLSeq } from "yaml";
import { quote } from "../reasons/text.ts";
import { MAX_ALIASED_VALUES } from "./limits.ts";
import type { ReadPair, Targets } from "./nodes.ts";
import type { TextProblem } from "./parse.ts";

/** A value, and how large it is with all that aliases in it stand for. */
interface Weighed {
  readonly value: unknown;
  readonly weight: number;
}

/** Characters of a text that weigh as much as a value. */
const CHARACTERS_PER_WEIGHT = 100;

/** Said of a document that is broken where it has two braces; none of the parser's own words leads there. */
export const TEMPLATE = 'found "{{"; a template is no manifest: render it first, as helm template does';

/** What the aliases of a file may still stand for. */
export interface AliasBudget {
  left: number;
}

/** A new file's budget. */
export const aliasBudget = (): AliasBudget => ({ left: MAX_ALIASED_VALUES });

const NOTHING: Weighed = { value: undefined, weight: 1 };

const offsetOf = (node: Node): number => node.range?.[0] ?? 0;

const isMerge = ({ key }: ReadPair): boolean => isScalar(key) && typeof key.value === "symbol";

class Reader {
  readonly problems: TextProblem[] = [];
  readonly targets = new Map<Alias, Node>();
  private readonly anchors = new Map<string, Node>();
  private readonly read = new Map<Node, Weighed>();
  private readonly budget: AliasBudget;
  private isOverBudget = false;

  constructor(budget: AliasBudget) {
    this.budget = budget;
  }

  node(node: Node | null): Weighed {
    if (node === null) return { value: null, weight: 1 };
    if (isAlias(node)) return this.alias(node);
    const { anchor } = node as Scalar | YAMLMap | YAMLSeq;
    if (anchor !== undefined) this.anchors.set(anchor, node);
    const weighed = this.content(node);
    // An anchor without a value yet is one that is still open.
    if (anchor !== undefined) this.read.set(node, weighed);
    return weighed;
  }

  private content(node: Node): Weighed {
    if (isMap(node)) return this.map(node);
    if (isSeq(node)) return this.list(node);
    return isScalar(node) ? this.scalar(node) : NOTHING;
  }

  private problem(node: Node, message: string): Weighed {
    this.problems.push({ offset: offsetOf(node), message });
    return NOTHING;
  }

  private alias(alias: Alias): Weighed {
    const name = quote(alias.source, 100);
    const target = this.anchors.get(alias.source);
    if (target === undefined)
      return this.problem(alias, `there is no anchor ${name} in front of this alias; allowed: one that is`);
    const weighed = this.read.get(target);
    if (weighed === undefined)
      return this.problem(alias, `this alias stands inside its own anchor ${name}; allowed: one that ends`);
    this.targets.set(alias, target);
    this.budget.left -= weighed.weight;
    if (this.budget.left >= 0) return weighed;
    if (this.isOverBudget) return NOTHING;
    this.isOverBudget = true;
    return this.problem(
      alias,
      `up to here the file's aliases stand for more than ${MAX_ALIASED_VALUES.toLocaleString("en-US")} values; allowed: fewer, or written out`,
    );
  }

  private scalar(node: Scalar): Weighed {
    const { value } = node;
    // `!!merge` where a value is expected.
    if (typeof value === "symbol") return { value: node.source ?? "<<", weight: 1 };
    if (typeof value !== "string") return { value, weight: 1 };
    if (!value.isWellFormed())
      return this.problem(node as Node, "half of a surrogate pair is no character; allowed: both halves");
    return { value, weight: 1 + Math.floor(value.length / CHARACTERS_PER_WEIGHT) };
  }

  private list({ items }: YAMLSeq): Weighed {
    let weight = 1;
    const value = (items as Node[]).map((item) => {
      const weighed = this.node(item);
      weight += weighed.weight;
      return weighed.value;
    });
    return { value, weight };
  }

  private map(map: YAMLMap): Weighed {
    const value = new Map<unknown, unknown>();
    const seen = new Set<string>();
    let weight = 1;
    const start = map.range?.[0] ?? 0;
    for (const pair of map.items as ReadPair[]) {
      // A brace, and its first key is another.
      if (map.flow && isMap(pair.key) && pair.key.range?.[0] === start + 1) this.problem(map, TEMPLATE);
      weight += isMerge(pair) ? this.merge(value, pair) : this.member(value, pair, seen);
    }
    return { value, weight };
  }

  private member(map: Map<unknown, unknown>, pair: ReadPair, seen: Set<string>): number {
    const key = isScalar(pair.key) ? this.node(pair.key).value : undefined;
    if (!isScalar(pair.key))
      this.problem(pair.key, "a list, mapping or alias is no key; allowed: a string or a number");
    // What is written differently and read as one name is one name to Kubernetes.
    else if (seen.has(String(key)))
      this.problem(pair.key, `key ${quote(String(key), 60)} is there twice; allowed: once`);
    else seen.add(String(key));
    const { value, weight } = this.node(pair.value);
    map.set(key, value);
    return 1 + weight;
  }

  /** `<<`: the members of other mappings, where there is none of their name. */
  private merge(map: Map<unknown, unknown>, pair: ReadPair): number {
    const { value, weight } = this.node(pair.value);
    for (const source of Array.isArray(value) ? value : [value]) {
      if (source instanceof Map) for (const [key, item] of source) map.has(key) || map.set(key, item);
      // What an alias without a value stood for has its own problem.
      else if (source !== undefined)
        this.problem(pair.key, "<< merges mappings, and something else is here; allowed: a mapping, or a list of them");
    }
    return 1 + weight;
  }
}

/** The value of `contents`, what its aliases stand for, and what is wrong with it. */
export const readValue = (
  contents: Node | null,
  budget: AliasBudget,
): { readonly value: unknown; readonly targets: Targets; readonly problems: readonly TextProblem[] } => {
  const reader = new Reader(budget);
  const { value } = reader.node(contents);
  return { value, targets: reader.targets, problems: reader.problems };
};

/** The ServiceAccounts in the text of a manifest: YAML or JSON, any number of documents, lists too. */
import { type Document, isDocument, isMap, isNode, isSeq, LineCounter, parseAllDocuments } from "yaml";
import type { ServiceAccount } from "../federation/service-account.ts";
import { messageOf, quote } from "../reasons/text.ts";

/** A ServiceAccount and the line on which it starts. */
export interface ManifestAccount extends ServiceAccount {
  readonly line: number;
}

/** What is wrong, and on which line. */
export interface ManifestProblem {
  readonly line: number;
  readonly message: string;
}

/** What a manifest holds. */
export interface ManifestAccounts {
  readonly accounts: readonly ManifestAccount[];
  readonly problems: readonly ManifestProblem[];
}

type Lines = (offset: number) => number;

/** A mapping as a Map, so that a key such as `__proto__` is a key like any other. */
type Mapping = ReadonlyMap<unknown, unknown>;

const isMapping = (value: unknown): value is Mapping => value instanceof Map;

const offsetOf = (node: unknown): number => (isNode(node) && node.range ? node.range[0] : 0);

class Reader {
  readonly accounts: ManifestAccount[] = [];
  readonly problems: ManifestProblem[] = [];
  private readonly lineOf: Lines;
  private readonly namespace: string;

  constructor(lineOf: Lines, namespace: string) {
    this.lineOf = lineOf;
    this.namespace = namespace;
  }

  readDocument(document: Document): void {
    for (const error of document.errors)
      this.problems.push({ line: this.lineOf(error.pos[0]), message: error.message });
    if (document.errors.length === 0) this.readObject(document, document.contents, undefined);
  }

  /** Reads one object; `kindOfItems` is what a typed list says of those in it. */
  private readObject(document: Document, node: unknown, kindOfItems: string | undefined): void {
    if (!isMap(node)) return;
    const kind = node.get("kind") ?? kindOfItems;
    const apiVersion = node.get("apiVersion") ?? (kindOfItems && "v1");
    if (apiVersion !== "v1") return;
    if (kind === "ServiceAccount") this.readAccount(document, node);
    if (kind !== "List" && kind !== "ServiceAccountList") return;
    const items = node.get("items", true);
    if (!isSeq(items)) return;
    for (const item of items.items)
      this.readObject(document, item, kind === "ServiceAccountList" ? "ServiceAccount" : undefined);
  }

  private readAccount(document: Document, node: { toJS(document: Document, options: object): unknown }): void {
    const line = this.lineOf(offsetOf(node));
    const problem = (message: string) => this.problems.push({ line, message });
    const data = toMaps(document, node);
    if (typeof data === "string") return void problem(data);
    const metadata = isMapping(data) ? data.get("metadata") : undefined;
    if (!isMapping(metadata)) return void problem("the ServiceAccount has no metadata");
    const name = metadata.get("name");
    const namespace = metadata.get("namespace") ?? this.namespace;
    if (typeof name !== "string" || name === "") return void problem("the ServiceAccount's metadata.name is no text");
    if (typeof namespace !== "string" || namespace === "")
      return void problem(`ServiceAccount ${quote(name)}: metadata.namespace is no text`);
    const annotations = this.readAnnotations(metadata.get("annotations"), (message) =>
      problem(`ServiceAccount ${quote(name)}: ${message}`),
    );
    if (annotations !== undefined) this.accounts.push({ namespace, name, annotations, line });
  }

  private readAnnotations(
    written: unknown,
    problem: (message: string) => void,
  ): ReadonlyMap<string, string> | undefined {
    const annotations = new Map<string, string>();
    if (written === undefined || written === null) return annotations;
    if (!isMapping(written)) return void problem("metadata.annotations is no mapping");
    for (const [key, value] of written) {
      if (typeof key === "string" && typeof value === "string") annotations.set(key, value);
      else return void problem(`annotation ${quote(String(key), 100)} is no text; allowed: a value in quotes`);
    }
    return annotations;
  }
}

// Aliases that grow beyond the library's bound, or that are not anchored, are found only here.
const toMaps = (
  document: Document,
  node: { toJS(document: Document, options: object): unknown },
): Mapping | string | undefined => {
  try {
    const data = node.toJS(document, { mapAsMap: true });
    return isMapping(data) ? data : undefined;
  } catch (error) {
    return messageOf(error);
  }
};

/**
 * Reads `text`. Everything that is not a ServiceAccount is passed over; one without a namespace is in `namespace`. YAML
 * is read as kubectl does it, by version 1.1, where an unquoted `yes` is no text.
 */
export const serviceAccountsIn = (text: string, namespace = "default"): ManifestAccounts => {
  const lines = new LineCounter();
  const documents = parseAllDocuments(text, { lineCounter: lines, prettyErrors: false, version: "1.1" });
  const reader = new Reader((offset) => Math.max(lines.linePos(offset).line, 1), namespace);
  for (const document of documents) if (isDocument(document)) reader.readDocument(document);
  return { accounts: reader.accounts, problems: reader.problems };
};

/** The ServiceAccounts in the text of a manifest: YAML or JSON, any number of documents, lists too. */
import type { Node } from "yaml";
import type { ServiceAccount } from "../federation/service-account.ts";
import { member, READ_OPTIONS } from "../manifests/kubernetes-yaml.ts";
import { quote } from "../reasons/text.ts";
import { Lines, type TextPlace } from "../yaml/lines.ts";
import { stepInto } from "../yaml/nodes.ts";
import { readYaml, toldProblems, type YamlDocument } from "../yaml/read.ts";
import { isMapping, type Mapping } from "../yaml/values.ts";

/** A ServiceAccount and where it starts. */
export interface ManifestAccount extends ServiceAccount, TextPlace {}

/** What is wrong, and where. */
export interface ManifestProblem extends TextPlace {
  readonly message: string;
}

/** What a manifest holds. */
export interface ManifestAccounts {
  readonly accounts: readonly ManifestAccount[];
  readonly problems: readonly ManifestProblem[];
}

/** A value and where it is written. */
interface Written {
  readonly value: unknown;
  readonly node: Node | undefined;
}

class Reader {
  readonly accounts: ManifestAccount[] = [];
  readonly problems: ManifestProblem[] = [];
  private readonly lines: Lines;
  private readonly namespace: string;

  constructor(lines: Lines, namespace: string) {
    this.lines = lines;
    this.namespace = namespace;
  }

  readDocument(document: YamlDocument): void {
    const { value, parsed, problems } = document;
    if (problems.length === 0) this.readObject(document, { value, node: parsed.contents ?? undefined }, undefined);
  }

  /** Reads one object; `kindOfItems` is what a typed list says of those in it. */
  private readObject(document: YamlDocument, { value, node }: Written, kindOfItems?: string): void {
    if (!isMapping(value)) return;
    const kind = member(value, "kind") ?? kindOfItems;
    const apiVersion = member(value, "apiVersion") ?? (kindOfItems && "v1");
    if (apiVersion !== "v1") return;
    if (kind === "ServiceAccount") this.readAccount(value, this.lines.placeOf(node?.range?.[0] ?? 0));
    if (kind !== "List" && kind !== "ServiceAccountList") return;
    const { targets } = document;
    const items = member(value, "items");
    if (!Array.isArray(items)) return;
    const list = stepInto(node, "items", targets).node;
    for (const [index, item] of items.entries()) {
      const written = { value: item, node: stepInto(list, String(index), targets).node };
      this.readObject(document, written, kind === "List" ? undefined : "ServiceAccount");
    }
  }

  private readAccount(account: Mapping, place: TextPlace): void {
    const problem = (message: string) => this.problems.push({ ...place, message });
    const metadata = member(account, "metadata");
    if (!isMapping(metadata)) return void problem("the ServiceAccount has no metadata");
    const name = metadata.get("name");
    const namespace = metadata.get("namespace") ?? this.namespace;
    if (typeof name !== "string" || name === "") return void problem("the ServiceAccount's metadata.name is no text");
    if (typeof namespace !== "string" || namespace === "")
      return void problem(`ServiceAccount ${quote(name)}: metadata.namespace is no text`);
    const annotations = this.readAnnotations(metadata.get("annotations"), (message) =>
      problem(`ServiceAccount ${quote(name)}: ${message}`),
    );
    if (annotations !== undefined) this.accounts.push({ namespace, name, annotations, ...place });
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

/**
 * Reads `text`. Everything that is not a ServiceAccount is passed over; one without a namespace is in `namespace`. YAML
 * is read as kubectl does it, by version 1.1, where an unquoted `yes` is no text.
 */
export const serviceAccountsIn = (text: string, namespace = "default"): ManifestAccounts => {
  const lines = new Lines(text);
  const { documents, problem } = readYaml(text, READ_OPTIONS);
  const reader = new Reader(lines, namespace);
  for (const document of documents) reader.readDocument(document);
  const broken = toldProblems([...(problem ? [problem] : []), ...documents.flatMap(({ problems }) => problems)]);
  const ofText = broken.map(({ offset, message }) => ({ ...lines.placeOf(offset), message }));
  return { accounts: reader.accounts, problems: [...ofText, ...reader.problems] };
};

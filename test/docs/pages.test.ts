import { existsSync, readdirSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { describe, expect, it } from "vitest";
import { parseAllDocuments } from "yaml";
import { RESERVED_KEYS } from "../../src/configuration/annotation-keys.ts";
import { readConfiguration, showProblems } from "../../src/configuration/read.ts";
import type { Settings } from "../../src/configuration/settings.ts";
import { resolveFederation } from "../../src/federation/federation.ts";
import { presets } from "../../src/providers/catalog.generated.ts";
import { anchorsOf, blocksOf, linksOf, pages, root, textOf } from "./markdown.ts";

const HEADER = "apiVersion: podpass.dev/v1alpha1\nkind: Configuration\n";

interface Document {
  readonly page: string;
  readonly line: number;
  readonly text: string;
  readonly value: Readonly<Record<string, unknown>>;
}

const isMapping = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Every mapping in a YAML block, and the page and line it is on. */
const documents: readonly Document[] = pages.flatMap((page) =>
  blocksOf(textOf(page))
    .filter(({ language }) => language === "yaml")
    .flatMap(({ text, line }) => {
      const parsed = parseAllDocuments(text, { uniqueKeys: true });
      return ("empty" in parsed ? [] : parsed).map((document) => {
        expect(document.errors, `${page}:${line}`).toEqual([]);
        return { page, line, text: text.slice(document.range[0], document.range[1]), value: document.toJS() };
      });
    })
    .filter(({ value }) => isMapping(value)),
);

/** Whole configurations, and parts of one, which begin with `providers` or `policy`. */
const isConfiguration = ({ value }: Document): boolean => value["kind"] === "Configuration" || isPart(value);
const isPart = (value: Document["value"]): boolean =>
  Object.keys(value).every((key) => ["annotationPrefix", "providers", "policy"].includes(key));

const read = (document: Document) => readConfiguration((isPart(document.value) ? HEADER : "") + document.text);

const settingsOf = (text: string): Settings => {
  const result = readConfiguration(text);
  if (!result.ok) throw new Error(showProblems("", result.problems));
  return result.settings;
};

const configurations = documents.filter(isConfiguration);
const accounts = documents.filter(({ value }) => value["kind"] === "ServiceAccount");
const onlyPresets = settingsOf(HEADER);
const example = settingsOf(textOf("examples/configuration.yaml"));

describe("the documentation", () => {
  it("has configurations and ServiceAccounts to check", () => {
    expect(configurations.length).toBeGreaterThan(5);
    expect(accounts.length).toBeGreaterThan(presets.length);
  });

  it.each(configurations)("has a valid configuration at $page:$line", (document) => {
    const result = read(document);
    expect(result.ok ? "" : showProblems(document.page, result.problems)).toBe("");
  });

  it.each(accounts)("has a ServiceAccount that works at $page:$line", ({ page, value }) => {
    const metadata = value["metadata"] as { name: string; namespace?: string; annotations: Record<string, string> };
    const account = {
      name: metadata.name,
      namespace: metadata.namespace ?? "production",
      annotations: new Map(Object.entries(metadata.annotations)),
    };
    // Under the presets alone, the example's configuration, or one that the same page shows.
    const ofPage = configurations
      .filter((document) => document.page === page)
      .flatMap((document) => {
        const result = read(document);
        return result.ok ? [result.settings] : [];
      });
    const findings = [onlyPresets, example, ...ofPage].map((settings) => {
      const { isFederated, problems, warnings } = resolveFederation(account, settings);
      expect(isFederated).toBe(true);
      return [...problems, ...warnings].map(({ text }) => text);
    });
    expect(findings.some((texts) => texts.length === 0) ? [] : findings).toEqual([]);
  });

  it.each(pages)("has no dead link in %s", (page) => {
    const dead = linksOf(textOf(page))
      .filter((target) => !/^[a-z]+:/.test(target))
      .filter((target) => {
        const [path = "", anchor] = target.split("#");
        const file = path === "" ? page : normalize(join(dirname(page), path));
        if (!existsSync(join(root, file))) return true;
        return anchor !== undefined && !anchorsOf(textOf(file)).has(anchor);
      });
    expect(dead).toEqual([]);
  });

  it.each(pages)("names no file of the checkout that is not there, in %s", (page) => {
    const named = [...textOf(page).matchAll(/`((?:src|test|scripts|docs|examples|schema|charts|deploy)\/[\w./-]+)`/g)];
    const missing = named.map(([, path = ""]) => path).filter((path) => !existsSync(join(root, path)));
    expect(missing).toEqual([]);
  });

  it("names every folder of the source in the architecture", () => {
    const folders = readdirSync(join(root, "src"), { withFileTypes: true }).filter((entry) => entry.isDirectory());
    const page = textOf("docs/architecture.md");
    expect(folders.map(({ name }) => `\`src/${name}\``).filter((name) => !page.includes(name))).toEqual([]);
  });

  it("has the help of every command", () => {
    const page = textOf("docs/cli.md");
    const commands = [...page.matchAll(/^ {2}([a-z]+) \[/gm)].map(([, name]) => name).filter((name) => name !== "help");
    expect(commands).toContain("serve");
    expect(commands.filter((name) => !page.includes(`<!-- begin generated: podpass ${name} -->`))).toEqual([]);
  });

  it("names every preset in the README", () => {
    const readme = textOf("README.md");
    expect(presets.map(({ name }) => name).filter((name) => !readme.includes(`(docs/presets.md#${name})`))).toEqual([]);
  });

  it("explains every annotation key", () => {
    const page = textOf("docs/annotations.md");
    expect(RESERVED_KEYS.filter((key) => !page.includes(`/${key}`))).toEqual([]);
  });
});

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parse, stringify } from "yaml";
import { compileConfiguration } from "../../src/configuration/compile.ts";
import { readManifest } from "../../src/manifests/document.ts";
import { injectManifests } from "../../src/manifests/inject-manifests.ts";
import { objectsIn } from "../../src/manifests/objects.ts";
import { rewrite } from "../../src/manifests/rewrite.ts";
import { collectServiceAccounts } from "../../src/manifests/service-accounts.ts";

const compiled = compileConfiguration({});
if (!compiled.ok) throw new Error("the presets are not valid");
const { settings } = compiled;

const ACCOUNT = `apiVersion: v1
kind: ServiceAccount
metadata:
  name: s
  annotations:
    podpass.dev/federate: aws
    aws.podpass.dev/role-arn: arn:aws:iam::123456789012:role/r
`;

/** The last document of `text` with what is injected into it, in place. */
const injected = (text: string): string => {
  const { documents } = readManifest("t.yaml", `${ACCOUNT}---\n${text}`).file;
  const objects = documents.flatMap(objectsIn);
  const serviceAccounts = collectServiceAccounts(objects, "default");
  const { additions } = injectManifests(objects, { settings, serviceAccounts, namespace: "default" });
  const last = documents.at(-1);
  if (last === undefined || !additions.has(last)) throw new Error("nothing is injected");
  const { text: written, isAnew } = rewrite(last, { additions: additions.get(last) ?? [], removals: [] });
  expect(isAnew).toBe(false);
  return written.replace(/^---\n/, "");
};

/** Ends a mapping, or a list, with an entry that is commented out later. */
const marks = fc.integer({ min: 0, max: 2 });
const markedList = <T>(items: fc.Arbitrary<T[]>) =>
  fc.tuple(items, marks).map(([own, count]) => [...own, ...Array.from({ length: count }, () => "MARK")]);
const markedMap = <T extends object>(map: fc.Arbitrary<T>) =>
  fc.tuple(map, marks).map(([own, count]) => ({
    ...own,
    ...Object.fromEntries(Array.from({ length: count }, (_, index) => [`MARK${index}`, "x"])),
  }));

const word = fc.stringMatching(/^[a-z]{1,6}$/);
const some = <T>(value: fc.Arbitrary<T>, maxLength = 2) => markedList(fc.array(value, { maxLength }));
const named = <T extends object>(rest: (name: string) => T) => markedMap(word.map((name) => ({ name, ...rest(name) })));
const container = markedMap(
  fc.record(
    {
      name: word,
      args: some(word),
      env: some(named(() => ({ value: "1" }))),
      volumeMounts: some(named((name) => ({ mountPath: `/${name}` }))),
      text: fc.constant("a\nb\n"),
    },
    { requiredKeys: ["name"] },
  ),
);
const template = markedMap(
  fc.record(
    {
      metadata: markedMap(
        fc.record(
          { labels: markedMap(fc.constant({ app: "a" })), annotations: markedMap(fc.constant({ own: "a" })) },
          { requiredKeys: [] },
        ),
      ),
      spec: markedMap(
        fc.record(
          {
            serviceAccountName: fc.constant("s"),
            volumes: some(named(() => ({ emptyDir: {} }))),
            containers: markedList(
              fc.uniqueArray(container, {
                minLength: 1,
                maxLength: 2,
                selector: (one) => (one as { name: string }).name,
              }),
            ),
          },
          { requiredKeys: ["serviceAccountName", "containers"] },
        ),
      ),
    },
    { requiredKeys: ["spec"] },
  ),
);

/** `text` with the marked entries in comments, each under a name of its own. */
const commentedOut = (text: string, between: string): string => {
  let count = 0;
  return text.replace(/^( *)(?:- MARK|MARK\d: x)$/gm, (entry, indent: string) => {
    const name = `m${count++}`;
    return `${between}${indent}# ${entry.trim().replace(/MARK\d?/, name)}`;
  });
};

const takenIn = (text: string): string => text.replace(/^( *)# ((?:- )?m\d+(?:: x)?)$/gm, "$1$2");

/** Where each marked entry is: in which list or mapping, of which container or volume. */
const placesOf = (value: unknown, path: string, places: Map<string, string>): Map<string, string> => {
  if (typeof value === "string" && /^m\d+$/.test(value)) places.set(value, path);
  if (typeof value !== "object" || value === null) return places;
  for (const [key, item] of Object.entries(value)) {
    if (/^m\d+$/.test(key)) places.set(key, path);
    const step = Array.isArray(value) ? ((item as { name?: string } | null)?.name ?? "item") : key;
    placesOf(item, `${path}/${step}`, places);
  }
  return places;
};

/** How nothing is written under a key in column `at`, with comments. */
const EMPTY: readonly ((key: string, at: string, brackets: string) => string)[] = [
  (key) => `${key}:   # c`,
  (key, at) => `${key}: # c\n${at}# d\n${at}  # e`,
  (key, at) => `${key}:  # c\n\n${at}  # d\n${at}# e`,
  (key, at) => `${key}:\n${at}    # d`,
  (key) => `${key}: &${key} # c`,
  (key, at) => `${key}: &${key}\n${at}  # d`,
  (key, at) => `${key}: ~ # c\n${at}  # d`,
  (key) => `${key}: null # c`,
  (key, at) => `${key}:\n${at}  # d\n${at}  ~ # c`,
  (key, at, [open, close]) => `${key}: ${open}${close} # c\n${at}  # d`,
  (key, at, [open, close]) => `${key}: ${open} # c\n${at}  ${close} # d`,
  (key, at, [open, close]) => `${key}:\n${at}  # c\n${at}  ${open}${close} # d`,
  (key, at, [open, close]) => `${key}:   ${open} # c\n${at}    # d\n\n${at}  ${close}`,
  (key, at, [open, close]) => `? ${key} # c\n${at}: # d\n${at}  ${open} # e\n${at}  ${close}`,
];
const empty = fc.integer({ min: 0, max: EMPTY.length - 1 }).map((shape) => `EMPTY${shape}`);
const other = fc.constant({ own: "a" });
const emptyContainer = fc.record({ env: empty, name: word, args: fc.constant(["a"]), volumeMounts: empty });
const templateOfEmpty = fc.record({
  metadata: fc.oneof(empty, fc.record({ labels: other, annotations: empty }), fc.record({ annotations: empty })),
  spec: fc.record({
    volumes: empty,
    containers: fc.uniqueArray(emptyContainer, { minLength: 1, maxLength: 2, selector: ({ name }) => name }),
    serviceAccountName: fc.constant("s"),
  }),
});

const withEmpty = (text: string): string =>
  text.replace(/^([ -]*)(\w+): EMPTY(\d+)$/gm, (_, lead: string, key: string, shape: string) => {
    const brackets = key === "metadata" || key === "annotations" ? "{}" : "[]";
    return lead + (EMPTY[Number(shape)]?.(key, " ".repeat(lead.length), brackets) ?? "");
  });

/** The lines of `text`, without the words that mean nothing. */
const linesOf = (text: string): readonly string[] =>
  text.split("\n").map((line) => line.replace(/(?:(?<=:) *)?(?:~|null|\[\]|\{\})(?= #|$)/, ""));

describe("values that are empty but for comments", () => {
  it("are filled, and every line stays, in its order", () => {
    fc.assert(
      fc.property(
        templateOfEmpty,
        fc.record({
          indent: fc.constantFrom(2, 4),
          indentSeq: fc.boolean(),
          compat: fc.constant("yaml-1.1" as const),
        }),
        fc.constantFrom("\n", "\r\n"),
        (value, options, eol) => {
          const deployment = { apiVersion: "apps/v1", kind: "Deployment", spec: { template: value } };
          const source = withEmpty(stringify(deployment, options)).replaceAll("\n", eol);
          const written = injected(source);
          let left = linesOf(written.replaceAll(eol, "\n"));
          for (const line of linesOf(source.replaceAll(eol, "\n"))) {
            expect(left).toContain(line);
            left = left.slice(left.indexOf(line) + 1);
          }
        },
      ),
      { numRuns: 300 },
    );
  });
});

describe("entries that are commented out", () => {
  it("are where they were when the # is taken away after an injection", () => {
    fc.assert(
      fc.property(
        template,
        fc.record({
          indent: fc.constantFrom(2, 4),
          indentSeq: fc.boolean(),
          lineWidth: fc.constant(0),
          compat: fc.constant("yaml-1.1" as const),
        }),
        fc.constantFrom("", "\n"),
        fc.constantFrom("", " # of all"),
        (value, options, between, behindKeys) => {
          const deployment = { apiVersion: "apps/v1", kind: "Deployment", spec: { template: value } };
          const source = commentedOut(stringify(deployment, options), between).replace(/:$/gm, `:${behindKeys}`);
          const before = placesOf(parse(takenIn(source)), "", new Map());
          const after = placesOf(parse(takenIn(injected(source))), "", new Map());
          expect(after).toEqual(before);
        },
      ),
      { numRuns: 300 },
    );
  });
});

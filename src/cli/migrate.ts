/** `podpass migrate`: vendors' keys and hand-written tokens in manifests, as ours. */

import { type ReplacedFile, replaceFiles } from "../files/replace-files.ts";
import { describeError } from "../kube/error-chain.ts";
import { documentText, type ManifestDocument, type ManifestFile, separatorBefore } from "../manifests/document.ts";
import { placeAt, showObjectIn } from "../manifests/objects.ts";
import type { Rewritten } from "../manifests/rewrite.ts";
import type { MigrationSettings } from "../migration/migrate-account.ts";
import { type MigratedManifests, type MigrationMessage, migrateManifests } from "../migration/migrate-manifests.ts";
import { line } from "../reasons/text.ts";
import { BadInput, EXIT } from "./exit-codes.ts";
import { asDiff } from "./inject-diff.ts";
import { badMessages } from "./inject-messages.ts";
import { type Message, showMessage } from "./messages.ts";
import { type FoundConfiguration, findConfiguration, requireSettings, withNativeAnnotations } from "./settings.ts";
import { readSources } from "./sources.ts";
import type { Output, Terminal } from "./terminal.ts";

/** The command's options. */
export interface MigrateOptions {
  readonly filename: readonly string[];
  readonly config?: string;
  readonly namespace: string;
  readonly output: "diff" | "yaml";
  /** Change the files. */
  readonly write?: boolean;
  /** Leave the vendors' keys beside ours. */
  readonly keep?: boolean;
  /** Write what can be migrated even where something cannot. */
  readonly keepGoing?: boolean;
}

const messageOf = ({ object, path, severity, text, key }: MigrationMessage, namespace: string): Message => ({
  severity,
  place:
    key === undefined
      ? object.place
      : placeAt(object.document, [...object.path, ...path, "metadata", "annotations", key]),
  object: showObjectIn(object, namespace),
  text,
});

type Rewrite = (document: ManifestDocument) => Rewritten;

const textOf = ({ documents, text }: ManifestFile, rewritten: Rewrite): string =>
  documents.length === 0 ? text : documents.map((document) => rewritten(document).text).join("");

/** All files one after the other, each as it is but for what is changed. */
const asYaml = (files: readonly ManifestFile[], rewritten: Rewrite): string => {
  const parts: string[] = [];
  for (const file of files) {
    const text = textOf(file, rewritten);
    if (text === "") continue;
    const last = parts.at(-1);
    if (last !== undefined) parts.push(`${last.endsWith("\n") ? "" : "\n"}${separatorBefore(file.documents[0])}`);
    parts.push(last === undefined ? text : text.replace(/^\uFEFF/, ""));
  }
  return parts.join("");
};

const writeFiles = async (files: readonly ManifestFile[], rewritten: Rewrite, err: Output): Promise<void> => {
  // A file can be named twice.
  const byPath = new Map(files.map((file) => [file.name, file]));
  const changed: ReplacedFile[] = [...byPath.values()]
    .map((file) => ({ path: file.name, before: file.text, after: textOf(file, rewritten) }))
    .filter(({ before, after }) => before !== after);
  try {
    await replaceFiles(changed);
  } catch (error) {
    throw new BadInput(line(`the files cannot be written: ${describeError(error)}`, 1000));
  }
  for (const { path } of changed) err.write(`${line(path, 500)}: changed\n`);
};

const nothingWritten = (count: number): string =>
  `podpass: nothing is written, since ${count === 1 ? "one thing" : `${count} things`} could not be migrated; --keep-going writes the rest\n`;

const exitCode = ({ bad }: MigratedManifests, errors: number): number => {
  if (bad.length > 0) return EXIT.badInput;
  return errors > 0 ? EXIT.violation : EXIT.done;
};

/** With vendors' keys read, of the providers that the configuration names or else of all, and without. */
const settingsOf = (found: FoundConfiguration): Pick<MigrationSettings, "before" | "after"> => {
  const settings = requireSettings(found);
  const isNative = [...settings.providers.values()].some(({ native }) => native.length > 0);
  return {
    before: isNative ? settings : requireSettings(withNativeAnnotations(found, true)),
    after: requireSettings(withNativeAnnotations(found, false)),
  };
};

/** Runs the command; returns the exit code. */
export const migrate = async (options: MigrateOptions, terminal: Terminal): Promise<number> => {
  const { namespace, write = false, keep = false, keepGoing = false } = options;
  if (write && options.filename.includes("-")) throw new BadInput("--write: standard input is no file; use -o yaml");
  const { out, err } = terminal;
  const { files, objects } = await readSources(options.filename, terminal);
  const found = await findConfiguration(options.config, { files, objects }, terminal);
  const settings = { ...settingsOf(found), keep };
  const migrated = migrateManifests(objects, settings, namespace);
  const told = migrated.messages.map((message) => messageOf(message, namespace));
  for (const message of [...badMessages(migrated.bad, namespace), ...told]) err.write(showMessage(message, err));
  const errors = told.filter(({ severity }) => severity === "error").length;
  const left = errors + migrated.bad.length;
  if (left > 0 && !keepGoing) err.write(nothingWritten(left));
  else {
    const rewritten: Rewrite = (document) =>
      migrated.rewritten.get(document) ?? { text: documentText(document), edits: [], isAnew: false };
    if (write) await writeFiles(files, rewritten, err);
    else out.write(options.output === "diff" ? asDiff(files, rewritten, namespace, out) : asYaml(files, rewritten));
  }
  return exitCode(migrated, errors);
};

/** The configuration file: read at the start, and again whenever it changes; what is wrong with it replaces nothing. */
import { compileConfiguration } from "../configuration/compile.ts";
import { readConfiguration, showProblems } from "../configuration/read.ts";
import type { Settings } from "../configuration/settings.ts";
import { line, messageOf } from "../reasons/text.ts";
import { showUnread, textOfFile } from "./bounded-text.ts";
import { type Watcher, type WatchTiming, watchPaths } from "./watch.ts";

/** Settings, and what they were read from as plain values; or every problem of the file, one a line. */
export type LoadedConfiguration =
  | { readonly ok: true; readonly settings: Settings; readonly written: unknown }
  | { readonly ok: false; readonly problems: string };

interface Source {
  /** Undefined: no file, every preset under its own name. */
  readonly path: string | undefined;
  /** Podpass' own namespace. */
  readonly namespace: string | undefined;
}

const readText = async (path: string): Promise<{ readonly text: string } | { readonly problems: string }> => {
  try {
    const read = await textOfFile(path);
    return "text" in read ? read : { problems: line(showUnread(path, read), 1000) };
  } catch (error) {
    return { problems: `${path}: the file cannot be read: ${messageOf(error)}` };
  }
};

const judge = (path: string, text: string, namespace: string | undefined): LoadedConfiguration => {
  const read = readConfiguration(text, { ownNamespace: namespace });
  return read.ok ? read : { ok: false, problems: showProblems(path, read.problems) };
};

/** A configuration in use. */
export interface LiveConfiguration {
  settings(): Settings;
  /** The same as it was written: policies name it by its digest. */
  written(): unknown;
  /** Tells of each changed file: what it holds from now on, or what is wrong with it. */
  watch(onReload: (loaded: LoadedConfiguration) => void, timing?: WatchTiming): Promise<Watcher>;
}

const presetsOnly = (namespace: string | undefined): Settings => {
  const compiled = compileConfiguration({}, namespace);
  if (!compiled.ok) throw new Error("the presets alone are not a valid configuration");
  return compiled.settings;
};

const NOTHING_TO_WATCH: Watcher = { close: () => {} };

/** Reads the configuration for the first time. */
export const openConfiguration = async ({
  path,
  namespace,
}: Source): Promise<
  { readonly ok: true; readonly configuration: LiveConfiguration } | Extract<LoadedConfiguration, { ok: false }>
> => {
  if (path === undefined) {
    const settings = presetsOnly(namespace);
    return {
      ok: true,
      configuration: { settings: () => settings, written: () => ({}), watch: async () => NOTHING_TO_WATCH },
    };
  }
  const first = await readText(path);
  if ("problems" in first) return { ok: false, ...first };
  const loaded = judge(path, first.text, namespace);
  if (!loaded.ok) return loaded;

  let current: Pick<typeof loaded, "settings" | "written"> = loaded;
  let seen: string | undefined = first.text;
  const reload = async (onReload: (loaded: LoadedConfiguration) => void) => {
    const read = await readText(path);
    if ("problems" in read) {
      seen = undefined;
      onReload({ ok: false, problems: read.problems });
      return;
    }
    // Touched, or swapped by a volume of which another file changed.
    if (read.text === seen) return;
    seen = read.text;
    const next = judge(path, read.text, namespace);
    if (next.ok) current = next;
    onReload(next);
  };
  const watch: LiveConfiguration["watch"] = (onReload, timing) => watchPaths([path], () => reload(onReload), timing);
  return { ok: true, configuration: { settings: () => current.settings, written: () => current.written, watch } };
};

/** The text of a configuration that an option names: a file, `-`, or the chart's ConfigMap in either. */
import { readManifest } from "../manifests/document.ts";
import { member, textMember } from "../manifests/kubernetes-yaml.ts";
import { readText } from "./sources.ts";
import type { Terminal } from "./terminal.ts";

/** The configuration of the chart's ConfigMap in `text`, else `text` itself. */
const configurationIn = (name: string, text: string): string => {
  for (const { value } of readManifest(name, text).file.documents) {
    const inMap = textMember(member(value, "data"), "configuration.yaml");
    if (textMember(value, "kind") === "ConfigMap" && inMap !== undefined) return inMap;
  }
  return text;
};

/**
 * Reads the configuration at `path`. `name` is for messages; lines are those of the configuration itself. Throws
 * {@link BadInput} where it cannot be read.
 */
export const readConfigurationText = async (
  path: string,
  terminal: Terminal,
): Promise<{ readonly name: string; readonly text: string }> => {
  const name = path === "-" ? "(stdin)" : path;
  const text = (path === "-" ? await terminal.readStdin() : await readText(path)).replace(/^\uFEFF/, "");
  return { name, text: configurationIn(name, text) };
};

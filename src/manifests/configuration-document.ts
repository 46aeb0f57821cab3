/** A Podpass configuration among manifests. */
import { documentText, type ManifestDocument } from "./document.ts";
import { textMember } from "./kubernetes-yaml.ts";

/** Is the document a Podpass configuration, of whatever version? It is no object of Kubernetes. */
export const isConfiguration = ({ value }: ManifestDocument): boolean =>
  textMember(value, "kind") === "Configuration" && textMember(value, "apiVersion")?.startsWith("podpass.dev/") === true;

/** The document's text with its lines where they are in the file, so that messages point there. */
export const textInPlace = (document: ManifestDocument): string => {
  const before = document.file.text.slice(0, document.start);
  return "\n".repeat(before.split("\n").length - 1) + documentText(document);
};

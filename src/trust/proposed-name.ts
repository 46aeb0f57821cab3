/** Names that are proposed for what a provider is told of: one for each cluster, and one for each ServiceAccount. */
import { createHash } from "node:crypto";

/** So many characters every provider takes; Entra, which is the strictest that says so, takes 120. */
const MAX_LENGTH = 60;
/** Hexadecimal digits, four bits each. */
const DIGEST_LENGTH = 12;

const readable = (text: string): string =>
  text
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-/, "")
    .slice(0, MAX_LENGTH - DIGEST_LENGTH - 1)
    .replace(/-$/, "");

/**
 * A name that every provider takes: lower-case letters, digits and single hyphens, first and last no hyphen, at most 60
 * characters. `text` is what a person sees in it. `identity` is what it stands for: other parts give another name,
 * however much of `text` is folded or cut.
 */
export const proposedName = (text: string, identity: readonly string[]): string => {
  const digest = createHash("sha256").update(JSON.stringify(identity)).digest("hex").slice(0, DIGEST_LENGTH);
  const prefix = readable(text);
  return prefix === "" ? digest : `${prefix}-${digest}`;
};

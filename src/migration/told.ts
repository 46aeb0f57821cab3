/** What is said of a migration. */

/** One sentence. */
export interface Told {
  /** `error`: something stays as it was although it was meant to change; a note asks nobody to do anything. */
  readonly severity: "error" | "warning" | "note";
  readonly text: string;
  /** The annotation that it is about. */
  readonly key?: string | undefined;
}

/** What a row about a vendor's webhook says. */

/** What a container gets. */
export interface Made {
  readonly audience: string;
  readonly seconds: number;
  /** The token's file. */
  readonly file: string;
  readonly env: Readonly<Record<string, string>>;
}

/** One row. */
export interface Row {
  readonly about: string;
  readonly account: Readonly<Record<string, string>>;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  /** What the vendor's webhook adds to the container; null: nothing. `refused`: it refuses the pod. */
  readonly vendor: Made | null | "refused";
  /** Where Podpass differs: what it makes, and why. */
  readonly podpass?: { readonly made: Partial<Made> | null | "refused"; readonly why: string };
  /** Of warnings, a part each. */
  readonly warns?: readonly string[];
}

/** The rows of one vendor, and the configuration below its header under which Podpass takes the webhook's place. */
export interface Vendor {
  readonly config: string;
  readonly rows: readonly Row[];
}

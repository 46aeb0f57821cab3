/** The value of a file before it is written down in the file's format. */

/** One that has no parts. */
export type Scalar = string | number | boolean | null;

/** Keys and values, in order; no key is there twice. */
export interface Table {
  readonly entries: readonly (readonly [key: string, value: Value])[];
}

/** Any. */
export type Value = Scalar | readonly Value[] | Table;

/** Has `value` keys? */
export const isTable = (value: Value): value is Table =>
  typeof value === "object" && value !== null && !Array.isArray(value);

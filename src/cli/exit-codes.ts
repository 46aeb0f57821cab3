/** How a command ends. */

/** `violation`: the platform's rules are broken; `badInput`: files or arguments cannot be used. */
export const EXIT = { done: 0, violation: 1, badInput: 2 } as const;

/** Thrown where files or arguments cannot be used; its message says why, for a person. */
export class BadInput extends Error {
  override readonly name = "BadInput";
}

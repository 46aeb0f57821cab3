/** Conditions on parameters. */
import type { ParameterCondition } from "./provider-spec.ts";

/** What each of some parameters has to be. */
export type Conditions = ReadonlyMap<string, ParameterCondition>;

/** Is each parameter that `when` names what it has to be? `parameters` has those that have a value. */
export const isMet = (when: Conditions, parameters: ReadonlyMap<string, string>): boolean => {
  for (const [name, condition] of when) {
    const value = parameters.get(name);
    if (typeof condition === "string" ? value !== condition : (value !== undefined) !== condition.set) return false;
  }
  return true;
};

/** A condition for people, after the parameter's name. */
export const showCondition = (condition: ParameterCondition, quoted: (value: string) => string): string => {
  if (typeof condition === "string") return `is ${quoted(condition)}`;
  return condition.set ? "is set" : "is not set";
};

/** Names of objects in arguments. */
import { isObjectName } from "../configuration/names.ts";
import { list } from "../reasons/text.ts";
import { BadInput } from "./exit-codes.ts";

/** Throws {@link BadInput} unless `value` of `--option` can be an object's name, which goes into paths. */
export const requireName = (option: string, value: string): void => {
  if (!isObjectName(value))
    throw new BadInput(`--${option} ${list([value])} is no name of Kubernetes; allowed: lower case, digits, - and .`);
};

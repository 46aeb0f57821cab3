/** Names of objects in arguments. */
import { list } from "../reasons/text.ts";
import { BadInput } from "./exit-codes.ts";

const NAME = /^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$/;

/** Throws {@link BadInput} unless `value` of `--option` can be an object's name, which goes into paths. */
export const requireName = (option: string, value: string): void => {
  if (!NAME.test(value))
    throw new BadInput(`--${option} ${list([value])} is no name of Kubernetes; allowed: lower case, digits, - and .`);
};

/**
 * What kubelet makes of the values of a container's variables: `$(NAME)` is the value of a variable that was set before,
 * or stays as it is where there is none, and `$$` is `$`.
 */
import type { EnvVar } from "./pod.ts";

/** Undefined: not known. */
type Value = string | undefined;

/**
 * The most characters that the expanded values of one container have together; what is beyond is not known. References
 * to references double a text with every variable.
 */
const MAX_EXPANDED = 8192;

/** `value`, expanded; not known where a variable in it is not, or where it is longer than `max` characters. */
export const expand = (value: string, lookUp: (name: string) => Value, max: number): Value => {
  const lastClosing = value.lastIndexOf(")");
  let text = "";
  let read = 0;
  for (let at = value.indexOf("$"); at !== -1; at = value.indexOf("$", read)) {
    text += value.slice(read, at);
    const isReference = value[at + 1] === "(" && at < lastClosing;
    read = isReference ? value.indexOf(")", at) + 1 : at + 2;
    const written = value.slice(at, read);
    const part = isReference ? lookUp(written.slice(2, -1)) : written;
    if (part === undefined || text.length + part.length > max) return undefined;
    text += part === "$$" && !isReference ? "$" : part;
  }
  text += value.slice(read);
  return text.length > max ? undefined : text;
};

/**
 * The values of all variables of `env` by name, as far as they are known. `mayBeSet`: might somebody else have set the
 * variable before?
 */
export const expandEnv = (
  env: readonly EnvVar[],
  mayBeSet: (name: string) => boolean,
): ReadonlyMap<string, string | undefined> => {
  const values = new Map<string, Value>();
  const lookUp = (name: string): Value => {
    if (values.has(name)) return values.get(name);
    return mayBeSet(name) ? undefined : `$(${name})`;
  };
  let left = MAX_EXPANDED;
  for (const { name, value, valueFrom } of env) {
    let text: Value = value ?? "";
    if (text.includes("$")) {
      text = expand(text, lookUp, left);
      left -= text?.length ?? 0;
    }
    values.set(name, valueFrom == null ? text : undefined);
  }
  return values;
};

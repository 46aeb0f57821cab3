/** Paths as a container sees them. */

const SLASH = 47;
const DOT = 46;
const BACKSLASH = 92;

/** Is `path` (not of Windows) surely as {@link normalisePath} would write it? Most are, and it is asked for each mount. */
export const isNormalPath = (path: string): boolean => {
  if (path.charCodeAt(0) !== SLASH || path.charCodeAt(path.length - 1) === SLASH) return false;
  for (let at = path.indexOf("/"); at !== -1; at = path.indexOf("/", at + 1)) {
    const next = path.charCodeAt(at + 1);
    if (next === SLASH || next === DOT) return false;
  }
  return !(path.startsWith("/run") && (path.length === 4 || path.charCodeAt(4) === SLASH));
};

/**
 * A path by which two mounts can be compared: absolute, without `.`, `..`, double or trailing slashes; `/run` is
 * `/var/run`, as in nearly every image; on Windows without drive, case and backslashes.
 */
export const normalisePath = (path: string, windows: boolean): string => {
  if (!windows && isNormalPath(path)) return path;
  const unified = windows
    ? path
        .replace(/^[A-Za-z]:/, "")
        .replaceAll("\\", "/")
        .toLowerCase()
    : path;
  const steps: string[] = [];
  for (const step of unified.split("/")) {
    if (step === "" || step === ".") continue;
    if (step === "..") steps.pop();
    else steps.push(step);
  }
  if (steps[0] === "run") steps.unshift("var");
  return `/${steps.join("/")}`;
};

/** Is `path` strictly below `ancestor`? Both normalised. */
export const isBelow = (path: string, ancestor: string): boolean =>
  ancestor === "/"
    ? path !== "/"
    : path.length > ancestor.length && path.startsWith(ancestor) && path[ancestor.length] === "/";

/** Is the character at `index` one that separates directories? */
const isSeparator = (path: string, index: number, windows: boolean): boolean => {
  const code = path.charCodeAt(index);
  return code === SLASH || (windows && code === BACKSLASH);
};

const withoutLastSeparators = (path: string, windows: boolean): string => {
  // Not by a regular expression: looking for `/+$` takes quadratic time in slashes that are not the last.
  let end = path.length;
  while (end > 0 && isSeparator(path, end - 1, windows)) end--;
  return path.slice(0, end);
};

const native = (path: string, windows: boolean): string => {
  if (!windows) return path;
  const backslashed = path.replaceAll("/", "\\");
  return /^[A-Za-z]:/.test(backslashed) ? backslashed : `C:${backslashed}`;
};

/** A file in the directory mounted at `mountPath`, as a process in the container names it. */
export const fileIn = (mountPath: string, name: string, windows: boolean): string =>
  native(`${withoutLastSeparators(mountPath, windows)}/${name}`, windows);

/** The directory mounted at `mountPath`, as a process in the container names it. */
export const directoryAt = (mountPath: string, windows: boolean): string =>
  native(withoutLastSeparators(mountPath, windows) || "/", windows);

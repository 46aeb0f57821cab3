/** What the Java programs need of Maven Central: the class path that lies beside each of them, and a compiler. */
import { globSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";

/** A file of Maven Central. */
export interface Artifact {
  /** `GROUP:NAME`. */
  readonly id: string;
  readonly version: string;
  readonly sha256: string;
}

/** Where the programs are: `PROGRAM.java`, its class path in `PROGRAM.jars`. */
export const sources = join(import.meta.dirname, "java");

/** Compiles on a Java without a compiler of its own. */
export const compiler: Artifact = {
  id: "org.eclipse.jdt:ecj",
  version: "3.40.0",
  sha256: "05cc22a24e7982970f63a405fc6c820bc80b806f27f3c5a6236fc475f8f7152b",
};

/** Lines of `GROUP:NAME VERSION SHA-256`; a comment begins with `#`. */
const readClassPath = (file: string): readonly Artifact[] =>
  readFileSync(file, "utf8")
    .split("\n")
    .filter((line) => line !== "" && !line.startsWith("#"))
    .map((line) => {
      const [id = "", version = "", sha256 = ""] = line.split(" ");
      return { id, version, sha256 };
    });

/** By the program. */
export const classPaths: Readonly<Record<string, readonly Artifact[]>> = Object.fromEntries(
  globSync("*.jars", { cwd: sources })
    .sort()
    .map((file) => [basename(file, ".jars"), readClassPath(join(sources, file))]),
);

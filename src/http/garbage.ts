/**
 * Collecting what large bodies and answers leave behind. V8 takes its time with memory outside of its heap, where the
 * pieces are that a socket reads, and lets its heap grow as far as the machine is large: 64 large bodies took 370 MiB without this.
 */

/** What comes in until the youngest garbage is collected, in about three milliseconds. */
const YOUNG_BYTES = 16 * 1024 * 1024;

/** What was parsed, or answered, until all of it is, in about twenty. */
const OLD_BYTES = 4 * 1024 * 1024;

/** No usual pod has an answer of more. */
const LARGE_ANSWER_BYTES = 64 * 1024;

type Collect = (options?: { readonly type: "minor" }) => void;

/** V8's own function, without a flag on the command line. Nothing of it is loaded before a large body is. */
const openCollect = (): Collect => {
  const { setFlagsFromString } = process.getBuiltinModule("node:v8");
  setFlagsFromString("--expose-gc");
  const collect: Collect = process.getBuiltinModule("node:vm").runInNewContext("gc");
  setFlagsFromString("--no-expose-gc");
  return collect;
};

let opened: Collect | undefined;
const collect: Collect = (options) => {
  opened ??= openCollect();
  if (options === undefined) opened();
  else opened(options);
};

/** The garbage of one server's large bodies and answers. */
export class Garbage {
  private young = 0;
  private old = 0;

  /** So many bytes were read, and are not needed once they are scanned. */
  wasRead(bytes: number): void {
    this.young += bytes;
    if (this.young < YOUNG_BYTES) return;
    this.young = 0;
    collect({ type: "minor" });
  }

  /** So many bytes were parsed. */
  wasParsed(bytes: number): void {
    this.old += bytes;
  }

  /** Collects what bodies before left, where that is much. */
  collectParsed(): void {
    if (this.old < OLD_BYTES) return;
    this.old = 0;
    this.young = 0;
    collect();
  }

  /**
   * An answer of so many bytes is on its way. It lives until its client has taken it, and so grows old: hundreds that came
   * to nothing, since nobody took them, were 60 MiB.
   */
  wasAnswered(bytes: number): void {
    if (bytes <= LARGE_ANSWER_BYTES) return;
    this.old += bytes;
    this.collectParsed();
  }
}

/** What Linux' scheduler counts of a process, to the nanosecond: a tick of /proc/PID/stat is ten requests long. */
import { readdirSync, readFileSync } from "node:fs";

/** Since the process began. */
export interface Scheduled {
  /** Processor time of all threads, in the program and in the kernel for it. */
  readonly cpuNanoseconds: number;
  /** How often a thread waited for something and was woken. */
  readonly wakeUps: number;
}

interface Thread {
  readonly nanoseconds: number;
  readonly switches: number;
}

const readThread = (folder: string): Thread | undefined => {
  try {
    const [nanoseconds] = readFileSync(`${folder}/schedstat`, "utf8").split(" ");
    const [, switches] = /^voluntary_ctxt_switches:\s+(\d+)/m.exec(readFileSync(`${folder}/status`, "utf8")) ?? [];
    return { nanoseconds: Number(nanoseconds), switches: Number(switches) };
  } catch {
    // It ended meanwhile.
    return undefined;
  }
};

/** The threads of one process; what one that has ended was last seen to have used stays counted. */
export class Threads {
  private readonly folder: string;
  private readonly seen = new Map<string, Thread>();

  constructor(pid: number) {
    this.folder = `/proc/${pid}/task`;
  }

  /** Counts now. */
  read(): Scheduled {
    for (const id of readdirSync(this.folder)) {
      const thread = readThread(`${this.folder}/${id}`);
      if (thread !== undefined) this.seen.set(id, thread);
    }
    let [cpuNanoseconds, wakeUps] = [0, 0];
    for (const { nanoseconds, switches } of this.seen.values()) {
      cpuNanoseconds += nanoseconds;
      wakeUps += switches;
    }
    return { cpuNanoseconds, wakeUps };
  }
}

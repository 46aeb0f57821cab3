/** What Linux counts of a process. */
import { readFileSync } from "node:fs";

const statusMiB = (pid: number, field: "VmRSS" | "VmHWM"): number => {
  const [, kib] = new RegExp(`^${field}:\\s+(\\d+)`, "mu").exec(readFileSync(`/proc/${pid}/status`, "utf8")) ?? [];
  return Number(kib) / 1024;
};

/** Memory that is resident now. */
export const residentMiB = (pid: number): number => statusMiB(pid, "VmRSS");

/** The most that was ever resident. */
export const peakMiB = (pid: number): number => statusMiB(pid, "VmHWM");

// What /proc counts in, on every platform that Node.js runs on.
const TICKS_PER_SECOND = 100;

/** Processor time since the start, of all threads, in the program and in the kernel for it. */
export const cpuMicroseconds = (pid: number): number => {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  // The second field is the program's name, which may contain anything.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const [userTicks, systemTicks] = [Number(fields[11]), Number(fields[12])];
  return ((userTicks + systemTicks) / TICKS_PER_SECOND) * 1e6;
};

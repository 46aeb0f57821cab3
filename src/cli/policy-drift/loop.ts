/** When policies are read, and which reading is told: a change that is under way is no drift yet. */
import { hasDrifted, type JudgedPolicies } from "../../check/policy-states.ts";
import type { Read } from "../../check/read.ts";
import type { Clock } from "../../kube/clock.ts";
import { messageOf } from "../../reasons/text.ts";

/** Between two readings; each replica reads for itself, so a tenth of it is left to chance. */
const EVERY_MS = 10 * 60_000;

/** So long drift has to last before it is told: a new ConfigMap reaches every replica within two minutes. */
export const SETTLING_MS = 3 * 60_000;

/** After a configuration was reloaded: its policies are on their way as well. */
const RELOADED_MS = 30_000;

/** What the loop stands on. */
export interface LoopPorts {
  readonly clock: Clock;
  read(): Promise<Read<JudgedPolicies>>;
  /** Told of each reading that counts, also where it is the same as before. */
  report(reading: Read<JudgedPolicies>): void;
}

/** A loop that runs. */
export interface PolicyLoop {
  /** Whatever differs from now on, it is given the time to settle. */
  configurationReloaded(): void;
  close(): void;
}

class Loop implements PolicyLoop {
  private readonly ports: LoopPorts;
  private cancel: (() => void) | undefined;
  private isReading = false;
  private isClosed = false;
  /** When drift was seen first, in the clock's milliseconds. */
  private driftedSince: number | undefined;
  private reloads = 0;

  constructor(ports: LoopPorts) {
    this.ports = ports;
  }

  configurationReloaded(): void {
    this.reloads++;
    this.driftedSince = undefined;
    if (!this.isReading) this.schedule(RELOADED_MS);
  }

  close(): void {
    this.isClosed = true;
    this.cancel?.();
  }

  async read(): Promise<void> {
    const { reloads } = this;
    this.isReading = true;
    const reading = await this.attempt();
    this.isReading = false;
    if (this.isClosed) return;
    // What was read is judged by a configuration that is not in use any more.
    if (reloads !== this.reloads) this.schedule(RELOADED_MS);
    else this.schedule(this.settle(reading));
  }

  /** Tells what there is to tell; returns in how many milliseconds the next reading is due. */
  private settle(reading: Read<JudgedPolicies>): number {
    const { clock, report } = this.ports;
    if (reading.kind !== "read" || !hasDrifted(reading.value.states)) {
      // Where nothing could be read, nothing is known of what had drifted before.
      if (reading.kind === "read") this.driftedSince = undefined;
      report(reading);
      return EVERY_MS;
    }
    this.driftedSince ??= clock.now();
    const remaining = this.driftedSince + SETTLING_MS - clock.now();
    if (remaining > 0) return remaining;
    report(reading);
    return EVERY_MS;
  }

  private schedule(ms: number): void {
    this.cancel?.();
    const { clock } = this.ports;
    this.cancel = clock.after(ms * (1 + clock.random() / 10), () => void this.read());
  }

  private async attempt(): Promise<Read<JudgedPolicies>> {
    try {
      return await this.ports.read();
    } catch (error) {
      return { kind: "failed", message: messageOf(error) };
    }
  }
}

/** Reads at once, and then every ten minutes. */
export const startPolicyLoop = (ports: LoopPorts): PolicyLoop => {
  const loop = new Loop(ports);
  void loop.read();
  return loop;
};

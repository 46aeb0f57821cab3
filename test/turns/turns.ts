/**
 * Who runs on the machine's cores, so that what asserts times or counts what happens under load has them for itself.
 * First come, first served: nobody waits for ever because others need less.
 */
import { availableParallelism } from "node:os";

/** On how many cores there are turns. Each may hold a control plane, so that memory is the limit of a large machine. */
export const CORES = Math.min(Math.max(availableParallelism(), 2), 8);

interface Waiting {
  readonly cores: number;
  readonly begin: () => void;
}

/** See the file's comment. */
export interface Turns {
  /** Calls `begin` when `cores` are free. What is returned gives them back, or leaves the queue. */
  take(cores: number, begin: () => void): () => void;
}

/** Turns on `total` cores. A turn on more of them than there are is one on all. */
export const createTurns = (total: number): Turns => {
  const running = new Set<Waiting>();
  const queue = new Set<Waiting>();

  const advance = (): void => {
    for (const next of queue) {
      const taken = [...running].reduce((sum, { cores }) => sum + cores, 0);
      if (taken + next.cores > total) return;
      queue.delete(next);
      running.add(next);
      next.begin();
    }
  };

  return {
    take(cores, begin) {
      const turn = { cores: Math.min(cores, total), begin };
      queue.add(turn);
      advance();
      return () => {
        running.delete(turn);
        queue.delete(turn);
        advance();
      };
    },
  };
};

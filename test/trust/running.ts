/** Commands that ask a cluster, run in the test's own process. */
import { BadInput } from "../../src/cli/exit-codes.ts";
import { createOutput, type Terminal } from "../../src/cli/terminal.ts";
import type { ClusterQueries, OpenCluster } from "../../src/trust/cluster-queries.ts";

/** Runs a command; `text` is all that it wrote. */
export const running = async (
  command: (terminal: Terminal, openCluster: OpenCluster) => Promise<number>,
  cluster?: ClusterQueries,
) => {
  const written: string[] = [];
  const output = createOutput({ write: (text) => written.push(text) }, { NO_COLOR: "1" });
  const terminal: Terminal = { readStdin: async () => "", out: output, err: output };
  const openCluster: OpenCluster = async () => {
    if (cluster === undefined) throw new Error("no cluster may be asked here");
    return cluster;
  };
  try {
    const code = await command(terminal, openCluster);
    return { code, text: written.join("") };
  } catch (error) {
    if (!(error instanceof BadInput)) throw error;
    return { code: 2, text: error.message };
  }
};

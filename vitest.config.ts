import { defineConfig } from "vitest/config";
import { TurnsSequencer } from "./test/turns/sequencer.ts";
import { CORES } from "./test/turns/turns.ts";

// Every file waits for its turn before it begins.
const setupFiles = "test/turns/setup.ts";

export default defineConfig({
  test: {
    globalSetup: "test/turns/global-setup.ts",
    sequence: { sequencer: TurnsSequencer },
    // One more than run at once, beside those that need no core because they wait.
    maxWorkers: CORES + 1,
    projects: [
      {
        test: {
          name: "unit",
          include: ["test/**/*.test.ts"],
          exclude: ["test/cluster/**", "test/e2e/**", "test/chart/**", "test/**/*.cluster.test.ts"],
          setupFiles,
          maxWorkers: CORES + 1,
          testTimeout: 10_000,
        },
      },
      {
        test: {
          name: "cluster",
          include: [
            "test/cluster/**/*.test.ts",
            "test/e2e/**/*.test.ts",
            "test/chart/**/*.test.ts",
            "test/**/*.cluster.test.ts",
          ],
          globalSetup: "test/cluster/global-setup.ts",
          setupFiles,
          maxWorkers: CORES + 1,
          testTimeout: 120_000,
          // Building the control plane from nothing takes minutes.
          hookTimeout: 1_200_000,
        },
      },
    ],
  },
});

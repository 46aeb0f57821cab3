import { defineConfig } from "vitest/config";
import { TurnsSequencer } from "./test/turns/sequencer.ts";
import { CORES } from "./test/turns/turns.ts";

// Every file waits for its turn before it begins. Beside those that have one, two at most wait for something to expire.
const turns = { setupFiles: "test/turns/setup.ts", maxWorkers: CORES + 2 };

export default defineConfig({
  test: {
    globalSetup: "test/turns/global-setup.ts",
    sequence: { sequencer: TurnsSequencer },
    projects: [
      {
        test: {
          name: "unit",
          include: ["test/**/*.test.ts"],
          exclude: ["test/cluster/**", "test/e2e/**", "test/chart/**", "test/**/*.cluster.test.ts"],
          ...turns,
          // Four processes in one test were seen to take 10 s: right after an installation the disk is cold.
          testTimeout: 30_000,
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
          ...turns,
          testTimeout: 120_000,
          // Building the control plane from nothing takes minutes.
          hookTimeout: 1_200_000,
        },
      },
    ],
  },
});

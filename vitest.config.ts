import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: "unit",
          include: ["test/**/*.test.ts"],
          exclude: ["test/cluster/**", "test/e2e/**", "test/chart/**", "test/**/*.cluster.test.ts"],
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
          // One control plane for all, whose webhook configurations reach into every file's pods.
          fileParallelism: false,
          testTimeout: 120_000,
          // Building the control plane from nothing takes minutes.
          hookTimeout: 1_200_000,
        },
      },
    ],
  },
});

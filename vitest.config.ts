import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    maxWorkers: 3,
    projects: [
      {
        test: {
          name: "unit",
          include: ["packages/*/src/**/*.test.ts", "services/*/src/**/*.test.ts", "streams/src/**/*.test.ts"],
          exclude: ["**/*.server.test.ts"],
          // Modules keep no state: loading them once for all files takes a third of the time away.
          isolate: false,
          testTimeout: 30_000,
        },
      },
      {
        test: {
          name: "integration",
          include: [
            "packages/*/src/**/*.server.test.ts",
            "services/*/src/**/*.server.test.ts",
            "test/{conformance,flows,chaos,gate}/**/*.test.ts",
          ],
          globalSetup: "test/harness/blank-postgres.ts",
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
    ],
  },
});

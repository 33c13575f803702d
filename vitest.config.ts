import { defineConfig } from "vitest/config";
import { base } from "./scripts/vitest-base.js";

const tests = ["{packages,apps}/*/test/**/*.test.ts", "scripts/test/**/*.test.ts"];
const never = ["**/node_modules/**", "**/*.slow.test.ts"];

/**
 * Files that replace what a process has, or that look at what it has loaded: each needs modules of
 * its own.
 */
const isolated = [
  "{packages,apps}/*/test/**/*.isolated.test.ts",
  "apps/cli/test/e2e-*.test.ts",
  "scripts/test/**/*.test.ts",
];

export default defineConfig({
  ...base,
  test: {
    ...base.test,
    projects: [
      // Files of one worker share its modules: that saves a third of the time of these packages.
      {
        extends: true,
        test: {
          name: "shared",
          include: tests,
          exclude: [...never, ...isolated],
          isolate: false,
        },
      },
      { extends: true, test: { name: "isolated", include: isolated, exclude: never } },
    ],
  },
});

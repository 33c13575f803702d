import { defineConfig } from "vitest/config";
import { base } from "./scripts/vitest-base.js";

/** The tests that train for minutes. */
export default defineConfig({
  ...base,
  test: {
    ...base.test,
    include: ["{packages,apps}/*/test/**/*.slow.test.ts", "scripts/test/*.slow.test.ts"],
    testTimeout: 1_800_000,
  },
});

import { mergeConfig } from "vitest/config";
import fast from "./vitest.config.js";

export default mergeConfig(
  { ...fast, test: { ...fast.test, include: [], exclude: ["**/node_modules/**"], testTimeout: 1_800_000 } },
  { test: { include: ["{packages,apps}/*/test/**/*.slow.test.ts"] } },
);

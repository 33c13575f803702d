import { sourceAliases } from "./source-aliases.js";

/**
 * What all test runs share: packages are read from their sources, and a run ends with its totals.
 */
export const base = {
  resolve: { alias: sourceAliases },
  test: {
    provide: { all: false },
    server: { deps: { inline: [/@tensorflow\/tfjs-core\/dist\/(?!tf-core)/] } },
    testTimeout: 120_000,
    hookTimeout: 120_000,
    maxWorkers: 2,
    reporters: ["default", "./scripts/totals-reporter.ts"],
  },
};

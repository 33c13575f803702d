import { defineConfig } from "tsup";

/**
 * The build of every app: plain JavaScript in chunks that load on first use. Packages stay
 * dependencies.
 */
export const appBuild = (...entry: string[]) =>
  defineConfig({
    entry,
    format: ["esm"],
    target: "node20",
    platform: "node",
    splitting: true,
    sourcemap: true,
    clean: true,
  });

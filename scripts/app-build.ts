import { defineConfig } from "tsup";

/** The one build of every app: plain JavaScript in chunks that are read only when they are used. Packages stay dependencies. */
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

import { copyFile } from "node:fs/promises";
import { basename } from "node:path";
import { defineConfig } from "tsup";

/** Copies files into `dist`, where every published copy has them. */
export const besideBuild =
  (...files: readonly string[]) =>
  async () => {
    for (const file of files) await copyFile(file, `dist/${basename(file)}`);
  };

/**
 * The one build of every library package: ESM, CommonJS and types for both, next to one another in `dist`, with the licence
 * that every published copy has to carry. Runs with the package's folder as working directory.
 */
export const libraryBuild = defineConfig({
  entry: ["src/index.ts"],
  format: ["esm", "cjs"],
  target: "node20",
  platform: "neutral",
  dts: { compilerOptions: { paths: {} } },
  sourcemap: true,
  clean: true,
  onSuccess: besideBuild("../../LICENSE"),
});

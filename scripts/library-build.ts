import { existsSync, readdirSync } from "node:fs";
import { copyFile } from "node:fs/promises";
import { basename } from "node:path";
import { defineConfig } from "tsup";

/** Copies files into a folder of `dist`, next to the code that reads them. */
export const besideBuild =
  (folder: string, ...files: readonly string[]) =>
  async () => {
    for (const file of files) await copyFile(file, `${folder}/${basename(file)}`);
  };

/** Each file of `src/entries` is a subpath: `src/entries/x.ts` is `@ergodic/NAME/x`. */
const entries = existsSync("src/entries") ? readdirSync("src/entries").map((file) => `src/entries/${file}`) : [];

/**
 * The build of every library package: ESM in `dist`.
 *
 * The root and the subpaths share chunks. The build runs with the package folder as working
 * directory.
 */
export const libraryBuild = defineConfig({
  entry: ["src/index.ts", ...entries],
  format: ["esm"],
  target: "node20",
  platform: "neutral",
  external: [/^node:/],
  removeNodeProtocol: false,
  splitting: true,
  sourcemap: true,
  // `npm run declarations` writes those of all packages.
  clean: ["!**/*.d.ts"],
});

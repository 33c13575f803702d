import { readdirSync } from "node:fs";
import { defineConfig } from "tsup";
import { libraryBuild } from "../../scripts/library-build.js";

const entries = readdirSync("src/entries").map((file) => `src/entries/${file}`);

/**
 * The core, and each engine as an entry point of its own. Split, so that an engine's code loads with the engine. TensorFlow.js
 * ships its gradient rules only as modules that Node cannot import by themselves, so they travel inside this package.
 */
export default defineConfig({
  ...libraryBuild,
  entry: ["src/index.ts", ...entries],
  splitting: true,
  removeNodeProtocol: false,
  external: [/^node:/],
  noExternal: [/@tensorflow\/tfjs-core\/dist\//, "long", "seedrandom"],
});

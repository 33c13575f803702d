import { defineConfig } from "tsup";
import { libraryBuild } from "../../scripts/library-build.js";

/**
 * Builds the core, and each engine as a subpath, so that an engine's code loads with the engine.
 *
 * Node cannot import the gradient rules of TensorFlow.js, so this package bundles them.
 */
export default defineConfig({
  ...libraryBuild,
  noExternal: [/@tensorflow\/tfjs-core\/dist\//, "long", "seedrandom"],
});

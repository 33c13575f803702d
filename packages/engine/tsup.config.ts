import { defineConfig } from "tsup";
import { libraryBuild } from "../../scripts/library-build.js";

/**
 * The core, and each engine as a subpath, so that an engine's code loads with the engine. TensorFlow.js ships its gradient
 * rules only as modules that Node cannot import by themselves, so they travel inside this package.
 */
export default defineConfig({
  ...libraryBuild,
  noExternal: [/@tensorflow\/tfjs-core\/dist\//, "long", "seedrandom"],
});

import { defineConfig } from "tsup";
import { besideBuild, libraryBuild } from "../../scripts/library-build.js";

/** The weights of the digit classifier stand beside the entry that reads them. */
export default defineConfig({
  ...libraryBuild,
  onSuccess: besideBuild("dist/entries", "src/lenet/lenet-mnist.safetensors"),
});

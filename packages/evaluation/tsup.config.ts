import { defineConfig } from "tsup";
import { besideBuild, libraryBuild } from "../../scripts/library-build.js";

/** The trained digit classifier of the LeNet scores stands beside the code that reads it. */
export default defineConfig({
  ...libraryBuild,
  onSuccess: besideBuild("src/lenet/lenet-mnist.safetensors"),
});

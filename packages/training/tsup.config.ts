import { defineConfig } from "tsup";
import { libraryBuild } from "../../scripts/library-build.js";

/** As every library, but for Node: run folders, checkpoints and PNGs need its file system. */
export default defineConfig({ ...libraryBuild, platform: "node", removeNodeProtocol: false });

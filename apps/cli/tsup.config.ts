import { appBuild } from "../../scripts/app-build.js";

/** Each preset keeps a file of its own, so that the command line finds it by its path. */
export default appBuild("src/main.ts", "src/presets/**/*.ts");

import { appBuild } from "../../scripts/app-build.js";

/** Each preset keeps its own file, because the command line finds it by its path. */
export default appBuild("src/main.ts", "src/presets/**/*.ts");

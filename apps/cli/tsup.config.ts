import { appBuild } from "../../scripts/app-build.js";

/**
 * Each preset keeps its own file, because the command line finds it by its path. Tests run many
 * commands in one process by `program`.
 */
export default appBuild("src/main.ts", "src/program.ts", "src/presets/**/*.ts");

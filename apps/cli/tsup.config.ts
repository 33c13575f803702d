import { appBuild } from "../../scripts/app-build.js";

export default appBuild("src/main.ts");

import { appBuild } from "../../scripts/app-build.js";

/** Plain JavaScript for the measured processes: a TypeScript loader in them would count as memory of ours. */
export default appBuild(
  "src/main.ts",
  "src/worker.ts",
  "src/profile-worker.ts",
  "src/effective/main.ts",
  "src/effective/worker.ts",
);

import { appBuild } from "../../scripts/app-build.js";

/**
 * Plain JavaScript for the measured processes. A TypeScript loader would count towards our memory.
 */
export default appBuild(
  "src/main.ts",
  "src/worker.ts",
  "src/profile-worker.ts",
  "src/workers/main.ts",
  "src/workers/worker.ts",
  "src/effective/main.ts",
  "src/effective/worker.ts",
);

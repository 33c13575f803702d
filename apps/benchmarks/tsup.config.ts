import { defineConfig } from "tsup";

/** Plain JavaScript for the measured processes: a TypeScript loader in them would count as memory of ours. */
export default defineConfig({
  entry: ["src/main.ts", "src/worker.ts", "src/profile-worker.ts"],
  format: ["esm"],
  target: "node20",
  platform: "node",
  splitting: true,
  sourcemap: true,
  clean: true,
});

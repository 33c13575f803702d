import { defineConfig } from "tsup";

/** One executable; presets and commands become chunks that are read only when they are used. Packages stay dependencies. */
export default defineConfig({
  entry: ["src/main.ts"],
  format: ["esm"],
  target: "node20",
  platform: "node",
  splitting: true,
  sourcemap: true,
  clean: true,
});

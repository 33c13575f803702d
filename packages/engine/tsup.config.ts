import { defineConfig } from "tsup";

export default defineConfig({
  entry: ["src/index.ts"],
  format: ["esm", "cjs"],
  target: "node20",
  platform: "neutral",
  dts: { compilerOptions: { paths: {} } },
  sourcemap: true,
  clean: true,
  splitting: true,
  // TensorFlow.js ships its gradient rules only as modules that Node cannot import by themselves, so they travel inside this package.
  noExternal: [/@tensorflow\/tfjs-core\/dist\//, "long", "seedrandom"],
});

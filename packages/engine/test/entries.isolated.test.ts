/**
 * The built core includes no engine, and each engine's entry point works. Needs `npm run build`.
 */
import { execFile } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { build } from "esbuild";
import { describe, expect, it } from "vitest";
import { definitions } from "../src/engines/definitions.js";

const folder = fileURLToPath(new URL("..", import.meta.url));
const manifest = JSON.parse(readFileSync(`${folder}/package.json`, "utf8")) as { exports: Record<string, unknown> };
const dist = `${folder}/dist`;
const peers = /^(onnxruntime-|@tensorflow\/tfjs-backend-|webgpu$)/;

interface Reached {
  /** Packages and built-in modules, by the kind of import. */
  readonly static: ReadonlySet<string>;
  readonly dynamic: ReadonlySet<string>;
}

/** All imports of a file, direct and through other files of this package. */
async function reach(file: string): Promise<Reached> {
  if (!existsSync(file)) throw new Error(`${file} is missing; run "npm run build" first`);
  const { metafile } = await build({
    entryPoints: [file],
    bundle: true,
    write: false,
    metafile: true,
    format: "esm",
    outdir: "unused",
    splitting: true,
    logLevel: "error",
    plugins: [
      {
        name: "packages",
        setup({ onResolve }) {
          onResolve({ filter: /^[^./]/ }, ({ path }) => ({ path, external: true }));
        },
      },
    ],
  });
  const imports = Object.values(metafile.inputs).flatMap((input) => input.imports.filter(({ external }) => external));
  const by = (kind: string) => new Set(imports.filter((one) => one.kind === kind).map(({ path }) => path));
  return { static: by("import-statement"), dynamic: by("dynamic-import") };
}

describe("the core", () => {
  it("reaches no engine's package, and no bundler of a page can follow it to one", async () => {
    const reached = await reach(`${dist}/index.js`);
    for (const path of [...reached.static, ...reached.dynamic]) expect(path).not.toMatch(peers);
    expect(reached.static).toContain("@tensorflow/tfjs-core");
  });
});

describe("the entry points", () => {
  it("are one for each engine", () => {
    const entries = Object.keys(manifest.exports).filter((key) => ![".", "./package.json"].includes(key));
    expect(entries.sort()).toEqual(definitions.map(({ name }) => `./${name}`).sort());
  });

  it.each([
    ["onnx", "onnxruntime-node"],
    ["onnx-cuda", "onnxruntime-node"],
    ["onnx-webgpu", "onnxruntime-node"],
    ["onnx-webgpu.browser", "onnxruntime-web/webgpu"],
    ["onnx-web", "onnxruntime-web/wasm"],
    ["tensorflow", undefined],
    ["webgpu", "@tensorflow/tfjs-backend-webgpu"],
    ["webgl", "@tensorflow/tfjs-backend-webgl"],
    ["wasm", "@tensorflow/tfjs-backend-wasm"],
    ["cpu", undefined],
  ])("%s imports its own packages only", async (entry, peer) => {
    const reached = await reach(`${dist}/entries/${entry}.js`);
    const own = [...reached.static].filter((path) => peers.test(path)).sort();
    expect(own).toEqual(["@tensorflow/tfjs-backend-cpu", ...(peer === undefined ? [] : [peer])].sort());
  });

  it.each(["module", "commonjs"])("work as %s", async (type) => {
    const program = `
      const run = async ({ compile, provideEngines, useEngine }, { wasm }, tf) => {
        provideEngines(wasm);
        const { name } = await useEngine("wasm");
        const y = await compile((x) => tf.square(x))(tf.tensor1d([3]));
        console.log(name, y.dataSync()[0]);
      };`;
    const specifiers = ["@ergodic/engine", "@ergodic/engine/wasm", "@tensorflow/tfjs-core"];
    const load = specifiers.map((name) => `${type === "module" ? "await import" : "require"}("${name}")`).join(", ");
    const args = [`--input-type=${type}`, "--eval", `${program} run(${load});`];
    const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: folder });
    expect(stdout).toBe("wasm 9\n");
  });
});

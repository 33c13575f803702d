/** A GPU emulated in software: the SwiftShader of Debian's chromium. */
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, rm } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { build } from "esbuild";
import type { EngineInfo, EngineName } from "../../src/index.js";

const CHROMIUM = "/usr/lib/chromium";
const DRIVER = `${CHROMIUM}/vk_swiftshader_icd.json`;

/**
 * Environment of a process with the software GPU. The library path is read when a process starts,
 * so engines that need the Vulkan loader run in a separate process.
 */
export const softwareGpu = existsSync(DRIVER) ? { LD_LIBRARY_PATH: CHROMIUM, VK_ICD_FILENAMES: DRIVER } : undefined;

export interface Report {
  readonly engine: EngineInfo;
  readonly outcomes: Readonly<Record<string, string | undefined>>;
}

/**
 * The only package of this repository that the engine imports. Like all tests, this uses its
 * sources.
 */
const alias = { "@ergodic/tensor": fileURLToPath(new URL("../../../tensor/src/index.ts", import.meta.url)) };

/**
 * Packages that the bundle imports from node_modules. Others have files that Node cannot import.
 */
const packages = ["@tensorflow/tfjs-core", "@tensorflow/tfjs-backend-cpu", "onnxruntime-node"];

/** Runs the laws on an engine, in a process with the software GPU. */
export async function runLawsOnSoftwareGpu(engine: EngineName): Promise<Report> {
  const folder = fileURLToPath(new URL(`../../node_modules/.cache/contract-${process.pid}-${engine}`, import.meta.url));
  await mkdir(folder, { recursive: true });
  try {
    const outfile = `${folder}/main.mjs`;
    await build({
      entryPoints: [fileURLToPath(new URL("main.ts", import.meta.url))],
      outfile,
      bundle: true,
      platform: "node",
      format: "esm",
      alias,
      plugins: [
        {
          name: "packages",
          setup({ onResolve }) {
            onResolve({ filter: /^[@a-z]/ }, ({ path }) => (packages.includes(path) ? { path, external: true } : null));
          },
        },
      ],
      banner: {
        js: 'import { createRequire as requireFrom } from "node:module"; const require = requireFrom(import.meta.url);',
      },
      logLevel: "error",
    });
    const options = { env: { ...process.env, ...softwareGpu }, maxBuffer: 2 ** 24 };
    const { stdout } = await promisify(execFile)(process.execPath, ["--enable-source-maps", outfile, engine], options);
    return JSON.parse(stdout.trim().split("\n").at(-1)!) as Report;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** A GPU in software: the SwiftShader that Debian's chromium brings along. */
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, rm } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { build } from "esbuild";
import type { EngineInfo, EngineName } from "../../src/index.js";

const CHROMIUM = "/usr/lib/chromium";
const DRIVER = `${CHROMIUM}/vk_swiftshader_icd.json`;

/** The loader of Vulkan drivers is read from the path libraries had when a process began, so engines on it need their own process. */
export const softwareGpu = existsSync(DRIVER) ? { LD_LIBRARY_PATH: CHROMIUM, VK_ICD_FILENAMES: DRIVER } : undefined;

export interface Report {
  readonly engine: EngineInfo;
  readonly outcomes: Readonly<Record<string, string | undefined>>;
}

/** The one package of this repository that the engine stands on, from its sources like all that tests run. */
const alias = { "@ergodic/tensor": fileURLToPath(new URL("../../../tensor/src/index.ts", import.meta.url)) };

/** What the bundles of this package leave to Node: packages, except those whose files Node cannot import by themselves. */
const packages = ["@tensorflow/tfjs-core", "@tensorflow/tfjs-backend-cpu", "onnxruntime-node"];

/** The laws on an engine, in a process that has the software GPU. */
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

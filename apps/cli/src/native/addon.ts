/** Builds TensorFlow.js' Node addon against the libraries and headers of a TensorFlow wheel. */
import { readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { CliError } from "../errors.js";
import { changeSources } from "./changes.js";
import { runProgram, telling } from "./processes.js";
import type { Reporter } from "./wheel.js";

/** npm package with the addon's sources. */
const SOURCES = "@tensorflow/tfjs-node-gpu@4.22.0";

/** Node-API version in the addon's file name: the oldest of all supported Node versions. */
const NODE_API = 8;

/**
 * Downloads the sources into `folder/package`.
 *
 * @returns that folder. The caller fills its `deps/lib` and `deps/include`.
 * @throws CliError when npm cannot download them.
 */
export async function fetchSources(folder: string, report: Reporter): Promise<string> {
  report.step(`fetch the sources of the addon, ${SOURCES}`);
  const packed = await runProgram("npm", ["pack", SOURCES, "--silent", "--pack-destination", folder], { cwd: folder });
  const archive = packed.code === 0 ? (await readdir(folder)).find((name) => name.endsWith(".tgz")) : undefined;
  if (archive === undefined) {
    throw new CliError(`npm cannot get ${SOURCES}: ${telling(packed.output)}. Check the network and npm's registry.`);
  }
  const unpacked = await runProgram("tar", ["-xzf", archive], { cwd: folder });
  if (unpacked.code !== 0) throw new CliError(`tar cannot unpack ${archive}: ${telling(unpacked.output)}.`);
  return join(folder, "package");
}

/**
 * Compiles the addon from the sources in `folder`, and the addon that silences stderr.
 *
 * @returns the folder that contains both.
 * @throws CliError that names what is missing, usually a compiler.
 */
export async function buildAddon(folder: string, report: Reporter): Promise<string> {
  report.step("build the addon with node-gyp");
  await changeSources(folder);
  const options = {
    module_name: "tfjs_binding",
    module_path: "addon",
    napi_version: NODE_API,
    napi_build_version: NODE_API,
    node_napi_label: `napi-v${NODE_API}`,
  };
  const flags = Object.entries(options).map(([name, value]) => `--${name}=${value}`);
  // npm provides node-gyp to package scripts.
  const scripts = { addon: `node-gyp rebuild ${flags.join(" ")}` };
  await writeFile(join(folder, "package.json"), JSON.stringify({ name: "addon", version: "1.0.0", scripts }));
  const { code, output } = await runProgram("npm", ["run", "addon"], {
    cwd: folder,
    // Library path for builds on macOS.
    env: {
      LDFLAGS:
        process.platform === "darwin" ? "-Wl,-rpath,@loader_path/../../deps/lib" : (process.env["LDFLAGS"] ?? ""),
    },
  });
  if (code === 0) return join(folder, "build", "Release");
  throw new CliError(
    `the addon cannot be built: ${telling(output)}. It needs Python 3, make and a C++ compiler ` +
      `(Debian: apt install build-essential python3; macOS: xcode-select --install), and Node's headers, which node-gyp downloads.`,
  );
}

/** Adds, lists and removes builds of TensorFlow's native library in the user's cache. */
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readdir, rename, rm, stat, statfs, symlink } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { nativeTensorFlow } from "@ergodic/engine";
import { CliError } from "../errors.js";
import { whenInterrupted } from "../terminal/interrupt.js";
import { buildAddon, fetchSources } from "./addon.js";
import { headerFolders, platformOf, type Platform } from "./platform.js";
import { runProgram, telling } from "./processes.js";
import { unpack } from "./unpack.js";
import { getWheel, type Reporter } from "./wheel.js";

/** The tested version. */
export const DEFAULT_VERSION = "2.21.0";

/** Peak disk space of an installation in bytes: the wheel and its extracted files. */
const needed = (gpu: boolean): number => (gpu ? 2.6e9 : 1.4e9);

const gibibytes = (bytes: number): string => `${(bytes / 2 ** 30).toFixed(1)} GiB`;

export interface Added {
  readonly version: string;
  readonly gpu: boolean;
  readonly folder: string;
  readonly bytes: number;
  /** The library and its device, as reported by the proof. */
  readonly description: string;
}

/**
 * Downloads the library of a version from PyPI, builds the addon against it, and proves that both
 * compute.
 *
 * All work happens in a temporary folder that is renamed at the end, so a failure leaves nothing
 * behind.
 *
 * @param prove the command that runs `ergodic engine prove` on a folder, in its own process.
 * @throws CliError that names what is missing.
 */
export async function addTensorFlow(
  { version, gpu }: { readonly version: string; readonly gpu: boolean },
  prove: readonly [command: string, ...args: string[]],
  report: Reporter,
): Promise<Added> {
  const platform = platformOf(`${process.platform} ${process.arch}`, gpu);
  const { buildFolder, enginesFolder } = await nativeTensorFlow();
  const folder = buildFolder({ version, gpu });
  if (existsSync(folder)) {
    throw new CliError(
      `${folder} exists already. Remove it first: ergodic engine remove tensorflow --version ${version}`,
    );
  }
  await mkdir(enginesFolder(), { recursive: true });
  await assertSpace(enginesFolder(), needed(gpu));
  const temporary = await mkdtemp(join(enginesFolder(), ".adding-"));
  const clean = (): Promise<void> => rm(temporary, { recursive: true, force: true });
  const settle = whenInterrupted(clean);
  try {
    const built = await build(platform, version, temporary, report);
    report.step("prove it: a matrix product and the gradients of a convolution");
    const [command, ...args] = prove;
    const { code, signal, output } = await runProgram(command, [...args, built], {});
    if (code !== 0) {
      throw new CliError(
        `the library does not compute here: ${signal === null ? telling(output) : `it died of ${signal}`}`,
      );
    }
    await rename(built, folder);
    return { version, gpu, folder, bytes: await sizeOf(folder), description: output.trim().split("\n").at(-1)! };
  } finally {
    settle();
    await clean();
  }
}

/**
 * Builds the addon in a temporary folder.
 *
 * @returns the folder with only the addon and the libraries.
 */
async function build(platform: Platform, version: string, temporary: string, report: Reporter): Promise<string> {
  const sources = await fetchSources(temporary, report);
  const wheel = await getWheel(platform, version, temporary, report);
  const [libraries, headers] = [join(sources, "deps", "lib"), join(sources, "deps", "include")];
  report.step("unpack libraries and headers");
  const found = await unpack(wheel, (name) => {
    const inFolder = name.replace(/^tensorflow\//, "");
    if (inFolder in platform.libraries) return join(libraries, inFolder);
    const header = name.replace(/^tensorflow\/include\//, "");
    return header !== name && headerFolders.some((start) => header.startsWith(start))
      ? join(headers, header)
      : undefined;
  });
  await rm(wheel);
  for (const [library, names] of Object.entries(platform.libraries)) {
    if (!found.includes(`tensorflow/${library}`)) {
      throw new CliError(
        `the wheel of version ${version} holds no ${library}; the library is linkable from version 2.12 on.`,
      );
    }
    for (const name of names) await symlink(library, join(libraries, name));
  }
  const addons = await buildAddon(sources, report);
  const { addonIn, stderrAddonBeside } = await nativeTensorFlow();
  const built = join(temporary, "built");
  const place = addonIn(built);
  await mkdir(dirname(place), { recursive: true });
  await mkdir(join(built, "deps"));
  for (const addon of [place, stderrAddonBeside(place)]) await rename(join(addons, basename(addon)), addon);
  await rename(libraries, join(built, "deps", "lib"));
  return built;
}

async function assertSpace(folder: string, bytes: number): Promise<void> {
  const { bavail, bsize } = await statfs(folder);
  if (bavail * bsize >= bytes) return;
  throw new CliError(
    `${folder} has ${gibibytes(bavail * bsize)} free; ${gibibytes(bytes)} are needed. Free some space, or set XDG_CACHE_HOME to a larger disk.`,
  );
}

async function sizeOf(folder: string): Promise<number> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const sizes = entries
    .filter((entry) => entry.isFile())
    .map(async ({ parentPath, name }) => (await stat(join(parentPath, name))).size);
  return (await Promise.all(sizes)).reduce((a, b) => a + b, 0);
}

export interface Listed {
  readonly engine: "tensorflow";
  readonly version: string;
  readonly gpu: boolean;
  readonly folder: string;
  readonly bytes: number;
}

/** Installed builds, the build in use first. */
export async function listBuilds(): Promise<Listed[]> {
  const { cachedBuilds } = await nativeTensorFlow();
  return Promise.all(
    cachedBuilds().map(async (one) => ({ engine: "tensorflow" as const, ...one, bytes: await sizeOf(one.folder) })),
  );
}

/**
 * Removes the builds of a version, or all builds.
 *
 * @returns the removed folders.
 * @throws CliError when there are none.
 */
export async function removeBuilds(version: string | undefined): Promise<string[]> {
  const { cachedBuilds, enginesFolder } = await nativeTensorFlow();
  const chosen = cachedBuilds().filter((one) => version === undefined || one.version === version);
  if (chosen.length === 0) {
    throw new CliError(
      `there is no build${version === undefined ? "" : ` of version ${version}`} in ${enginesFolder()}.`,
    );
  }
  for (const { folder } of chosen) await rm(folder, { recursive: true, force: true });
  return chosen.map(({ folder }) => folder);
}

/** The published weights of the FID Inception network in the user's cache. */
import { existsSync } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { messageOf } from "@ergodic/tensor";
import { ensureEngine, nativeTensorFlow } from "@ergodic/engine";
import { inceptionFile } from "@ergodic/evaluation/networks";
import { downloadInception, findInception, loadInception, type InceptionDownload } from "@ergodic/evaluation/node";
import { sha256OfFile } from "@ergodic/formats/node";
import { CliError } from "../errors.js";

/** A weights file, and whether it is the published one, whose scores are comparable. */
export interface WeightsFile {
  readonly path: string;
  readonly bytes: number;
  readonly sha256: string;
  readonly published: boolean;
}

/** The folder next to the engines in the user's cache. */
export async function weightsFolder(): Promise<string> {
  const { enginesFolder } = await nativeTensorFlow();
  return join(dirname(enginesFolder()), "weights");
}

/** The file to use. @throws CliError with the file to download, its address and the command */
export async function weightsToUse(given: string | undefined): Promise<string> {
  if (given !== undefined) return given;
  return findInception(await weightsFolder()).catch((error: unknown) => {
    throw new CliError(
      `${messageOf(error)}. "ergodic weights inception" does that; --weights takes a file from elsewhere.`,
    );
  });
}

/**
 * Downloads the published file unless it exists.
 *
 * @throws CliError with the alternative address
 */
export async function fetchWeights(wanted: InceptionDownload): Promise<WeightsFile> {
  const path = await downloadInception(wanted).catch((error: unknown) => {
    throw new CliError(
      `${messageOf(error)}. The same file is at ${inceptionFile.mirror} (--url); got by other means, it goes into ${wanted.folder}.`,
    );
  });
  return fileOf(path);
}

/**
 * @throws ValidationError unless the file holds the arrays of the network and all numbers are
 *   finite
 */
export async function checkWeights(path: string): Promise<WeightsFile> {
  await ensureEngine();
  await (await loadInception(path)).dispose();
  return fileOf(path);
}

/** The files in a cache. Empty when it does not exist. */
export async function listWeights(folder: string): Promise<WeightsFile[]> {
  if (!existsSync(folder)) return [];
  return Promise.all((await readdir(folder)).sort().map((name) => fileOf(join(folder, name))));
}

async function fileOf(path: string): Promise<WeightsFile> {
  const [{ size }, hash] = [await stat(path), await sha256OfFile(path)];
  return { path, bytes: size, sha256: hash, published: hash === inceptionFile.sha256 };
}

/**
 * Downloads a wheel from PyPI: with pip if it is installed, because it knows mirrors and proxies,
 * else over HTTPS.
 */
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { open, readdir } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { openTransfer, TransferError, type Transfer, type TransferLimits, type TransferRequest } from "@ergodic/data";
import { CliError } from "../errors.js";
import type { Platform } from "./platform.js";
import { runProgram } from "./processes.js";

/** Reports the current step, and the progress of downloads. */
export interface Reporter {
  step(text: string): void;
  progress(done: number, total: number): void;
}

interface Release {
  readonly urls: readonly {
    readonly filename: string;
    readonly url: string;
    readonly size: number;
    readonly digests: { readonly sha256: string };
  }[];
}
type File = Release["urls"][number];

/**
 * Downloads the wheel of that version to `folder`.
 *
 * @throws CliError when there is none, or it cannot be reached.
 */
export async function getWheel(platform: Platform, version: string, folder: string, report: Reporter): Promise<string> {
  const withPip = await throughPip(platform, version, folder, report);
  return withPip ?? (await overHttps(platform, version, folder, report));
}

async function throughPip(
  { packages, wheel }: Platform,
  version: string,
  folder: string,
  report: Reporter,
): Promise<string | undefined> {
  for (const name of packages) {
    report.step(`pip download ${name}==${version}`);
    const args = ["-m", "pip", "download", "--no-deps", "--only-binary=:all:", "--disable-pip-version-check"];
    const { code } = await runProgram("python3", [...args, "--dest", folder, `${name}==${version}`]);
    const file = code === 0 ? (await readdir(folder)).find((one) => wheel.test(one)) : undefined;
    if (file !== undefined) return join(folder, file);
  }
  return undefined;
}

async function overHttps(platform: Platform, version: string, folder: string, report: Reporter): Promise<string> {
  const file = await findFile(platform, version, report);
  const path = join(folder, file.filename);
  report.step(`download ${file.filename}`);
  await download(file, path, report);
  report.step("check SHA-256");
  await checkHash(file, path);
  return path;
}

/**
 * Checks the SHA-256 hash of a file.
 *
 * @throws CliError when the file at `path` is not the one that PyPI describes.
 */
export async function checkHash({ filename, digests }: File, path: string): Promise<void> {
  const hash = createHash("sha256");
  await pipeline(createReadStream(path), hash);
  if (hash.digest("hex") === digests.sha256) return;
  throw new CliError(`${filename} arrived damaged: its SHA-256 is not the one PyPI states. Try again.`);
}

/**
 * Finds the file on PyPI.
 *
 * @throws CliError that says which part is missing: the network, the version, or a wheel for the
 *   platform.
 */
async function findFile({ packages, wheel }: Platform, version: string, report: Reporter): Promise<File> {
  for (const name of packages) {
    report.step(`look for ${name} ${version} on PyPI`);
    const release = await releaseAt(`https://pypi.org/pypi/${name}/${version}/json`);
    const file = release?.urls.filter(({ filename }) => wheel.test(filename)).at(-1);
    if (file !== undefined) return file;
  }
  throw new CliError(
    `PyPI has no wheel of ${packages.join(" or ")} ${version} for this platform. Choose another one with --version.`,
  );
}

/** PyPI's description of a version. Undefined when PyPI does not have it. */
export async function releaseAt(url: string, limits?: TransferLimits): Promise<Release | undefined> {
  const answer = await request({ url, limits });
  if (answer.status === 404) {
    answer.cancel();
    return undefined;
  }
  if (!answer.ok) throw new CliError(`PyPI answered ${answer.status} ${answer.statusText}. Try again later.`);
  const parts: Uint8Array[] = [];
  try {
    for await (const part of answer.chunks(LONGEST_RELEASE)) parts.push(part);
    const release = JSON.parse(Buffer.concat(parts).toString("utf8")) as Partial<Release> | null;
    if (Array.isArray(release?.urls)) return release as Release;
  } catch (error) {
    if (!(error instanceof TransferError || error instanceof SyntaxError)) throw error;
    throw new CliError(`${url} cannot be read: ${error.message}. Try again later.`);
  }
  throw new CliError(`${url} lists no files. Try again later.`);
}

async function request(wanted: TransferRequest): Promise<Transfer> {
  return openTransfer(wanted).catch((error: unknown) => {
    if (!(error instanceof TransferError)) throw error;
    throw new CliError(
      `${new URL(wanted.url).host} cannot be reached: ${error.message}. Connect to the network, or set up pip for a mirror.`,
    );
  });
}

const ATTEMPTS = 5;
/** Maximum size of the file list of one version, in bytes. Typical lists have ten thousand. */
const LONGEST_RELEASE = 2 ** 24;

/** Downloads a file. Resumes after a broken connection or a stalled server. */
export async function download(
  { url, size, filename }: File,
  path: string,
  report: Reporter,
  limits?: TransferLimits,
): Promise<void> {
  const target = await open(path, "w");
  try {
    let done = 0;
    let reason = "";
    for (let attempt = 0; done < size; attempt++) {
      if (attempt === ATTEMPTS)
        throw new CliError(`the download of ${filename} broke off ${ATTEMPTS} times (${reason}). Try again later.`);
      const answer = await request({ url, headers: done > 0 ? { range: `bytes=${done}-` } : {}, limits });
      if (!answer.ok) {
        answer.cancel();
        throw new CliError(`the download of ${filename} was refused: ${answer.status} ${answer.statusText}.`);
      }
      if (answer.status !== 206) done = 0;
      try {
        for await (const chunk of answer.chunks(size - done)) {
          await target.write(chunk, 0, chunk.length, done);
          done += chunk.length;
          report.progress(done, size);
        }
        reason = "the answer ended too early";
      } catch (error) {
        if (!(error instanceof TransferError)) throw error;
        if (error.tooLong)
          throw new CliError(`${filename} is longer than the ${size} bytes that PyPI states. Try again later.`);
        reason = error.message;
      }
    }
  } finally {
    await target.close();
  }
}

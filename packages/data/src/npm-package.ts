/** Optional npm packages: data sets and decoders that only some programs need. */
import { fail, messageOf } from "@ergodic/tensor";

/**
 * The path of a file in an installed package.
 *
 * @param what the content of the file, for the message
 * @param instead another way to get it, for the message
 * @throws ValidationError that says how to install the package, when there is no such file
 */
export async function fileOfPackage(name: string, file: string, what: string, instead?: string): Promise<string> {
  const { createRequire } = await import("node:module");
  try {
    return createRequire(import.meta.url).resolve(`${name}/${file}`);
  } catch {
    const install = `run "npm install ${name}"`;
    return fail(
      `the npm package ${name} is not installed or has no ${file}`,
      `${what} in it`,
      instead === undefined ? install : `${install}, or ${instead}`,
    );
  }
}

/**
 * The decoder of PNG, JPEG, GIF, WebP, TIFF and AVIF files.
 *
 * @throws ValidationError that says how to install it, when it does not load
 */
export const loadSharp = async (): Promise<typeof import("sharp").default> =>
  (await import("sharp").catch(notLoaded("sharp", "to decode image files other than BMP and PNM"))).default;

/**
 * The reader of Parquet files.
 *
 * @throws ValidationError that says how to install it, when it does not load
 */
export const loadHyparquet = (): Promise<typeof import("hyparquet")> =>
  import("hyparquet").catch(notLoaded("hyparquet", "to read Parquet files"));

/**
 * Decompressors of Parquet files by the names of their codecs.
 *
 * @param codec the codec that is needed, for the message
 * @throws ValidationError that says how to install them, when they do not load
 */
export const loadParquetCompressors = async (
  codec: string,
): Promise<(typeof import("hyparquet-compressors"))["compressors"]> =>
  (
    await import("hyparquet-compressors").catch(
      notLoaded("hyparquet-compressors", `to read Parquet files compressed by ${codec}`),
    )
  ).compressors;

const notLoaded = (name: string, purpose: string) => (error: unknown) =>
  fail(
    `the npm package ${name} does not load (${messageOf(error).split("\n")[0]})`,
    `it installed, ${purpose}`,
    `run "npm install ${name}"`,
  );

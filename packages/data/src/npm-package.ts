/** Npm packages that are optional: data sets and decoders that only some programs need. */
import { fail, messageOf } from "@ergodic/tensor";

/**
 * The path of a file in an installed package.
 *
 * @param what what the file holds, for the message
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
export async function loadSharp(): Promise<typeof import("sharp").default> {
  try {
    return (await import("sharp")).default;
  } catch (error) {
    return fail(
      `the npm package sharp does not load (${messageOf(error).split("\n")[0]})`,
      "it installed, to decode image files other than BMP and PNM",
      'run "npm install sharp"',
    );
  }
}

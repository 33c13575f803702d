/** Writes a picture or a text of what a model makes: to --out, or into the run. */
import { mkdir } from "node:fs/promises";
import { dirname, extname } from "node:path";
import type { SampleFile } from "@ergodic/training";
import { usageError } from "../errors.js";
import { writeInRun, writeResult } from "./folders.js";

interface Place {
  readonly run: string;
  /** Default: `<run>/samples/<name>` with the extension of the file. */
  readonly out: string | undefined;
  readonly name: string;
}

/** Endings that promise a kind of file. */
const otherKinds = [".png", ".txt", ".jpg", ".jpeg", ".gif", ".webp", ".bmp", ".svg", ".pdf", ".tif", ".tiff"];

/**
 * Writes the file.
 *
 * @returns its path
 * @throws CliError when --out ends as a file of the other kind
 */
export async function writeSampleFile({ run, out, name }: Place, { extension, content }: SampleFile): Promise<string> {
  if (out === undefined) return writeInRun(run, ["samples", `${name}.${extension}`], content);
  const given = extname(out).toLowerCase();
  if (otherKinds.includes(given) && given !== `.${extension}`)
    throw usageError(`--out ends in ${given}, but samples of this model are a .${extension} file; name it so.`);
  await mkdir(dirname(out), { recursive: true });
  await writeResult(out, content);
  return out;
}

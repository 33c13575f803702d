/**
 * Files of data sets that users download themselves. Messages state the missing file, its address
 * and its folder.
 */
import { describeValue, fail } from "@ergodic/tensor";
import { exists } from "./files.js";

export interface Origin {
  /** The name of the data set in messages. */
  readonly dataset: string;
  /** The address of the files. */
  readonly url: string;
  /** A subfolder that an unpacked archive creates, which is searched too. */
  readonly within?: string;
}

/**
 * Checks the option `from`.
 *
 * @throws ValidationError unless it is the path of a folder
 */
export function assertFrom(from: unknown, { dataset, url }: Origin): void {
  if (typeof from !== "string" || from === "")
    fail(
      `from is ${describeValue(from)}`,
      `the path of the folder with the files of ${dataset}`,
      `get them from ${url}`,
    );
}

/**
 * The path of the first of these files that exists, in the folder or in the subfolder of its
 * archive.
 *
 * @throws ValidationError when none exists
 */
export async function requiredFile(folder: string, names: readonly string[], origin: Origin): Promise<string> {
  const { join } = await import("node:path");
  const { dataset, url, within } = origin;
  for (const place of within === undefined ? [folder] : [folder, join(folder, within)])
    for (const name of names) if (await exists(join(place, name))) return join(place, name);
  const expected = names.length === 1 ? `that file of ${dataset}` : `one of ${names.join(", ")}`;
  return fail(`${folder} has no ${names[0]}`, expected, `get it from ${url} and unpack it into ${folder}`);
}

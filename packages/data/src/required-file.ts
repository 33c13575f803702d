/** Files of data sets that a person fetches: which is missing, where it comes from, and where it goes. */
import { describeValue, fail } from "@ergodic/tensor";
import { exists } from "./files.js";

export interface Origin {
  /** What messages call the data set. */
  readonly dataset: string;
  /** Where the files are offered. */
  readonly url: string;
  /** The folder that an unpacked archive makes, looked into besides. */
  readonly within?: string;
}

/** @throws ValidationError unless it is the path of a folder */
export function assertFrom(from: unknown, { dataset, url }: Origin): void {
  if (typeof from !== "string" || from === "")
    fail(
      `from is ${describeValue(from)}`,
      `the path of the folder with the files of ${dataset}`,
      `get them from ${url}`,
    );
}

/**
 * The path of the first of these files that there is, in the folder or in the one that its archive makes.
 *
 * @throws ValidationError when there is none
 */
export async function requiredFile(folder: string, names: readonly string[], origin: Origin): Promise<string> {
  const { join } = await import("node:path");
  const { dataset, url, within } = origin;
  for (const place of within === undefined ? [folder] : [folder, join(folder, within)])
    for (const name of names) if (await exists(join(place, name))) return join(place, name);
  const expected = names.length === 1 ? `that file of ${dataset}` : `one of ${names.join(", ")}`;
  return fail(`${folder} has no ${names[0]}`, expected, `get it from ${url} and unpack it into ${folder}`);
}

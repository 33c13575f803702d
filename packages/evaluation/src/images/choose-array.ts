/** The array of a file that holds the images. */
import { fail } from "@ergodic/tensor";
import type { ArrayFile, StoredArray } from "@ergodic/formats";

/** Maximum number of arrays listed in a message. */
const LISTED = 20;

export interface ChosenArray extends StoredArray {
  readonly name: string;
}

/**
 * Opens the array `wanted`, else the only array, else the array with the usual name.
 *
 * @throws ValidationError listing the names, types and shapes of a file's arrays when it has
 *   several and none was chosen
 */
export async function chooseArray(
  file: ArrayFile,
  { path, wanted, usual }: { readonly path: string; readonly wanted: string | undefined; readonly usual: string },
): Promise<ChosenArray> {
  const { names } = file;
  const name = wanted ?? (names.length === 1 ? names[0] : names.find((one) => one === usual));
  if (name !== undefined) return { ...(await file.open(name)), name };
  const example = `${path}:${names[0] ?? "name"}`;
  return fail(
    `${path} has ${names.length} arrays${names.length === 0 ? "" : `: ${await listed(file)}`}`,
    `one array, or one called ${usual}`,
    `choose one by its name, as in ${example}`,
  );
}

async function listed(file: ArrayFile): Promise<string> {
  const shown = file.names.slice(0, LISTED).map(async (name) => {
    const array = await file.open(name).catch(() => undefined);
    return `${name} ${array === undefined ? "(no numbers that can be read)" : `${array.type} [${array.shape.join(",")}]`}`;
  });
  const more = file.names.length > LISTED ? ` and ${file.names.length - LISTED} more` : "";
  return `${(await Promise.all(shown)).join(", ")}${more}`;
}

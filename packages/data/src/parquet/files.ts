/** The Parquet files of a data set: one file, or those of a folder. */
import { describeValue, fail, messageOf } from "@ergodic/tensor";

export type ParquetFilesOptions = {
  /** A Parquet file, or a folder of them, which are read in the order of their names. */
  readonly from: string;
  /**
   * Only the files of this name: "train" takes `train.parquet`, and `train-00000-of-00002.parquet`
   * with the other part. Default: all files of the folder.
   */
  readonly split?: string;
  /** The address where the data set is offered. Messages about missing files name it. */
  readonly url?: string;
};

/** Files in one folder. */
export interface ParquetFiles {
  readonly folder: string;
  readonly names: readonly string[];
}

/**
 * Checks the options.
 *
 * @throws ValidationError unless they are texts that are not empty
 */
export function assertParquetFiles({ from, split, url }: ParquetFilesOptions): void {
  for (const [name, value, expected] of [
    ["from", from, "the path of a Parquet file or of a folder of them"],
    ["split", split ?? "all", 'the name of a split, such as "train"'],
    ["url", url ?? "none", "the address of the data set"],
  ] as const)
    if (typeof value !== "string" || value === "") fail(`${name} is ${describeValue(value)}`, expected);
}

/**
 * Finds the files.
 *
 * @throws ValidationError when there are none, when a part of a numbered set is missing, or when a
 * folder has several splits and none is chosen
 */
export async function findParquetFiles({ from, split, url }: ParquetFilesOptions): Promise<ParquetFiles> {
  const { readdir, stat } = await import("node:fs/promises");
  const { basename, dirname } = await import("node:path");
  const source =
    url ?? "where the data set is offered (a set on the Hugging Face Hub: its branch refs/convert/parquet)";
  const found = await stat(from).catch((error: unknown) =>
    fail(
      `${from} cannot be read (${messageOf(error)})`,
      "a Parquet file or a folder of them",
      `get the files from ${source} and put them there`,
    ),
  );
  const missing = (what: string, expected: string): never =>
    fail(`${from} has no ${what}`, expected, `get it from ${source} and put it into ${from}`);
  if (!found.isDirectory() && split !== undefined)
    fail(`split is "${split}" and ${from} is a file`, "a folder in `from`", "leave split out, or give the folder");
  if (!found.isDirectory()) return { folder: dirname(from), names: [basename(from)] };

  const all = (await readdir(from)).filter((name) => /^[^.].*\.parquet$/i.test(name)).sort();
  if (all.length === 0) missing("file that ends in .parquet", "the files of the data set");
  const names = split === undefined ? all : all.filter((name) => splitOf(name) === split);
  if (names.length === 0) missing(`Parquet file of the split "${split}"`, `one of ${listed(all.map(splitOf))}`);
  const splits = names.map(splitOf).filter((name, i) => partOf(names[i]!) !== undefined || usual.includes(name));
  if (new Set(splits).size > 1)
    fail(`${from} has files of the splits ${listed(splits)}`, "one split", "choose it by the option `split`");
  const lost = missingPart(names);
  if (lost !== undefined) missing(lost, "all parts of the split");
  return { folder: from, names };
}

/** Names of splits that are not numbered. */
const usual: readonly string[] = ["train", "test", "validation", "valid", "val", "dev"];

/** The first part that a numbered set lacks. */
function missingPart(names: readonly string[]): string | undefined {
  const present = new Set(names);
  const totals = new Map(names.flatMap((name) => partOf(name) ?? []).map((part) => [part.split, part.total]));
  for (const [split, total] of totals)
    for (let part = 0; part < Number(total); part++) {
      const name = `${split}-${String(part).padStart(total.length, "0")}-of-${total}.parquet`;
      if (!present.has(name)) return name;
    }
  return undefined;
}

interface Part {
  readonly split: string;
  readonly total: string;
}

function partOf(name: string): Part | undefined {
  const [, split, total] = /^(.+)-\d{5}-of-(\d{5})\.parquet$/.exec(name) ?? [];
  return split === undefined || total === undefined ? undefined : { split, total };
}

const splitOf = (name: string): string => partOf(name)?.split ?? name.replace(/\.parquet$/i, "");

const listed = (names: readonly string[]): string => [...new Set(names)].join(", ");

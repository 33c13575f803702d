/** Sentences in a text column of Parquet files. */
import { fail } from "@ergodic/tensor";
import { wordsOf } from "../text/encoding.js";
import type { Texts } from "../text/read-texts.js";
import { classesIn } from "./classes.js";
import { classColumn, textColumn } from "./column-type.js";
import { assertParquetFiles, findParquetFiles, type ParquetFilesOptions } from "./files.js";
import { openParquet } from "./table.js";

export type ParquetTextsOptions = ParquetFilesOptions & {
  /** The column of sentences. Default "text". */
  readonly column?: string;
  /** The column of classes: texts, or whole numbers. Default: no labels. */
  readonly labels?: string;
};

/**
 * The sentences of a column, one a row. Rows without words are left out.
 *
 * Whole numbers are the labels themselves; their classes have names if the file has them. Texts are
 * classes in the order of their names.
 *
 * @throws ValidationError for a wrong option, and when `hyparquet` is not installed, a file or
 * column is missing, a file is damaged, or there is no sentence
 */
export async function readParquetTexts(options: ParquetTextsOptions): Promise<Texts> {
  assertParquetFiles(options);
  const { column = "text", labels } = options;
  const table = await openParquet(await findParquetFiles(options), {
    [column]: textColumn,
    ...(labels === undefined ? {} : { [labels]: classColumn }),
  });
  const texts: string[][] = [];
  for await (const { values } of table.read([column], table.size))
    for (const text of Array.from(values[column] as ArrayLike<string>)) texts.push(wordsOf(text));
  const hasWords = (words: readonly string[]): boolean => words.length > 0;
  const sentences = texts.filter(hasWords);
  if (sentences.length === 0) fail(`the column ${column} of ${options.from} has no sentences`, "at least one");
  if (labels === undefined) return { sentences };
  const known = await classesIn(table, labels, table.size);
  return { sentences, ...known, labels: known.labels.filter((_, row) => hasWords(texts[row]!)) };
}

/** Labelled sentences of two files, of which a few of each class may show their label. */
import type { LabelledSentences, TextSplit } from "@ergodic/data";
import { readTexts } from "@ergodic/data/node";
import { fail } from "@ergodic/tensor";
import { z } from "zod";

const count = z.number().int().min(1);

/** Options of presets of such files. */
export const textFileOptions = {
  /** Files with a label for each sentence: `label<TAB>words`, or JSON lines `{ "label", "text" }`. */
  train: z.string().default("data/texts/train.tsv"),
  test: z.string().default("data/texts/test.tsv"),
  /** Training sentences of each class that show their label, the first ones. Null: all. */
  labelled: count.nullable().default(null),
};

export type TextFileOptions = z.output<z.ZodObject<typeof textFileOptions>>;

/**
 * The sentences of a split. Classes have the numbers of the training file. Hidden labels are -1.
 *
 * @throws ValidationError for files without labels, more classes than `symbols`, or a class of the
 *   test file that the training file has not.
 */
export async function readLabelledTexts(
  { train, test, labelled, symbols }: TextFileOptions & { readonly symbols: number },
  split: TextSplit,
): Promise<LabelledSentences> {
  const known = await labelledFile(train);
  const { classes } = known;
  if (classes.length > symbols)
    fail(
      `${train} has ${classes.length} classes`,
      `at most ${symbols}, the symbols`,
      `set options.symbols=${classes.length}`,
    );
  if (split === "train") return { sentences: known.sentences, labels: shown(known.labels, labelled) };
  const own = await labelledFile(test);
  const numbers = own.classes.map((name) => {
    const number = classes.indexOf(name);
    return number < 0
      ? fail(`${test} has the class "${name}"`, `one of ${classes.join(", ")}, as in ${train}`)
      : number;
  });
  return { sentences: own.sentences, labels: own.labels.map((label) => numbers[label]!) };
}

async function labelledFile(path: string) {
  const { sentences, labels, classes } = await readTexts(path);
  if (labels === undefined || classes === undefined) return fail(`${path} has no labels`, "a label for each sentence");
  return { sentences, labels, classes };
}

/** The labels, with -1 for all but the first `most` of each class. */
function shown(labels: Int32Array, most: number | null): Int32Array {
  const seen = new Map<number, number>();
  return labels.map((label) => {
    const before = seen.get(label) ?? 0;
    seen.set(label, before + 1);
    return most === null || before < most ? label : -1;
  });
}

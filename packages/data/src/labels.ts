/** Classes by number. */
import { fail } from "@ergodic/tensor";

/** One class for each example. */
export type Labels = Uint8Array | Int32Array;

/**
 * Checks labels.
 *
 * @param file the file of the labels, for messages
 * @throws ValidationError when a label is outside 0 .. classes - 1
 */
export function assertLabels(labels: Labels, classes: number, file?: string): void {
  const place = labels.findIndex((label) => label < 0 || label >= classes);
  if (place >= 0) {
    fail(
      `example ${place}${file === undefined ? "" : ` of ${file}`} has the label ${labels[place]}`,
      `0 .. ${classes - 1}, as there are ${classes} classes`,
    );
  }
}

/**
 * Classes by name, sorted, and the label of every example.
 *
 * @param all names of all examples, so that a part of them has the same labels; default `names`
 */
export function labelsOf(
  names: readonly string[],
  all: readonly string[] = names,
): {
  readonly labels: Int32Array;
  readonly classes: readonly string[];
} {
  const classes = [...new Set(all)].sort();
  const numbers = new Map(classes.map((name, label) => [name, label]));
  return { labels: Int32Array.from(names, (name) => numbers.get(name)!), classes };
}

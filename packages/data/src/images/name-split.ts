/** A fixed split of files into "train" and "test" by their names. */
import { assertInRange, assertOneOf, fail, random } from "@ergodic/tensor";

export type NameSplitOptions = {
  /**
   * "test" takes a fixed part of the pictures, "train" the others. Default: all pictures.
   *
   * The path of a picture within the folder decides its part, by a hash. Other pictures do not
   * matter, so a picture keeps its part when the folder grows. Pictures that are nearly equal, for
   * example frames of one video, may come into different parts.
   */
  readonly split?: "train" | "test";
  /** The probability with which a picture comes into "test". Default 0.2. */
  readonly testShare?: number;
};

/** @throws ValidationError for a wrong option */
export function assertSplit({ split, testShare = 0.2 }: NameSplitOptions): void {
  if (split !== undefined) assertOneOf({ split }, ["train", "test"]);
  assertInRange({ testShare }, { min: 0, max: 1, minOpen: true, maxOpen: true });
}

/**
 * The files of the part.
 *
 * @param from the folder, for messages
 * @throws ValidationError when the part is empty
 */
export function splitOf(
  files: readonly string[],
  { split, testShare = 0.2 }: NameSplitOptions,
  from: string,
): readonly string[] {
  if (split === undefined) return files;
  const part = files.filter((file) => placeOf(file) < testShare === (split === "test"));
  if (part.length === 0)
    fail(
      `none of the ${files.length} pictures in ${from} comes into "${split}"`,
      "at least one",
      "add pictures, or choose another share",
    );
  return part;
}

/** A uniform number in [0, 1) that the name alone determines. */
const placeOf = (name: string): number => random.host.uniform(random.key(name), 1)[0]!;

/** An array inside a weights file. */
import type { NumberValues, Strided } from "@ergodic/formats";

/** Numbers, and how they are laid out: weights files do hold transposed arrays. */
export interface StoredTensor extends Strided {
  readonly values: NumberValues;
}

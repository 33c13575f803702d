/** An array inside a weights file. */
import type { NumberValues, Strided } from "@ergodic/formats";

/** Numbers and their layout; weights files can hold transposed arrays. */
export interface StoredTensor extends Strided {
  readonly values: NumberValues;
}

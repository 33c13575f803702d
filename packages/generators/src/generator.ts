/** What a generator is: a layer from latent vectors to images (or anything of a fixed shape). */
import type { TensorTree } from "@ergodic/tensor";
import type { Layer } from "@ergodic/nn";

/** z `[batch, latentDimension]` to `[batch, ...outputShape]`. */
export interface Generator<P extends TensorTree = TensorTree> extends Layer<P> {
  readonly latentDimension: number;
  /** The shape of one example, for images [height, width, channels]. */
  readonly outputShape: readonly number[];
  /** How many numbers its parameters hold. */
  readonly parameterCount: number;
}

/** Record of the classifier's weights in this package. */
import made from "./lenet-mnist.json";

/** Record of a weights file: how to make it again, and its accuracy. */
export interface LenetFile {
  readonly name: string;
  readonly sha256: string;
  /**
   * Share of the 10,000 MNIST test digits that it classifies correctly. It was not trained on
   * these.
   */
  readonly testAccuracy: number;
  readonly testDigits: number;
  /**
   * `ergodic train EXPERIMENT` with this configuration, which holds the seed. The parameters are
   * those of the moving average.
   */
  readonly experiment: string;
  readonly iteration: number;
  readonly config: object;
}

/** The weights file in this package. */
export const lenetFile: LenetFile = made;

/** The weights of the classifier that come with this package, and how they were made. */
import made from "./lenet-mnist.json";

/** What is known of a file of weights: enough to make it again, and what it can do. */
export interface LenetFile {
  readonly name: string;
  readonly sha256: string;
  /** Share of the 10,000 MNIST test digits, none of which it learned from, that it names right. */
  readonly testAccuracy: number;
  readonly testDigits: number;
  /** `ergodic train EXPERIMENT` with this configuration, the seed in it; the parameters are those of the moving average. */
  readonly experiment: string;
  readonly iteration: number;
  readonly config: object;
}

/** The file that comes with this package. */
export const lenetFile: LenetFile = made;

/**
 * Corrects operations that TensorFlow.js composes of several kernels, where the composition returns
 * NaN or has a wrong gradient.
 *
 * The composition is code of TensorFlow.js, so this file replaces its kernels when they are called.
 * Every kernel call goes through `runKernel`. The scopes that operations open tell which
 * composition calls. This covers plain calls, recordings and gradients alike.
 */
import * as tf from "@tensorflow/tfjs-core";
import { constant } from "./gradients/constant.js";

type Inputs = Record<string, tf.Tensor>;
type Replacement = (inputs: Inputs, run: () => tf.Tensor) => tf.Tensor;

/**
 * a - b, but 0 where both are the same infinity. The gradient is that of the difference; `b` is a
 * constant.
 */
function differenceFrom(a: tf.Tensor, b: tf.Tensor): tf.Tensor {
  const difference = tf.customGrad((x) => ({
    value: tf.where(tf.equal(x as tf.Tensor, b), 0, tf.sub(x as tf.Tensor, b)),
    gradFunc: (dy: tf.Tensor) => dy,
  }));
  return difference(a);
}

/** √x with gradient 0 at x = 0, which is the subgradient of the Euclidean norm there. */
const rootWithoutKink = tf.customGrad((x, save) => {
  const root = tf.sqrt(x as tf.Tensor);
  (save as tf.GradSaveFunc)([root]);
  return {
    value: root,
    gradFunc: (dy: tf.Tensor, [y]: tf.Tensor[]) => {
      const isZero = tf.equal(y!, 0);
      return tf.where(isZero, 0, tf.div(dy, tf.mul(2, tf.where(isZero, 1, y!))));
    },
  };
});

/** Replaced kernels by the name of the operation that calls them. */
const REPLACEMENTS: Readonly<Record<string, Readonly<Record<string, Replacement>>>> = {
  // m + log Σ exp(x - m) with m = max x. With ∞ - ∞ = 0 it is right for infinite m too. The
  // gradient is the softmax of x and does not depend on m. Entries that share an infinite maximum
  // share the gradient evenly.
  logSumExp: {
    Max: (_, run) => constant(run()),
    // Integers have no infinity.
    Sub: ({ a, b }, run) => (a!.dtype === "float32" ? differenceFrom(a!, b!) : run()),
  },
  norm: { Sqrt: ({ x }) => rootWithoutKink(x!) },
  // max(x, 0) - x z + log(1 + exp(-|x|)) is smooth, but its terms have kinks at 0. The gradient 0
  // of max(x, 0) at 0 requires the gradient -1 of |x|.
  sigmoidCrossEntropy: { Abs: ({ x }) => tf.where(tf.greater(x!, 0), x!, tf.neg(x!)) },
};

const replaced = new Set(Object.values(REPLACEMENTS).flatMap((kernels) => Object.keys(kernels)));

/** The operation that called the operation whose kernel is being called. */
const caller = (): string | undefined => tf.engine().state.scopeStack.at(-2)?.name.replace(/__op$/, "");

let isInstalled = false;

/** Installs the replacements, once. */
export function installReplacements(): void {
  if (isInstalled) return;
  isInstalled = true;
  const engine = tf.engine();
  const original = engine.runKernel.bind(engine) as (kernel: string, ...rest: unknown[]) => tf.Tensor;
  engine.runKernel = ((kernel: string, inputs: Inputs, attrs: unknown) => {
    const run = (): tf.Tensor => original(kernel, inputs, attrs);
    const replacement = replaced.has(kernel) ? REPLACEMENTS[caller() ?? ""]?.[kernel] : undefined;
    return replacement === undefined ? run() : replacement(inputs, run);
  }) as typeof engine.runKernel;
}

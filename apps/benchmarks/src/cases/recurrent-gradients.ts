/** Gradients of recurrent layers, to all weights and to the inputs, as in learning from text. */
import * as tf from "@tensorflow/tfjs-core";
import { compile, grad } from "@ergodic/engine";
import { gru, lstm, type Recurrent } from "@ergodic/nn";
import { random, type TensorTree } from "@ergodic/tensor";
import { milliseconds, repeatable, type Case } from "../case.js";
import { fixedInput, fixedLike } from "../numbers.js";

const SHAPE = [64, 20, 256];
const SIZES = { in: 256, hidden: 256 };

/** The gradients of Σ output · G for a fixed G. */
function recurrentGradients<P extends TensorTree, S extends TensorTree>(kind: string, layer: Recurrent<P, S>): Case {
  return {
    name: `${kind}-gradients`,
    title: `gradients of a layer of ${kind.toUpperCase()}, 64 sequences of 20 steps, 256 wide`,
    unit: milliseconds,
    engines: ["onnx", "tensorflow"],
    calls: 3,
    prepare() {
      const params = fixedLike(layer.init(random.key(0)));
      const [x, weights] = [fixedInput(0, SHAPE, 1), fixedInput(1, SHAPE, 1)];
      const compiled = compile((p: P, input: tf.Tensor, g: tf.Tensor) =>
        grad((of: { readonly p: P; readonly input: tf.Tensor }) => tf.sum(tf.mul(layer.apply(of.p, of.input), g)))({
          p,
          input,
        }),
      );
      return Promise.resolve(repeatable(() => compiled(params, x, weights)));
    },
  };
}

export const lstmGradients = recurrentGradients("lstm", lstm(SIZES));
export const gruGradients = recurrentGradients("gru", gru(SIZES));

/**
 * Gated recurrent units.
 *
 * Source: Cho et al., "Learning Phrase Representations using RNN Encoder-Decoder", arXiv 1406.1078.
 */
import * as tf from "@tensorflow/tfjs-core";
import { recurrent, recurrentInit, type Recurrent, type RecurrentOptions } from "./recurrent.js";

/**
 * The parameters, with the gates r, z, n side by side as in PyTorch.
 *
 * - `input` `[in, 3 hidden]`, `recurrent` `[hidden, 3 hidden]`, `bias` `[3 hidden]`.
 * - `recurrentBias` `[hidden]`, which the reset gate multiplies in n.
 */
export type GruParams = {
  readonly input: tf.Tensor;
  readonly recurrent: tf.Tensor;
  readonly bias: tf.Tensor;
  readonly recurrentBias: tf.Tensor;
};

/** The state between steps, `[batch, hidden]`. */
export type GruState = { readonly hidden: tf.Tensor };

/**
 * A layer of gated recurrent units. With x_t W + b = [r_x z_x n_x] and h_{t-1} R = [r_h z_h n_h]:
 *   r = σ(r_x + r_h),  z = σ(z_x + z_h),  n = tanh(n_x + r (n_h + b_n)),
 *   h_t = (1 - z) n + z h_{t-1}.
 *
 * PyTorch's `nn.GRU` with one layer is the same, with these parameters:
 * - W and R are transposed.
 * - The first two thirds of b are those of b_ih + b_hh. The last third is that of b_ih.
 * - b_n is the last third of b_hh.
 *
 * Later steps never change earlier outputs.
 *
 * @throws ValidationError when a size is not a positive integer or the input has another shape.
 */
export function gru(options: RecurrentOptions): Recurrent<GruParams, GruState> {
  const { in: features, hidden } = options;
  const tensor = recurrentInit(options, 3);
  /** Numbers of the reset and update gates, and those of the new state. */
  const parts = (x: tf.Tensor): [tf.Tensor, tf.Tensor] =>
    tf.split(x, [2 * hidden, hidden], 1) as [tf.Tensor, tf.Tensor];
  return recurrent(
    {
      name: "gru",
      init: (key) => ({
        input: tensor(key, 0, features, 3 * hidden),
        recurrent: tensor(key, 1, hidden, 3 * hidden),
        bias: tensor(key, 2, 3 * hidden),
        recurrentBias: tensor(key, 3, hidden),
      }),
      initialState: (batch) => ({ hidden: tf.zeros([batch, hidden]) }),
      drive: ({ input: weight, bias }, inputs) => tf.add(tf.matMul(inputs, weight), bias),
      advance({ recurrent: matrix, recurrentBias }, driven, { hidden: old }) {
        const [drivenGates, drivenState] = parts(driven);
        const [rememberedGates, rememberedState] = parts(tf.matMul(old, matrix));
        const gates = tf.sigmoid(tf.add(drivenGates, rememberedGates));
        const [reset, keep] = tf.split(gates, 2, 1) as [tf.Tensor, tf.Tensor];
        const inner = tf.mul(reset, tf.add(rememberedState, recurrentBias));
        const fresh = tf.tanh(tf.add(drivenState, inner));
        return { hidden: tf.add(fresh, tf.mul(keep, tf.sub(old, fresh))) };
      },
      output: ({ hidden: value }) => value,
    },
    features,
  );
}

/**
 * Long short-term memory.
 *
 * Sources: Hochreiter and Schmidhuber, "Long Short-Term Memory" (1997); forget gate of Gers,
 * Schmidhuber and Cummins (2000).
 */
import * as tf from "@tensorflow/tfjs-core";
import { recurrent, recurrentInit, type Recurrent, type RecurrentOptions } from "./recurrent.js";

/**
 * `input` `[in, 4 hidden]`, `recurrent` `[hidden, 4 hidden]`, `bias` `[4 hidden]`, with the gates
 * i, f, g, o side by side as in PyTorch.
 */
export type LstmParams = { readonly input: tf.Tensor; readonly recurrent: tf.Tensor; readonly bias: tf.Tensor };

/** The state between steps, `[batch, hidden]` each. */
export type LstmState = { readonly hidden: tf.Tensor; readonly cell: tf.Tensor };

/**
 * A layer of long short-term memory. With [i f g o] = x_t W + h_{t-1} R + b:
 *   c_t = σ(f) c_{t-1} + σ(i) tanh(g),  h_t = σ(o) tanh(c_t).
 *
 * PyTorch's `nn.LSTM` with one layer is the same, with W and R transposed and b = b_ih + b_hh.
 * Later steps never change earlier outputs.
 *
 * @throws ValidationError when a size is not a positive integer or the input has another shape.
 */
export function lstm(options: RecurrentOptions): Recurrent<LstmParams, LstmState> {
  const { in: features, hidden } = options;
  const tensor = recurrentInit(options, 4);
  return recurrent(
    {
      name: "lstm",
      init: (key) => ({
        input: tensor(key, 0, features, 4 * hidden),
        recurrent: tensor(key, 1, hidden, 4 * hidden),
        bias: tensor(key, 2, 4 * hidden),
      }),
      initialState: (batch) => ({ hidden: tf.zeros([batch, hidden]), cell: tf.zeros([batch, hidden]) }),
      drive: ({ input: weight, bias }, inputs) => tf.add(tf.matMul(inputs, weight), bias),
      advance({ recurrent: matrix }, driven, state) {
        const gates = tf.split(tf.add(driven, tf.matMul(state.hidden, matrix)), 4, 1);
        const [enter, keep, fresh, leave] = gates as [tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor];
        const kept = tf.mul(tf.sigmoid(keep), state.cell);
        const cell = tf.add(kept, tf.mul(tf.sigmoid(enter), tf.tanh(fresh)));
        return { hidden: tf.mul(tf.sigmoid(leave), tf.tanh(cell)), cell };
      },
      output: ({ hidden: value }) => value,
    },
    features,
  );
}

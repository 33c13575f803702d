/**
 * Long short-term memory over sequences of vectors, unrolled, so that a compiled program holds every step.
 *
 * Hochreiter and Schmidhuber, "Long Short-Term Memory" (1997), with the forget gate of Gers, Schmidhuber and Cummins (2000).
 */
import * as tf from "@tensorflow/tfjs-core";
import { assertPositiveInteger, assertShape, random } from "@ergodic/tensor";
import { uniformFanIn, type Initializer } from "./initializers.js";
import type { Layer } from "./layer.js";

/** `input` `[in, 4 hidden]`, `recurrent` `[hidden, 4 hidden]`, `bias` `[4 hidden]`; the gates i, f, g, o side by side, as in PyTorch. */
export type LstmParams = { readonly input: tf.Tensor; readonly recurrent: tf.Tensor; readonly bias: tf.Tensor };

/** What is carried from step to step, `[batch, hidden]` each. */
export type LstmState = { readonly hidden: tf.Tensor; readonly cell: tf.Tensor };

export interface LstmOptions {
  /** Features of the input at each step. */
  readonly in: number;
  /** Features of the output at each step. */
  readonly hidden: number;
  /** Of both matrices and the bias; default uniform in ±1/√hidden, as in PyTorch. */
  readonly init?: Initializer;
}

/** A layer of sequences, `[batch, time, in]` to `[batch, time, hidden]`, that can also go on from a state. */
export interface LstmLayer extends Layer<LstmParams> {
  /** All outputs, and the state after the last step. Without a state it starts from zeros, as `apply` does. */
  run(
    params: LstmParams,
    input: tf.Tensor,
    state?: LstmState,
  ): { readonly output: tf.Tensor; readonly state: LstmState };
}

/** One step, from this step's x W + b: i, f, o = σ(·), g = tanh(·), c ← f c + i g, h ← o tanh(c). */
function step(recurrent: tf.Tensor, driven: tf.Tensor, { hidden, cell }: LstmState): LstmState {
  const gates = tf.split(tf.add(driven, tf.matMul(hidden, recurrent)), 4, 1);
  const [enter, keep, fresh, leave] = gates as [tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor];
  const next = tf.add(tf.mul(tf.sigmoid(keep), cell), tf.mul(tf.sigmoid(enter), tf.tanh(fresh)));
  return { hidden: tf.mul(tf.sigmoid(leave), tf.tanh(next)), cell: next };
}

/**
 * h_t, c_t from x_t, h_{t-1}, c_{t-1}: with [i f g o] = x_t W + h_{t-1} R + b, c_t = σ(f) c_{t-1} + σ(i) tanh(g), h_t = σ(o) tanh(c_t).
 *
 * PyTorch's `nn.LSTM` with one layer is the same with W and R transposed and b = b_ih + b_hh. Later steps never change earlier outputs,
 * so padding at the end of shorter sequences does no harm.
 *
 * @throws ValidationError when a size is not a positive integer or the input has another shape.
 */
export function lstm({ in: features, hidden, init = uniformFanIn }: LstmOptions): LstmLayer {
  assertPositiveInteger({ in: features, hidden });
  const run: LstmLayer["run"] = ({ input: weight, recurrent, bias }, input, start) => {
    assertShape("the input of lstm", input, [null, null, features], "sequences are [batch, time, features]");
    const [batch, time] = input.shape as [number, number, number];
    const driven = tf.add(tf.matMul(tf.reshape(input, [batch * time, features]), weight), bias);
    let state = start ?? { hidden: tf.zeros([batch, hidden]), cell: tf.zeros([batch, hidden]) };
    const outputs = tf.unstack(tf.reshape(driven, [batch, time, 4 * hidden]), 1).map((part) => {
      state = step(recurrent, part, state);
      return state.hidden;
    });
    return { output: tf.stack(outputs, 1), state };
  };
  return {
    init(key) {
      const tensor = (index: number, ...shape: number[]): tf.Tensor =>
        init(random.fold(key, index), { shape: [...shape, 4 * hidden], fanIn: hidden, fanOut: 4 * hidden });
      return { input: tensor(0, features), recurrent: tensor(1, hidden), bias: tensor(2) };
    },
    run,
    apply: (params, input) => run(params, input).output,
  };
}

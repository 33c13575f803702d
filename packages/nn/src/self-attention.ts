/** Self-attention: every position of a map looks at all positions. Vaswani et al., "Attention Is All You Need", arXiv 1706.03762. */
import * as tf from "@tensorflow/tfjs-core";
import { assertPositiveInteger, fail, random } from "@ergodic/tensor";
import { dense } from "./dense.js";
import type { AffineInit } from "./initializers.js";
import type { AffineParams, Layer } from "./layer.js";
import { assertChannels } from "./normalisation.js";

export interface SelfAttentionOptions {
  /** Size of the last axis of the input. */
  readonly channels: number;
  /** The channels are cut into so many heads, each of which looks by itself; a divisor of `channels`. Default 1. */
  readonly heads?: number;
  /** Of both affine maps. */
  readonly init?: AffineInit;
}

/** `project`: `[channels, 3 channels]`, queries, keys and values side by side; `output`: `[channels, channels]`. */
export type SelfAttentionParams = { readonly project: AffineParams; readonly output: AffineParams };

/**
 * Every position's queries q, keys k and values v are affine maps of its channels; with d channels a head, head by head,
 * a = softmax over positions j of q_i·k_j/√d, and y_i is an affine map of the sums of a_ij v_j, heads side by side.
 *
 * Input `[batch, ..., channels]`, a map of any number of axes; output alike. PyTorch's `nn.MultiheadAttention` of x with itself. A block
 * adds it to its input: `residual(sequential(groupNorm(...), selfAttention(...)))`. Memory grows with the square of the positions.
 *
 * @throws ValidationError when a size is not a positive integer, `heads` does not divide the channels, or the input has another shape.
 */
export function selfAttention({ channels, heads = 1, init }: SelfAttentionOptions): Layer<SelfAttentionParams> {
  assertPositiveInteger({ channels, heads });
  if (channels % heads !== 0) fail(`heads is ${heads} for ${channels} channels`, "a divisor of the channels");
  const project = dense({ in: channels, out: 3 * channels, ...(init && { init }) });
  const output = dense({ in: channels, out: channels, ...(init && { init }) });
  const width = channels / heads;
  return {
    init: (key) => ({ project: project.init(random.fold(key, 0)), output: output.init(random.fold(key, 1)) }),
    apply(params, input) {
      assertChannels("selfAttention", input, channels);
      const batch = input.shape[0]!;
      const places = input.shape.slice(1, -1).reduce((product, size) => product * size, 1);
      const projected = project.apply(params.project, tf.reshape(input, [batch * places, channels]));
      const byHead = tf.transpose(tf.reshape(projected, [batch, places, 3, heads, width]), [2, 0, 3, 1, 4]);
      const [queries, keys, values] = tf.unstack(byHead, 0) as [tf.Tensor, tf.Tensor, tf.Tensor];
      const scores = tf.mul(tf.matMul(queries, keys, false, true), 1 / Math.sqrt(width));
      const seen = tf.transpose(tf.matMul(tf.softmax(scores), values), [0, 2, 1, 3]);
      return tf.reshape(output.apply(params.output, tf.reshape(seen, [batch * places, channels])), input.shape);
    },
  };
}

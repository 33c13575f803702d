/**
 * Self-attention: each position of a map attends to all positions.
 *
 * Source: Vaswani et al., "Attention Is All You Need", arXiv 1706.03762.
 */
import * as tf from "@tensorflow/tfjs-core";
import { assertPositiveInteger, fail, random } from "@ergodic/tensor";
import { dense } from "./dense.js";
import type { AffineInit } from "./initializers.js";
import type { AffineParams, Layer } from "./layer.js";
import { assertChannels } from "./normalisation.js";

export interface SelfAttentionOptions {
  /** Size of the last axis of the input. */
  readonly channels: number;
  /**
   * Number of heads, each with its own share of the channels. A divisor of `channels`. Default 1.
   */
  readonly heads?: number;
  /** Initialisers of both affine maps. */
  readonly init?: AffineInit;
}

/**
 * Weights of `project` are `[channels, 3 channels]`, with queries, keys and values side by side.
 * Those of `output` are `[channels, channels]`.
 */
export type SelfAttentionParams = { readonly project: AffineParams; readonly output: AffineParams };

/**
 * Attention of a map to itself, as PyTorch's `nn.MultiheadAttention` of x with itself.
 *
 * - Queries q, keys k and values v of a position are affine maps of its channels.
 * - In each head, with d channels, a_ij is the softmax over positions j of q_i·k_j/√d.
 * - The output at position i is an affine map of the sums over j of a_ij v_j, with heads side by
 *   side.
 *
 * Input and output are `[batch, ..., channels]`, with any number of axes between. Memory grows with
 * the square of the number of positions. A residual block is `residual(sequential(groupNorm(...),
 * selfAttention(...)))`.
 *
 * @throws ValidationError when a size is not a positive integer, `heads` does not divide the
 *   channels, or the input has another shape.
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

/** Encoders of a reply and the turns before it. */
import { mlp, type Layer } from "@ergodic/nn";
import { random, type TensorTree } from "@ergodic/tensor";
import * as tf from "@tensorflow/tfjs-core";
import type { TokenSequence } from "../observations/categorical.js";
import { sequenceEncoder, type SequenceEncoderParams } from "./sequence-encoder.js";
import { turnsEncoder, type Turns, type TurnsEncoderOptions, type TurnsEncoderParams } from "./turns-encoder.js";

/** A sentence and the turns before it. */
export type Reply = TokenSequence & { readonly context: Turns };

export type ReplyEncoderParams = {
  readonly reply: SequenceEncoderParams;
  readonly context: TurnsEncoderParams;
  readonly head: readonly TensorTree[];
};

/**
 * MLP([a; c]), `[batch, out]`, of the encoded reply a and context c, `hidden` numbers each, with
 * one hidden layer of rectified units. Encoders of Yu et al., arXiv 2206.05895.
 *
 * @throws ValidationError as `sequenceEncoder` and `turnsEncoder`.
 */
export function replyEncoder(options: TurnsEncoderOptions): Layer<ReplyEncoderParams, Reply> {
  const { hidden, out } = options;
  const reply = sequenceEncoder({ ...options, out: hidden });
  const context = turnsEncoder({ ...options, out: hidden });
  const head = mlp({ in: 2 * hidden, widths: [hidden], out, activation: "relu" });
  return {
    init: (key) => ({
      reply: reply.init(random.fold(key, 0)),
      context: context.init(random.fold(key, 1)),
      head: head.init(random.fold(key, 2)),
    }),
    apply: (params, { context: turns, ...said }) =>
      head.apply(params.head, tf.concat([reply.apply(params.reply, said), context.apply(params.context, turns)], 1)),
  };
}

/**
 * One learning iteration, as a pure function.
 *
 * The loss is mean E(x⁺) - mean E(x⁻) + λ mean (E(x⁺)² + E(x⁻)²) with x⁺ from the data and x⁻ from
 * persistent Langevin chains.
 * Du and Mordatch, "Implicit Generation and Modeling with Energy-Based Models", arXiv 1903.08689,
 * Algorithm 1.
 */
import { refreshed, skipUnsound, trainedGradient, type SkipUnsoundState } from "@ergodic/nn";
import { langevin, replayBuffer, type ReplayState } from "@ergodic/samplers";
import type { Key, TensorTree } from "@ergodic/tensor";
import * as tf from "@tensorflow/tfjs-core";
import type { ResolvedOptions } from "./options.js";

export type FamilyNameState<P extends TensorTree> = {
  readonly params: P;
  readonly optimizer: SkipUnsoundState<TensorTree>;
  readonly buffer: ReplayState<tf.Tensor>;
};

/** The initial state, and the step from one state to the next. */
export function learning<P extends TensorTree, Batch>(options: ResolvedOptions<P, Batch>) {
  const { energy, start, stepSize, steps, bufferSize, penalty } = options;
  const optimizer = skipUnsound(options.optimizer);
  const buffer = replayBuffer({ size: bufferSize, start });

  return {
    init(paramsKey: Key, chainsKey: Key): FamilyNameState<P> {
      const params = energy.init(paramsKey);
      return { params, optimizer: optimizer.init(params), buffer: buffer.init(chainsKey) };
    },

    step(state: FamilyNameState<P>, x: tf.Tensor, key: Key) {
      const kernel = langevin({ energy: (at: tf.Tensor) => energy.energy(state.params, at), stepSize });
      const chains = buffer.update(state.buffer, kernel, { chains: x.shape[0]!, steps, key });
      const contrast = (params: P): readonly [tf.Tensor, { positive: tf.Tensor; negative: tf.Tensor }] => {
        const positive = energy.energy(params, x);
        const negative = energy.energy(params, chains.negatives);
        const squares = tf.add(tf.mean(tf.square(positive)), tf.mean(tf.square(negative)));
        const means = { positive: tf.mean(positive), negative: tf.mean(negative) };
        return [tf.add(tf.sub(means.positive, means.negative), tf.mul(penalty, squares)), means];
      };
      const { grad, aux } = trainedGradient(contrast, { hasAux: true })(state.params);
      const moved = optimizer.update(state.params, grad, state.optimizer);
      const next: FamilyNameState<P> = {
        params: refreshed(energy, moved.params, x),
        optimizer: moved.state,
        buffer: chains.state,
      };
      const metrics: Readonly<Record<string, tf.Tensor>> = {
        energyPositive: aux.positive,
        energyNegative: aux.negative,
        energyGap: tf.sub(aux.positive, aux.negative),
        ...optimizer.metrics!(moved.state),
      };
      return { state: next, metrics };
    },
  };
}

/** Noise-contrastive estimation against a flow that learns the same data. */
import type { EnergyModel } from "@ergodic/energies";
import type { Flow } from "@ergodic/flows";
import { skipUnsound, trainedGradient, type Optimizer, type SkipUnsoundState } from "@ergodic/nn";
import { assertPositiveInteger, random, type Key, type TensorTree } from "@ergodic/tensor";
import * as tf from "@tensorflow/tfjs-core";
import { flowNoise } from "./flow-noise.js";
import { noiseContrastiveLoss } from "./noise-contrastive.js";
import type { Objective } from "./objective.js";

export interface FlowContrastiveOptions<F extends TensorTree> {
  readonly flow: Flow<F>;
  /** Of the flow. */
  readonly optimizer: Optimizer;
  /** ν, draws of the flow for each example. Default 1. */
  readonly ratio?: number;
}

export type FlowContrastiveState<F extends TensorTree> = {
  readonly flow: F;
  readonly optimizer: SkipUnsoundState<TensorTree>;
};

/**
 * Learning by {@link noiseContrastiveLoss}, with a flow as the noise.
 *
 * Every update contrasts the batch with draws of the flow, and then moves the flow towards maximum
 * likelihood of the batch. The closer the noise comes to the data, the less the estimate of the
 * energy varies: it learns where the flow is wrong. Metric: `flowNats`, mean -log q(x) of the flow.
 *
 * Gao et al., "Flow Contrastive Estimation of Energy-Based Models", arXiv 1912.00589, where the
 * flow is trained against the energy instead.
 *
 * @throws ValidationError unless `ratio` is a positive integer.
 */
export function flowContrastive<F extends TensorTree>({ flow, ratio = 1, ...options }: FlowContrastiveOptions<F>) {
  assertPositiveInteger({ ratio });
  const optimizer = skipUnsound(options.optimizer);
  return <P extends TensorTree>(model: EnergyModel<P>): Objective<P, FlowContrastiveState<F>> => ({
    init(key) {
      const params = flow.init(key);
      return { flow: params, optimizer: optimizer.init(params) };
    },
    begin({ x, state, key }) {
      const [noiseKey, learningKey] = random.split(key) as [Key, Key];
      const nats = (params: F): tf.Tensor => tf.neg(tf.mean(flow.logDensity(params, x)));
      const { value: flowNats, grad } = trainedGradient(nats)(state.flow);
      const moved = optimizer.update(state.flow, grad, state.optimizer);
      const contrast = { noise: flowNoise(flow, state.flow), ratio, key: noiseKey };
      return {
        loss(params) {
          const loss = noiseContrastiveLoss((at) => model.energy(params, at, { key: learningKey }), x, contrast);
          return [loss, { loss, flowNats }];
        },
        state: { flow: moved.params, optimizer: moved.state },
      };
    },
  });
}

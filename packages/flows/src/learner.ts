/** Maximum likelihood for flows, as a learner for the training loop. */
import * as tf from "@tensorflow/tfjs-core";
import { compile, tidy } from "@ergodic/engine";
import { skipUnsound, trainedGradient, type Optimizer, type SkipUnsoundState } from "@ergodic/nn";
import { inChunks, random, readScalars, tree, type Key, type TensorTree } from "@ergodic/tensor";
import type { Learner } from "@ergodic/training";
import type { Flow } from "./flow.js";

export interface FlowLearnerOptions<P extends TensorTree, Batch extends TensorTree> {
  readonly flow: Flow<P>;
  readonly optimizer: Optimizer;
  /** The examples of a batch, `[batch, ...shape]`. The key is for dequantisation. Runs compiled. */
  readonly observe: (batch: Batch, key: Key) => tf.Tensor;
  /** Converts samples for display. Default: unchanged. */
  readonly display?: (x: tf.Tensor) => tf.Tensor;
}

export type FlowState<P extends TensorTree> = {
  readonly params: P;
  readonly optimizer: SkipUnsoundState<TensorTree>;
};

export interface FlowLearner<P extends TensorTree, Batch> extends Learner<FlowState<P>, Batch> {
  sample(state: FlowState<P>, key: Key, n: number): Promise<tf.Tensor>;
  /** log q(x) in nats, `[batch]`. */
  logDensity(state: FlowState<P>, x: tf.Tensor): Promise<tf.Tensor1D>;
}

/** Samples per compiled call. It bounds the memory of a large request. */
const chunk = 256;

/**
 * Maximises the mean of log q(x) by gradient ascent.
 *
 * Parameters are calibrated on the first batch. An update whose gradient is not finite is skipped
 * and counted.
 */
export function flowLearner<P extends TensorTree, Batch extends TensorTree>(
  options: FlowLearnerOptions<P, Batch>,
): FlowLearner<P, Batch> {
  const { flow, observe, display = (x) => x } = options;
  const optimizer = skipUnsound(options.optimizer);
  type State = FlowState<P>;

  const calibrate = compile((params: P, batch: Batch, key: Key) => flow.calibrate(params, observe(batch, key)));
  const step = compile((state: State, batch: Batch, key: Key) => {
    const x = observe(batch, key);
    const loss = (params: P): tf.Tensor => tf.neg(tf.mean(flow.logDensity(params, x)));
    const { value, grad } = trainedGradient(loss)(state.params);
    const moved = optimizer.update(state.params, grad, state.optimizer);
    const next: State = { params: moved.params, optimizer: moved.state };
    return { state: next, metrics: { nats: value, ...optimizer.metrics!(moved.state) } };
  });
  const samples = compile((params: P, n: number, key: Key) => display(flow.sample(params, key, n)));
  const density = compile((params: P, x: tf.Tensor) => flow.logDensity(params, x));

  return {
    async init(key, example) {
      const [paramsKey, dataKey] = random.split(key, 2) as [Key, Key];
      const fresh = flow.init(paramsKey);
      const params = await calibrate(fresh, example, dataKey);
      tree.dispose(fresh);
      return { params, optimizer: optimizer.init(params) };
    },
    async update(state, batch, { key }) {
      const next = await step(state, batch, key);
      return { state: next.state, metrics: await readScalars(next.metrics) };
    },
    data: (batch) => tidy(() => display(observe(batch, random.key(0)))),
    sample: ({ params }, key, n) => inChunks(n, { chunk, key }, (count, part) => samples(params, count, part)),
    logDensity: ({ params }, x) => density(params, x),
    describe: () => `normalising flow of ${flow.shape.join(" x ")}`,
    async dispose() {
      await Promise.all([calibrate, step, samples, density].map((program) => program.dispose()));
    },
  };
}

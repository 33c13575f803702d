/** The family as a learner, with sampling, scoring and chains. */
import { compile } from "@ergodic/engine";
import { langevin, runSteps } from "@ergodic/samplers";
import {
  assertNonNegative,
  assertPositive,
  assertPositiveInteger,
  inChunks,
  random,
  readScalars,
} from "@ergodic/tensor";
import type { Key, TensorTree } from "@ergodic/tensor";
import type { Learner, ModelChain } from "@ergodic/training";
import * as tf from "@tensorflow/tfjs-core";
import { learning, type FamilyNameState } from "./learning.js";
import { withDefaults, type FamilyNameOptions } from "./options.js";

/** Samples per compiled call. It bounds the memory of a large request. */
const CHUNK = 1_000;

/**
 * Sampling takes this many times the steps of an update, because it starts from fresh positions.
 */
const SAMPLED_LENGTHS = 10;

export interface FamilyNameLearner<P extends TensorTree, Batch> extends Learner<FamilyNameState<P>, Batch> {
  /** `n` samples after Langevin chains from fresh starts. */
  sample(state: FamilyNameState<P>, key: Key, n: number): Promise<tf.Tensor>;
  /** E(x) of each example, `[batch]`: high for examples unlike the training data. */
  score(state: FamilyNameState<P>, batch: Batch): Promise<tf.Tensor1D>;
  chains(state: FamilyNameState<P>): Readonly<Record<"data", ModelChain>>;
}

/**
 * Learns an energy of the data by persistent chains.
 *
 * @throws ValidationError when a size, a step size or a number of steps is not positive, or the
 *   penalty is negative.
 */
export function familyName<P extends TensorTree, Batch>(
  given: FamilyNameOptions<P, Batch>,
): FamilyNameLearner<P, Batch> {
  const options = withDefaults(given);
  const { energy, observe, start, stepSize, steps, bufferSize, penalty } = options;
  assertPositive({ stepSize });
  assertPositiveInteger({ steps, bufferSize });
  assertNonNegative({ penalty });
  const { init, step } = learning(options);
  const energyOf = (params: P) => (x: tf.Tensor) => energy.energy(params, x);
  const kernelOf = (params: P) => langevin({ energy: energyOf(params), stepSize });

  const update = compile(step);
  const samples = compile((params: P, n: number, key: Key) => {
    const [startKey, chainKey] = random.split(key) as [Key, Key];
    return runSteps(kernelOf(params), start(startKey, n), { steps: SAMPLED_LENGTHS * steps, key: chainKey }).position;
  });
  const score = compile((params: P, x: tf.Tensor) => energy.energy(params, x));

  return {
    async init(key) {
      const [paramsKey, chainsKey] = random.split(key) as [Key, Key];
      return init(paramsKey, chainsKey);
    },
    async update(state: FamilyNameState<P>, batch, { key }) {
      const next = await update(state, observe(batch), key);
      return { state: next.state, metrics: await readScalars(next.metrics) };
    },
    sample: ({ params }, key, n) => inChunks(n, { chunk: CHUNK, key }, (count, part) => samples(params, count, part)),
    score: ({ params }, batch) => score(params, observe(batch)),
    chains: ({ params }) => ({
      data: {
        description: "the energy of the data",
        steps: SAMPLED_LENGTHS * steps,
        generative: true,
        start,
        scattered: (key, n) => tf.mul(2, start(key, n)),
        kernel: kernelOf(params) as ModelChain["kernel"],
        energy: (x) => energy.energy(params, x as tf.Tensor),
        observe: (x) => x as tf.Tensor,
      },
    }),
    exports({ params }, n) {
      const x = start(random.key(0), n);
      return { energy: { fn: energyOf(params), example: [x], names: ["x"] } };
    },
    describe: () => `energy of the data, ${steps} Langevin steps of ${stepSize}, ${bufferSize} persistent chains`,
    async dispose() {
      await Promise.all([update, samples, score].map((program) => program.dispose()));
    },
  };
}

/** The chains of a trained model at single levels, for mixing diagnostics. */
import type { KernelState } from "@ergodic/samplers";
import { random, type Key, type TensorTree } from "@ergodic/tensor";
import type { ChainKernel, ModelChain } from "@ergodic/training";
import * as tf from "@tensorflow/tfjs-core";
import type { LevelEnergies } from "./conditional.js";
import type { ConditionalSampler } from "./conditional-sampler.js";
import type { RecoveryState } from "./learning.js";
import { perturb, type Levels } from "@ergodic/noising";

/** At most so many levels have a chain: the first, the last, and others evenly between. */
const MOST = 6;

interface ChainParts<P extends TensorTree, Batch> {
  readonly energies: LevelEnergies<P>;
  readonly levels: Levels;
  readonly sampler: ConditionalSampler;
  observe(batch: Batch): tf.Tensor;
}

const evenly = (count: number): number[] => {
  if (count <= MOST) return Array.from({ length: count }, (_, t) => t);
  return Array.from({ length: MOST }, (_, i) => Math.round((i * (count - 1)) / (MOST - 1)));
};

/**
 * The chain of y_t given x_{t+1} for several t, named `level t`. x_{t+1} is made of the first
 * example of the batch. The chain of a marginal top level has no condition but its start.
 */
export function levelChains<P extends TensorTree, Batch>(
  { energies, levels, sampler, observe }: ChainParts<P, Batch>,
  { params, stepSizes }: RecoveryState<P>,
  batch: Batch,
): Record<string, ModelChain> {
  const { count, ladder, transitions } = levels;
  const adapted = stepSizes?.dataSync();

  function chain(t: number): ModelChain {
    const tethered = transitions.tethered[t] === 1;
    const far = (n: number): tf.Tensor => {
      const x = tf.slice(observe(batch), 0, 1);
      const noisy = perturb(ladder, x, t + 1, random.key(t));
      return tf.tile(noisy, [n, ...x.shape.slice(1).map(() => 1)]);
    };
    const given = (n: number) =>
      energies.given(params.energy, { far: far(n), transition: tf.fill([n], t, "int32") as tf.Tensor1D });
    const kernelFor = (position: tf.Tensor) => {
      const n = position.shape[0]!;
      const stepSize = tf.fill([n], adapted?.[t] ?? sampler.stepSizes[t]!);
      return sampler.kernel(given(n), { stepSize, noise: tf.scalar(1) });
    };
    const kernel: ChainKernel = {
      init: (position) => kernelFor(position as tf.Tensor).init(position as tf.Tensor),
      step: (state, key) => kernelFor(state.position as tf.Tensor).step(state as KernelState<tf.Tensor>, key),
    };
    const start = (key: Key, n: number): tf.Tensor => {
      const at = far(n);
      return tethered ? at : random.normal(key, at.shape);
    };
    return {
      description: tethered ? `the data of level ${t} given those of level ${t + 1}` : `the data of level ${t}`,
      steps: sampler.steps,
      generative: false,
      start,
      scattered: (key, n) => {
        const at = far(n);
        const noise = random.normal(key, at.shape, { sd: 2 * transitions.noise[t]! });
        return tethered ? tf.add(at, noise) : random.normal(key, at.shape, { sd: 2 });
      },
      kernel,
      energy: (position) => {
        const y = position as tf.Tensor;
        const { scaled, scale } = given(y.shape[0]!);
        return tf.div(scaled(y), scale);
      },
      observe: (position) => tf.div(position as tf.Tensor, transitions.scale[t]!),
    };
  }
  return Object.fromEntries(evenly(count).map((t) => [`level ${t}`, chain(t)]));
}

/** The chains of learning: Hamiltonian Monte Carlo in noise, persistent, under a step size that follows the energy as it changes. */
import * as tf from "@tensorflow/tfjs-core";
import {
  cycle,
  hmc,
  identityMass,
  independence,
  runSteps,
  type Energy,
  type Kernel,
  type KernelInfo,
} from "@ergodic/samplers";
import { random, type Key } from "@ergodic/tensor";
import type { ChainOptions } from "./options.js";

/** N(0, I) as a proposal: a jump to z' is accepted with min(1, exp(E(g(z)) - E(g(z')))). */
const jumps = (energy: Energy, dimension: number): Kernel =>
  independence({
    energy,
    proposal: {
      sample: (key, n) => random.normal(key, [n, dimension]),
      energy: (z) => tf.mul(0.5, tf.sum(tf.square(z), 1)) as tf.Tensor1D,
    },
  });

export interface Transition {
  readonly position: tf.Tensor;
  /** Mean acceptance probability of the Hamiltonian steps, and of the jumps where there are any: scalars. */
  readonly acceptance: tf.Scalar;
  readonly jumpAcceptance?: tf.Scalar;
}

/** One kernel for a step size that is a tensor, so that changing it records nothing anew. */
function latentKernel(energy: Energy, stepSize: tf.Scalar, { leapfrogSteps }: ChainOptions): Kernel {
  const kernel = hmc({ energy, steps: leapfrogSteps, mass: identityMass() });
  return { ...kernel, init: (position) => ({ ...kernel.init(position), stepSize }) } as Kernel;
}

const meanOf = (info: KernelInfo): tf.Scalar => tf.mean(info["acceptProb"] as tf.Tensor);

/** `transitions` steps from `start`, each a Hamiltonian one and, where asked for, a jump. */
export function advance(
  energy: Energy,
  start: tf.Tensor,
  {
    options,
    transitions,
    stepSize,
    key,
  }: { options: ChainOptions; transitions: number; stepSize: tf.Scalar; key: Key },
): Transition {
  const local = latentKernel(energy, stepSize, options);
  if (!options.jumps) {
    const { position, info } = runSteps(local, start, { steps: transitions, key });
    return { position, acceptance: meanOf(info) };
  }
  const both = cycle([local, jumps(energy, start.shape[1]!)]);
  const { position, info } = runSteps(both, start, { steps: transitions, key });
  return { position, acceptance: meanOf(info.parts[0]!), jumpAcceptance: meanOf(info.parts[1]!) };
}

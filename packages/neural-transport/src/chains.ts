/** Hamiltonian Monte Carlo in noise, as learning and sampling run it, and over examples, to be compared with. */
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
import { noiseEndpoint } from "./tilted.js";

/** One kernel for a step size that is a tensor, so that changing it records nothing anew. */
function hamiltonian(energy: Energy, { leapfrogSteps }: ChainOptions, stepSize: tf.Scalar): Kernel {
  const kernel = hmc({ energy, steps: leapfrogSteps, mass: identityMass() });
  return { ...kernel, init: (position) => ({ ...kernel.init(position), stepSize }) } as Kernel;
}

/** A Hamiltonian step in noise of so many dimensions and, where asked for, a jump: z' ~ N(0, I), accepted with min(1, exp(E(g(z)) - E(g(z')))). */
export function latentKernel(
  energy: Energy,
  { options, dimension, stepSize }: { options: ChainOptions; dimension: number; stepSize: tf.Scalar },
): Kernel {
  const local = hamiltonian(energy, options, stepSize);
  return options.jumps ? cycle([local, independence({ energy, proposal: noiseEndpoint(dimension) })]) : local;
}

/** Smallest and largest step over examples, whose scale nobody knows. */
const sizes = [1e-4, 1] as const;

/**
 * Hamiltonian steps over examples of a size drawn anew for each, log-uniformly from [0.0001, 1]: no scale needs to be known, and none is left
 * out for long. About one step in seven is within a factor 2 of the best size.
 */
export function anyScaleKernel(energy: Energy, options: ChainOptions): Kernel {
  const [low, high] = [Math.log(sizes[0]), Math.log(sizes[1])];
  const local = hamiltonian(energy, options, tf.scalar(sizes[0]));
  return {
    ...local,
    step(state, key) {
      const [sizeKey, stepKey] = random.split(key, 2) as [Key, Key];
      const stepSize = tf.exp(random.uniform(sizeKey, [], { low, high }));
      return local.step({ ...state, stepSize }, stepKey);
    },
  };
}

export interface Transition {
  readonly position: tf.Tensor;
  /** Mean acceptance probability of the Hamiltonian steps, and of the jumps where there are any: scalars. */
  readonly acceptance: tf.Scalar;
  readonly jumpAcceptance?: tf.Scalar;
}

/** `transitions` steps of a `latentKernel` from `start`. */
export function advance(
  kernel: Kernel,
  start: tf.Tensor,
  { transitions, key }: { transitions: number; key: Key },
): Transition {
  const { position, info } = runSteps(kernel, start, { steps: transitions, key });
  const parts = (info["parts"] ?? [info]) as readonly KernelInfo[];
  const [acceptance, jumpAcceptance] = parts.map((part) => tf.mean<tf.Scalar>(part["acceptProb"] as tf.Tensor));
  return { position, acceptance: acceptance!, ...(jumpAcceptance && { jumpAcceptance }) };
}

/**
 * Hamiltonian Monte Carlo in noise, for learning and sampling, and over examples, for comparison.
 */
import * as tf from "@tensorflow/tfjs-core";
import {
  cycle,
  hmc,
  identityMass,
  independence,
  runSteps,
  type Energy,
  type HamiltonianKernel,
  type Kernel,
} from "@ergodic/samplers";
import { acceptanceIn, reportsIn } from "@ergodic/samplers/kernels";
import { random, type Key } from "@ergodic/tensor";
import type { TransportChainOptions } from "./options.js";
import { noiseEndpoint } from "./tilted.js";

const hamiltonian = (
  energy: Energy,
  { leapfrogSteps }: TransportChainOptions,
  stepSize: tf.Scalar,
): HamiltonianKernel => hmc({ energy, steps: leapfrogSteps, stepSize, mass: identityMass() });

/**
 * A Hamiltonian step in noise `[chains, dimension]`, followed by a jump when `jumps` is set.
 *
 * A jump is z' ~ N(0, I), accepted with probability min(1, exp(E(g(z)) - E(g(z')))). The step size
 * is a tensor, so a new value needs no recompilation.
 */
export function latentKernel(
  energy: Energy,
  { options, dimension, stepSize }: { options: TransportChainOptions; dimension: number; stepSize: tf.Scalar },
): Kernel {
  const local = hamiltonian(energy, options, stepSize);
  return options.jumps ? cycle([local, independence({ energy, proposal: noiseEndpoint(dimension) })]) : local;
}

/** Smallest and largest step size over examples, whose scale is unknown. */
const sizes = [1e-4, 1] as const;

/**
 * Hamiltonian steps over examples whose scale is unknown.
 *
 * Each step draws its own step size, log-uniform on [0.0001, 1]. About one step in seven is within
 * a factor 2 of the best size.
 */
export function anyScaleKernel(energy: Energy, options: TransportChainOptions): HamiltonianKernel {
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
  /** Mean acceptance probability of the Hamiltonian steps, and of the jumps if present: scalars. */
  readonly acceptance: tf.Scalar;
  readonly jumpAcceptance?: tf.Scalar;
}

/** Runs `transitions` steps of a `latentKernel` from `start`. */
export function advance(
  kernel: Kernel,
  start: tf.Tensor,
  { transitions, key }: { transitions: number; key: Key },
): Transition {
  const { position, info } = runSteps(kernel, start, { steps: transitions, key });
  const [acceptance, jumpAcceptance] = reportsIn(info).map((report) => tf.mean<tf.Scalar>(acceptanceIn(report)!));
  return { position, acceptance: acceptance!, ...(jumpAcceptance && { jumpAcceptance }) };
}

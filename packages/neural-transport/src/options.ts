/** How a tilt is learned. */
import type * as tf from "@tensorflow/tfjs-core";
import type { EnergyModel } from "@ergodic/energies";
import type { Flow } from "@ergodic/flows";
import type { Optimizer } from "@ergodic/nn";
import {
  assertFunction,
  assertInRange,
  assertNonNegative,
  assertNonNegativeInteger,
  assertPositive,
  assertPositiveInteger,
  type Key,
  type TensorTree,
} from "@ergodic/tensor";

export interface ChainOptions {
  /** Chains that persist between iterations; all move at every one. Default 64. */
  readonly count: number;
  /** Transitions of an iteration. Default 1. */
  readonly transitions: number;
  /** Leapfrog steps of a transition. Default 5. */
  readonly leapfrogSteps: number;
  /** First step size; it then follows the acceptance. Default 0.1. */
  readonly stepSize: number;
  /** Mean acceptance probability that the step size aims at. Default 0.651. */
  readonly targetAcceptance: number;
  /** How often a chain begins afresh, at every iteration. 1 makes them short runs. Default 0.05. */
  readonly reinitialise: number;
  /** Whether every transition also proposes fresh noise, whatever the position: the cheap cure for modes far apart. Default false. */
  readonly jumps: boolean;
  /** Step size of the chains over examples that `chains` opens beside those in noise, to compare them. Default 0.01. */
  readonly dataStepSize: number;
}

export interface NeuralTransportOptions<B extends TensorTree, E extends TensorTree, Batch extends TensorTree> {
  /** Learned first by maximum likelihood, then kept as it is. */
  readonly flow: Flow<B>;
  /** E of examples as the flow sees them. An energy that starts at 0 starts the model as the flow. */
  readonly energy: EnergyModel<E>;
  readonly optimizers: { readonly flow: Optimizer; readonly energy: Optimizer };
  /** Examples `[batch, ...flow.shape]` of a batch; the key is for dequantisation. Part of compiled functions. */
  readonly observe: (batch: Batch, key: Key) => tf.Tensor;
  /** What examples are shown as: images in [-1, 1] or points. Default: as they are. */
  readonly display?: (x: tf.Tensor) => tf.Tensor;
  /** How many iterations belong to the flow, and how many to the contrastive start of the energy; the others are maximum likelihood. */
  readonly iterations: { readonly flow: number; readonly contrastive?: number };
  readonly chains?: Partial<ChainOptions>;
  /** λ of the penalty λ mean(E(x⁺)² + E(x⁻)²), which keeps the tilt mild and its level near 0. Default 5e-4. */
  readonly penalty?: number;
  /** Longer gradients are scaled down to this norm. Default 50 for the flow and 5 for the energy. */
  readonly maxGradientNorm?: { readonly flow?: number; readonly energy?: number };
  /** Transitions from fresh noise to a sample. Default 100. */
  readonly samplingTransitions?: number;
}

export interface Resolved<
  B extends TensorTree,
  E extends TensorTree,
  Batch extends TensorTree,
> extends NeuralTransportOptions<B, E, Batch> {
  readonly display: (x: tf.Tensor) => tf.Tensor;
  readonly iterations: { readonly flow: number; readonly contrastive: number };
  readonly chains: ChainOptions;
  readonly penalty: number;
  readonly maxGradientNorm: { readonly flow: number; readonly energy: number };
  readonly samplingTransitions: number;
}

/** @throws ValidationError for what is out of range. */
export function resolveOptions<B extends TensorTree, E extends TensorTree, Batch extends TensorTree>(
  given: NeuralTransportOptions<B, E, Batch>,
): Resolved<B, E, Batch> {
  const chains: ChainOptions = {
    count: 64,
    transitions: 1,
    leapfrogSteps: 5,
    stepSize: 0.1,
    targetAcceptance: 0.651,
    reinitialise: 0.05,
    jumps: false,
    dataStepSize: 0.01,
    ...given.chains,
  };
  const options = {
    ...given,
    display: given.display ?? ((x: tf.Tensor) => x),
    iterations: { contrastive: 0, ...given.iterations },
    chains,
    penalty: given.penalty ?? 5e-4,
    maxGradientNorm: { flow: 50, energy: 5, ...given.maxGradientNorm },
    samplingTransitions: given.samplingTransitions ?? 100,
  };
  assertFunction({ observe: options.observe, display: options.display });
  assertPositiveInteger({
    "chains.count": chains.count,
    "chains.transitions": chains.transitions,
    "chains.leapfrogSteps": chains.leapfrogSteps,
    samplingTransitions: options.samplingTransitions,
  });
  assertPositive({ "chains.stepSize": chains.stepSize, "chains.dataStepSize": chains.dataStepSize });
  assertInRange(
    { "chains.targetAcceptance": chains.targetAcceptance },
    { min: 0, max: 1, minOpen: true, maxOpen: true },
  );
  assertInRange({ "chains.reinitialise": chains.reinitialise }, { min: 0, max: 1 });
  assertNonNegativeInteger({
    "iterations.flow": options.iterations.flow,
    "iterations.contrastive": options.iterations.contrastive,
  });
  assertNonNegative({ penalty: options.penalty });
  return options;
}

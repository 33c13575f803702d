/** How a tilt is learned. */
import type * as tf from "@tensorflow/tfjs-core";
import type { EnergyModel } from "@ergodic/energies";
import type { Flow } from "@ergodic/flows";
import type { Optimizer } from "@ergodic/nn";
import {
  assertFunction,
  assertInRange,
  assertNonNegative,
  assertOneOf,
  assertPositive,
  assertPositiveInteger,
  type Key,
  type TensorTree,
} from "@ergodic/tensor";
import type { Backbone } from "./backbone.js";

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
  /**
   * How often a chain begins afresh, at every iteration; 1 makes them short runs. Default 0: fresh chains are draws of the backbone that count
   * as draws of the model, a bias unless the transitions of one iteration make them forget. 0.05 with one transition made a strong tilt 5 % wrong.
   */
  readonly reinitialise: number;
  /**
   * Whether every transition ends with a proposal of fresh noise, whatever the position. Default true: it leads to modes that Hamiltonian moves
   * do not reach, without bias, for two evaluations of the energy; where the tilt is so strong that none is accepted it changes nothing.
   */
  readonly jumps: boolean;
}

/** What a tilt needs, whatever it tilts. */
export interface TiltOptions<E extends TensorTree, Batch extends TensorTree> {
  /** E of examples as the backbone makes them. An energy that starts at 0 starts the model as the backbone. */
  readonly energy: EnergyModel<E>;
  /** Examples `[batch, ...backbone.shape]` of a batch; the key is for dequantisation. Part of compiled functions. */
  readonly observe: (batch: Batch, key: Key) => tf.Tensor;
  /** What examples are shown as: images in [-1, 1] or points. Default: as they are. */
  readonly display?: (x: tf.Tensor) => tf.Tensor;
  readonly chains?: Partial<ChainOptions>;
  /**
   * What stands for the model while the likelihood is learned: "chains", the default, or "weights", as many fresh draws of the backbone as there
   * would be chains, weighed by exp(-E). Weights need no gradient in noise, but a mild tilt: see the metric `effectiveShare`. Nothing then
   * follows the acceptance: samples are drawn with `chains.stepSize` as it is given.
   */
  readonly negatives?: "chains" | "weights";
  /** λ of the penalty λ mean(E(x⁺)² + E(x⁻)²), which keeps the tilt mild and its level near 0. Default 5e-4. */
  readonly penalty?: number;
  /** Transitions from fresh noise to a sample. Default 100. */
  readonly samplingTransitions?: number;
}

export interface TiltLearnerOptions<
  B extends TensorTree,
  E extends TensorTree,
  Batch extends TensorTree,
> extends TiltOptions<E, Batch> {
  /** What is tilted: a generator, see `generatorBackbone` and `noisyGeneratorBackbone`, or a flow. */
  readonly backbone: Backbone<B>;
  /** Its parameters, which stay as they are. The learner's state owns the tensors. */
  readonly pretrained: (key: Key) => B | Promise<B>;
  readonly optimizer: Optimizer;
}

export interface NeuralTransportOptions<
  B extends TensorTree,
  E extends TensorTree,
  Batch extends TensorTree,
> extends TiltOptions<E, Batch> {
  /** Learned first by maximum likelihood, then kept as it is. */
  readonly flow: Flow<B>;
  readonly optimizers: { readonly flow: Optimizer; readonly energy: Optimizer };
}

/** With every default filled in. */
export type ResolvedTilt<B extends TensorTree, E extends TensorTree, Batch extends TensorTree> = Required<
  Omit<TiltLearnerOptions<B, E, Batch>, "pretrained" | "chains">
> & { readonly chains: ChainOptions };

/** @throws ValidationError for what is out of range. */
export function resolveTilt<B extends TensorTree, E extends TensorTree, Batch extends TensorTree>(
  given: Omit<TiltLearnerOptions<B, E, Batch>, "pretrained">,
): ResolvedTilt<B, E, Batch> {
  const chains: ChainOptions = {
    count: 64,
    transitions: 1,
    leapfrogSteps: 5,
    stepSize: 0.1,
    targetAcceptance: 0.651,
    reinitialise: 0,
    jumps: true,
    ...given.chains,
  };
  const options = {
    display: (x: tf.Tensor) => x,
    negatives: "chains" as const,
    penalty: 5e-4,
    samplingTransitions: 100,
    ...given,
    chains,
  };
  assertFunction({ observe: options.observe, display: options.display });
  assertOneOf({ negatives: options.negatives }, ["chains", "weights"]);
  assertPositiveInteger({
    "chains.count": chains.count,
    "chains.transitions": chains.transitions,
    "chains.leapfrogSteps": chains.leapfrogSteps,
    samplingTransitions: options.samplingTransitions,
  });
  assertPositive({ "chains.stepSize": chains.stepSize });
  assertInRange(
    { "chains.targetAcceptance": chains.targetAcceptance },
    { min: 0, max: 1, minOpen: true, maxOpen: true },
  );
  assertInRange({ "chains.reinitialise": chains.reinitialise }, { min: 0, max: 1 });
  assertNonNegative({ penalty: options.penalty });
  return options;
}

/** Options of tilt learners, and their defaults. */
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
import type { TransportBackbone } from "./backbone.js";

export interface TransportChainOptions {
  /** Number of persistent chains. All of them move in every iteration. Default 64. */
  readonly count: number;
  /** Transitions per iteration. Default 1. */
  readonly transitions: number;
  /** Leapfrog steps per transition. Default 5. */
  readonly leapfrogSteps: number;
  /** Initial step size. It then adapts to the acceptance. Default 0.1. */
  readonly stepSize: number;
  /** Target mean acceptance probability of the step size. Default 0.651. */
  readonly targetAcceptance: number;
  /**
   * Probability per iteration that a chain restarts from fresh noise. Default 0; 1 gives short
   * runs.
   *
   * A fresh chain is a draw of the backbone that counts as a draw of the model. This is a bias
   * unless the transitions of one iteration forget the start. With 0.05 and one transition a strong
   * tilt came out 5 % wrong.
   */
  readonly reinitialise: number;
  /**
   * Whether every transition ends with a proposal of fresh noise, independent of the position.
   * Default true.
   *
   * Jumps reach modes that Hamiltonian moves do not reach, without bias. They cost two evaluations
   * of the energy. Under a tilt so strong that no jump is accepted they have no effect.
   */
  readonly jumps: boolean;
}

/** Options of every tilt learner, for any backbone. */
export interface TiltOptions<E extends TensorTree, Batch extends TensorTree> {
  /**
   * E, a function of examples as the backbone generates them. If E starts at 0, the model starts as
   * the backbone.
   */
  readonly energy: EnergyModel<E>;
  /**
   * The examples of a batch, `[batch, ...backbone.shape]`. The key is for dequantisation. Runs
   * compiled.
   */
  readonly observe: (batch: Batch, key: Key) => tf.Tensor;
  /** Converts examples for display: images in [-1, 1], or points. Default: unchanged. */
  readonly display?: (x: tf.Tensor) => tf.Tensor;
  readonly chains?: Partial<TransportChainOptions>;
  /**
   * Estimator of means over the model during maximum likelihood. Default "chains".
   *
   * - "chains": persistent chains in noise.
   * - "weights": fresh draws of the backbone, as many as `chains.count`, weighted by exp(-E). It
   *   needs no gradient in noise, but a mild tilt: see the metric `effectiveShare`. The step size
   *   is not adapted, so samples use `chains.stepSize` as given.
   */
  readonly negatives?: "chains" | "weights";
  /**
   * λ of the penalty λ mean(E(x⁺)² + E(x⁻)²). It keeps the tilt mild and its level near 0. Default
   * 5e-4.
   */
  readonly penalty?: number;
  /** Transitions from fresh noise to a sample. Default 100. */
  readonly samplingTransitions?: number;
}

export interface TiltLearnerOptions<
  B extends TensorTree,
  E extends TensorTree,
  Batch extends TensorTree,
> extends TiltOptions<E, Batch> {
  /**
   * The map that is tilted: a flow, or a generator by `generatorBackbone` or
   * `noisyGeneratorBackbone`.
   */
  readonly backbone: TransportBackbone<B>;
  /** Parameters of the backbone. They stay fixed. The learner's state owns the tensors. */
  readonly pretrained: (key: Key) => B | Promise<B>;
  readonly optimizer: Optimizer;
}

export interface NeuralTransportOptions<
  B extends TensorTree,
  E extends TensorTree,
  Batch extends TensorTree,
> extends TiltOptions<E, Batch> {
  /** The flow: first learned by maximum likelihood, then fixed. */
  readonly flow: Flow<B>;
  readonly optimizers: { readonly flow: Optimizer; readonly energy: Optimizer };
}

/** Options with all defaults filled in. */
export type ResolvedTilt<B extends TensorTree, E extends TensorTree, Batch extends TensorTree> = Required<
  Omit<TiltLearnerOptions<B, E, Batch>, "pretrained" | "chains">
> & { readonly chains: TransportChainOptions };

/**
 * Fills in defaults.
 *
 * @throws ValidationError for options out of range.
 */
export function resolveTilt<B extends TensorTree, E extends TensorTree, Batch extends TensorTree>(
  given: Omit<TiltLearnerOptions<B, E, Batch>, "pretrained">,
): ResolvedTilt<B, E, Batch> {
  const chains: TransportChainOptions = {
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

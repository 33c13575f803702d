/**
 * The interfaces of models and data for the training loop. They are structural: any object with
 * these functions can be trained, and this package depends on no model and no data set.
 */
import type * as tf from "@tensorflow/tfjs-core";
import type { Key, TensorTree, Tree } from "@ergodic/tensor";
import type { Shown } from "./samples/samples.js";

/**
 * Everything a learner carries from one iteration to the next, as one tree of tensors: `params`
 * and, beside it, optimiser moments, replay buffers, counters. Every leaf is a tensor, because the
 * state is what a checkpoint holds.
 */
export interface LearnerState {
  readonly params: Tree<tf.Tensor>;
}

/**
 * A function of a trained model for export. Its parameters are captured; its arguments stay
 * arguments.
 */
export interface ModelFunction {
  readonly fn: (...args: never[]) => unknown;
  /** Arguments to record it with: tensors of the right shapes, keys. */
  readonly example: readonly unknown[];
  /** What the arguments are called. */
  readonly names: readonly string[];
}

/** The position of chains: a tensor or a tree of tensors. The first axis is the chain. */
export type ChainPosition = Tree<tf.Tensor>;

/**
 * The state of chains: their position, and what the kernel caches between steps, such as a
 * gradient.
 */
export type ChainState = { readonly position: ChainPosition } & { readonly [name: string]: Tree<tf.Tensor> };

/** A Markov kernel, described by shape: those of `@ergodic/samplers` are of it. */
export interface ChainKernel {
  init(position: ChainPosition): ChainState;
  /** One transition of every chain, and a report that is not read here. */
  step(state: ChainState, key: Key): readonly [ChainState, unknown];
}

/**
 * A Markov chain of a trained model, exposed for mixing diagnostics (`ergodic diagnose`).
 * Its functions are pure and can be compiled. The parameters are captured.
 */
export interface ModelChain {
  /** The distribution that it samples, for instance "the prior of latents". */
  readonly description: string;
  /** K: the steps of a short run, as taken in learning and sampling. */
  readonly steps: number;
  /**
   * Whether observations of positions are samples of the model. False for chains given an
   * observation.
   */
  readonly generative: boolean;
  /** `n` positions where short runs start. */
  start(key: Key, n: number): ChainPosition;
  /**
   * `n` positions that are more widely scattered than the chain's distribution, so agreement of
   * chains means mixing.
   */
  scattered(key: Key, n: number): ChainPosition;
  readonly kernel: ChainKernel;
  /** E(x), `[n]`. The chain should sample a distribution near exp(-E). */
  energy(position: ChainPosition): tf.Tensor;
  /** The observations that positions stand for. */
  observe?(position: ChainPosition): TensorTree;
  /** What observations show. Default: their kind follows from the rank of the tensor, see {@link Shown}. */
  show?(observations: TensorTree): Shown;
  /** The mode each position belongs to, where modes are known: whole numbers from 0, `[n]`. */
  label?(position: ChainPosition): tf.Tensor;
}

/** A named stretch of training with a rule of its own, for instance the flow before the energy. */
export interface Phase {
  readonly name: string;
  /** Completed iterations of this phase: 0 at its first. */
  readonly iteration: number;
  /** Its length. */
  readonly iterations: number;
}

/** Where an update stands. */
export interface UpdateContext {
  /** The source of all randomness in the update. */
  readonly key: Key;
  /** Completed iterations of the run: 0 at the first. */
  readonly iteration: number;
  /** Present when the experiment has phases. */
  readonly phase?: Phase;
}

/**
 * A model that learns by iterations. Its functions are pure: the same arguments give the same
 * numbers.
 */
export interface Learner<S extends LearnerState = LearnerState, Batch = unknown> {
  /**
   * A fresh state. `example` is one batch of the data, for its shapes; it is disposed by the
   * caller.
   */
  init(key: Key, example: Batch): Promise<S>;
  /**
   * One iteration. Returns the new state and the metrics of the old state.
   * A metric may be a scalar tensor, which the loop reads and disposes.
   * The loop disposes the batch and the tensors of the old state that are not in the new state.
   * The state holds no counter of iterations.
   */
  update(state: S, batch: Batch, context: UpdateContext): Promise<{ state: S; metrics: Record<string, number> }>;
  /**
   * The names of phases this learner knows; an experiment with phases of other names is refused.
   */
  readonly phases?: readonly string[];
  /** `n` samples: a tensor or a tree of tensors, `[n, ...]` in each leaf. */
  sample?(state: S, key: Key, n: number): Promise<TensorTree>;
  /** The observations of a batch, and what the model makes of them. */
  reconstruct?(state: S, batch: Batch, key: Key): Promise<{ original: TensorTree; reconstruction: TensorTree }>;
  /**
   * What observations show: images, points, text or sequences of images. Default: the kind follows
   * from the rank of the tensor, see {@link Shown}.
   */
  show?(observations: TensorTree): Shown;
  /**
   * The anomaly score of each example, `[batch]`: higher is more anomalous, for instance
   * -log p(x) up to a constant. Only the order of scores of one state matters.
   * The key is for chains or noise that the score needs.
   */
  score?(state: S, batch: Batch, key: Key): Promise<tf.Tensor1D>;
  /** Named curves that tell whether the chains behave, for instance the energy along a chain. */
  diagnose?(state: S, key: Key): Promise<Record<string, number[]>>;
  /**
   * The Markov chains of the model by name, of latents or of data. `batch` holds a few examples for
   * posterior chains. The caller owns it and keeps it alive as long as the chains.
   */
  chains?(state: S, batch: Batch): Readonly<Record<string, ModelChain>>;
  /**
   * Functions that can be written to a file for other programs, by name, for batches of `n`. The
   * caller disposes the examples.
   */
  exports?(state: S, n: number): Readonly<Record<string, ModelFunction>>;
  /** One line about the model: its parts and their sizes. */
  describe?(): string;
  /** Frees compiled programs. The learner is not used afterwards. */
  dispose?(): Promise<void>;
}

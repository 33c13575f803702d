/**
 * What the training loop needs from a model and from data. Both are described by shape alone: any object that has these
 * functions will do, and this package knows no model and no data set.
 */
import type * as tf from "@tensorflow/tfjs-core";
import type { Key, TensorTree, Tree } from "@ergodic/tensor";
import type { Shown } from "./samples/samples.js";

/**
 * Everything a learner carries from one iteration to the next, as one tree of tensors: `params` and, beside it, optimiser
 * moments, replay buffers, counters. Every leaf is a tensor, because the state is what a checkpoint holds.
 */
export interface LearnerState {
  readonly params: Tree<tf.Tensor>;
}

/** A function of a trained model that can leave as a file; its parameters are captured, what it is called with are the arguments. */
export interface ModelFunction {
  readonly fn: (...args: never[]) => unknown;
  /** Arguments to record it with: tensors of the right shapes, keys. */
  readonly example: readonly unknown[];
  /** What the arguments are called. */
  readonly names: readonly string[];
}

/** Where chains are: a tensor or tree of tensors whose first axis numbers them. */
export type ChainPosition = Tree<tf.Tensor>;

/** Where chains are, with whatever else their kernel remembers from one step to the next, such as a gradient. */
export type ChainState = { readonly position: ChainPosition } & { readonly [name: string]: Tree<tf.Tensor> };

/** A Markov kernel, described by shape: those of `@ergodic/samplers` are of it. */
export interface ChainKernel {
  init(position: ChainPosition): ChainState;
  /** One transition of every chain, and a report that is not read here. */
  step(state: ChainState, key: Key): readonly [ChainState, unknown];
}

/**
 * A Markov chain of a trained model, for whoever asks whether it mixes (`ergodic diagnose`). Functions are pure and can be compiled; the
 * parameters are captured.
 */
export interface ModelChain {
  /** What it samples, in a few words, for instance "the prior of latents". */
  readonly description: string;
  /** K, the steps that learning and sampling take: a short run, which is held against longer ones. */
  readonly steps: number;
  /** Whether the observations of positions are samples of the model, to be compared with data; false where an observation is given. */
  readonly generative: boolean;
  /** `n` positions where short runs start. */
  start(key: Key, n: number): ChainPosition;
  /** `n` positions scattered more widely than the chain's law: chains that agree in the end have then met on the way. */
  scattered(key: Key, n: number): ChainPosition;
  readonly kernel: ChainKernel;
  /** E(x), `[n]`; the law of the chain should be near exp(-E). */
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
  /** Everything random in the update follows from it. */
  readonly key: Key;
  /** Completed iterations of the run: 0 at the first. */
  readonly iteration: number;
  /** Present when the experiment has phases. */
  readonly phase?: Phase;
}

/** A model that learns by iterations. Functions are pure in their arguments: same arguments, same numbers. */
export interface Learner<S extends LearnerState = LearnerState, Batch = unknown> {
  /** A fresh state. `example` is one batch of the data, for its shapes; it is disposed by the caller. */
  init(key: Key, example: Batch): Promise<S>;
  /**
   * One iteration. Returns the new state and the metrics of the old one; the loop reads and disposes a scalar tensor in the place of a
   * number. It disposes whatever of the old state is not part of the new one, and the batch: a learner disposes neither. Counters of
   * iterations are not part of the state.
   */
  update(state: S, batch: Batch, context: UpdateContext): Promise<{ state: S; metrics: Record<string, number> }>;
  /** The names of phases this learner knows; an experiment with phases of other names is refused. */
  readonly phases?: readonly string[];
  /** `n` samples: a tensor or a tree of tensors, `[n, ...]` in each leaf. */
  sample?(state: S, key: Key, n: number): Promise<TensorTree>;
  /** The observations of a batch, and what the model makes of them. */
  reconstruct?(state: S, batch: Batch, key: Key): Promise<{ original: TensorTree; reconstruction: TensorTree }>;
  /**
   * What observations show: images, points, text or sequences of images. Default: the kind follows from the rank of the
   * tensor, see {@link Shown}.
   */
  show?(observations: TensorTree): Shown;
  /**
   * How unlike the training data each example of a batch is, `[batch]`: higher is more anomalous, for instance -log p(x) up to a constant. Only
   * the order of the scores of one state is read, so the constant does not matter; the key is for what chains or noise they take.
   */
  score?(state: S, batch: Batch, key: Key): Promise<tf.Tensor1D>;
  /** Named curves that tell whether the chains behave, for instance the energy along a chain. */
  diagnose?(state: S, key: Key): Promise<Record<string, number[]>>;
  /**
   * The Markov chains of the model by name, of latents or of data. `batch` holds a few examples for chains that explain an observation; it
   * stays the caller's and is alive as long as the chains.
   */
  chains?(state: S, batch: Batch): Readonly<Record<string, ModelChain>>;
  /** Functions that can be written to a file for other programs, by name, for batches of `n`. The caller disposes the examples. */
  exports?(state: S, n: number): Readonly<Record<string, ModelFunction>>;
  /** One line about the model: its parts and their sizes. */
  describe?(): string;
  /** Frees compiled programs. The learner is not used afterwards. */
  dispose?(): Promise<void>;
}

/**
 * The interfaces of models and data for the training loop.
 *
 * They are structural: any object with these functions can be trained. This package depends on no
 * model and no data set.
 */
import type * as tf from "@tensorflow/tfjs-core";
import type { Key, TensorTree, Tree } from "@ergodic/tensor";
import type { Shown } from "./samples/samples.js";

/**
 * The state that a learner carries between iterations, as one tree of tensors: `params`, optimiser
 * moments, replay buffers, counters. Every leaf is a tensor, because checkpoints store the state.
 */
export interface LearnerState {
  readonly params: Tree<tf.Tensor>;
}

/**
 * A function of a trained model for export. Its parameters are captured. Its arguments remain
 * arguments.
 */
export interface ModelFunction {
  readonly fn: (...args: never[]) => unknown;
  /** Example arguments for recording: tensors of the right shapes, keys. */
  readonly example: readonly unknown[];
  /** Names of the arguments. */
  readonly names: readonly string[];
}

/** The position of chains: a tensor or a tree of tensors. The first axis is the chain. */
export type ChainPosition = Tree<tf.Tensor>;

/**
 * The state of chains: their position and what the kernel caches between steps, such as a gradient.
 */
export type ChainState = { readonly position: ChainPosition } & { readonly [name: string]: Tree<tf.Tensor> };

/** A Markov kernel, described structurally. The kernels of `@ergodic/samplers` satisfy it. */
export interface ChainKernel {
  init(position: ChainPosition): ChainState;
  /** One transition of every chain, and a report that is not read here. */
  step(state: ChainState, key: Key): readonly [ChainState, unknown];
}

/**
 * A Markov chain of a trained model, exposed for mixing diagnostics (`ergodic diagnose`).
 *
 * Its functions are pure and can be compiled. The parameters are captured.
 */
export interface ModelChain {
  /** Description of the distribution it samples, for instance "the prior of latents". */
  readonly description: string;
  /** K: the number of steps of a short run, as in learning and sampling. */
  readonly steps: number;
  /**
   * Whether observations of positions are samples of the model. False for chains given an
   * observation.
   */
  readonly generative: boolean;
  /** `n` positions where short runs start. */
  start(key: Key, n: number): ChainPosition;
  /**
   * `n` positions that are more widely scattered than the chain's distribution. If such chains
   * agree, they mix.
   */
  scattered(key: Key, n: number): ChainPosition;
  readonly kernel: ChainKernel;
  /** E(x), `[n]`. The chain should sample a distribution near exp(-E). */
  energy(position: ChainPosition): tf.Tensor;
  /** The learned part of the energy, `[n]`, where the energy is a learned tilt of a base law. */
  tilt?(position: ChainPosition): tf.Tensor;
  /** The observations of positions. */
  observe?(position: ChainPosition): TensorTree;
  /**
   * The kind of the observations. Default: it follows from the rank of the tensor, see {@link
   * Shown}.
   */
  show?(observations: TensorTree): Shown;
  /** The mode of each position, if modes are known: integers from 0, `[n]`. */
  label?(position: ChainPosition): tf.Tensor;
}

/**
 * The latents of a model, in coordinates whose base law is N(0, I): a tensor, or a tree with a leaf
 * for each layer, `[n, ...]` in each leaf. The caller owns what the functions return.
 */
export interface LatentSpace<S, Batch> {
  /** The latents of each example of a batch. Absent where the model infers none. */
  infer?(state: S, batch: Batch, key: Key): Promise<TensorTree>;
  /** The latents of `n` samples of the model. */
  sample(state: S, key: Key, n: number): Promise<TensorTree>;
  /** What latents decode to, in the form of the learner's `sample`. */
  decode(state: S, z: TensorTree): Promise<TensorTree>;
  /**
   * Latents with the named layers drawn anew from the model given the others, for latents of
   * several layers. Layers are named by their paths in the tree.
   *
   * @throws ValidationError for a layer that is not there
   */
  redraw?(state: S, z: TensorTree, layers: readonly string[], key: Key): Promise<TensorTree>;
}

/** log Z by importance sampling. */
export interface PartitionEstimate {
  readonly logPartition: number;
  /**
   * -log of an estimate of 1/Z by draws of the model. It is too high on average where
   * `logPartition` is too low, so both bound log Z.
   */
  readonly reverse?: number;
  /** √(1/ESS - 1/samples), by the delta method; 0 where log Z is known. */
  readonly standardError: number;
  /** Absent where log Z is known. */
  readonly samples?: number;
  /** ESS = (Σ w)²/Σ w² of the samples. */
  readonly effectiveSamples?: number;
}

/** log p(x) of a model with latents, by importance sampling. */
export interface MarginalLikelihood<S, Batch> {
  /**
   * Whether observations are discrete, so that p(x) is a probability. Otherwise it is a density.
   */
  readonly discrete: boolean;
  /** What stands for the law of latents where its own density is not known. */
  readonly prior?: string;
  /** log Z of the law of latents. It is the same for all examples. */
  partition(state: S, key: Key): Promise<PartitionEstimate>;
  /**
   * log of weights whose mean over samples estimates Z p(x), `[batch, samples]` row-major, in nats.
   */
  logWeights(state: S, batch: Batch, key: Key, samples: number): Promise<Float64Array>;
}

/** A side of data that have two. */
export type TranslationSide = "x" | "y";

/** Translations between the two sides of the data. */
export interface Translation<S, Batch> {
  /** K, the steps of the chains that refine translations in learning. */
  readonly steps: number;
  /** Channels of the images of each side, where the examples are images. */
  readonly channels?: { readonly x: number; readonly y: number };
  /**
   * Paths of the parameters that a direction needs: of the translator, and for refined translations
   * of the energy. The state given to `translate` may lack all others.
   */
  parts(how: { readonly to: TranslationSide; readonly steps: number }): readonly string[];
  /**
   * The examples of each side of a batch: `[n, ...]`, or of sequences `[n, time, ...]`. They may be
   * tensors of the batch.
   */
  observe(batch: Batch): { readonly x: tf.Tensor; readonly y: tf.Tensor };
  /**
   * Examples, or frames of sequences, `[n, ...]` of the other side brought to the side `to`.
   *
   * @param how `steps` of the chain refine the raw translations; 0 leaves them raw
   */
  translate(
    state: S,
    examples: tf.Tensor,
    how: { readonly to: TranslationSide; readonly steps: number; readonly key: Key },
  ): Promise<tf.Tensor>;
  /**
   * The next frame of a side after two frames, `[n, ...]` each. Only models of sequences have it.
   */
  predict?(state: S, frames: readonly [tf.Tensor, tf.Tensor], side: TranslationSide): Promise<tf.Tensor>;
}

/** What a model says of the classes of a batch, and what the batch says. */
export interface Classified {
  /** log p(c | x), `[batch, classes]`. */
  readonly logProbabilities: tf.Tensor2D;
  /** The class of each example, int32, `[batch]`. It may be a tensor of the batch. */
  readonly labels: tf.Tensor1D;
}

/** A named stretch of training with its own rule, for instance the flow before the energy. */
export interface Phase {
  readonly name: string;
  /** Completed iterations of this phase: 0 in its first. */
  readonly iteration: number;
  /** The length of the phase. */
  readonly iterations: number;
}

/** The context of an update. */
export interface UpdateContext {
  /** The source of all randomness in the update. */
  readonly key: Key;
  /** Completed iterations of the run: 0 in the first. */
  readonly iteration: number;
  /** Present when the experiment has phases. */
  readonly phase?: Phase;
  /**
   * A factor for all learning rates. Absent while it is 1. It becomes a third at every return to a
   * checkpoint of a learner with `limits`.
   */
  readonly rate?: number;
}

/** A set of points in the plane. */
export interface Panel {
  readonly title: string;
  /** `[n, 2]`. */
  readonly points: tf.Tensor;
  /** The number that colours each point, int32 `[n]`. */
  readonly colours?: tf.Tensor;
}

/**
 * A model that learns by iterations. Its functions are pure: equal arguments give equal results.
 */
export interface Learner<S extends LearnerState = LearnerState, Batch = unknown> {
  /** A fresh state. `example` is one batch of the data, for its shapes. The caller disposes it. */
  init(key: Key, example: Batch): Promise<S>;
  /**
   * One iteration. Returns the new state and the metrics of the old state.
   *
   * - A metric may be a scalar tensor, which the loop reads and disposes.
   * - The loop disposes the batch, and the tensors of the old state that are not in the new state.
   * - The state holds no counter of iterations.
   */
  update(state: S, batch: Batch, context: UpdateContext): Promise<{ state: S; metrics: Record<string, number> }>;
  /** Names of the phases this learner knows. Experiments with other phases are rejected. */
  readonly phases?: readonly string[];
  /**
   * The largest healthy magnitude of some metrics, by name. Beyond one, the run returns to its last
   * good checkpoint and goes on at a third of the learning rates (`rate` of {@link UpdateContext}).
   */
  readonly limits?: Readonly<Record<string, number>>;
  /**
   * The examples of a batch in the form of `sample`, which are shown beside samples. They may be
   * tensors of the batch.
   */
  data?(batch: Batch): TensorTree;
  /** `n` samples: a tensor or a tree of tensors, `[n, ...]` in each leaf. */
  sample?(state: S, key: Key, n: number): Promise<TensorTree>;
  /** The number of classes, 0 .. classes - 1, if the model knows classes. */
  readonly classes?: number;
  /**
   * `n` samples of one class, in the form of `sample`. With `classes`, shown samples have a row for
   * each class.
   *
   * @throws ValidationError for a class that the model does not know, before any chain runs
   */
  sampleClass?(state: S, label: number, key: Key, n: number): Promise<TensorTree>;
  /**
   * A sample for each example of a batch, given the part of it that the model does not make, such as
   * what a reply answers. In the form of `sample`.
   */
  sampleGiven?(state: S, batch: Batch, key: Key): Promise<TensorTree>;
  /** The observations of a batch and their reconstructions by the model. */
  reconstruct?(state: S, batch: Batch, key: Key): Promise<{ original: TensorTree; reconstruction: TensorTree }>;
  /** The latent space, where the model has one. */
  readonly latents?: LatentSpace<S, Batch>;
  /**
   * Samples given some of their entries, in the form of `sample`.
   *
   * @param known `mask` is 1 where an entry of `values` is known, and 0 elsewhere. Both have the
   *   shape of samples.
   */
  inpaint?(state: S, known: { readonly mask: tf.Tensor; readonly values: tf.Tensor }, key: Key): Promise<tf.Tensor>;
  /**
   * `rows · columns` samples, row by row. From the first to the last sample of a row, all random
   * numbers change steadily.
   */
  interpolate?(state: S, key: Key, rows: number, columns: number): Promise<TensorTree>;
  /**
   * The kind of the observations: images, points, text or sequences of images. Default: it follows
   * from the rank of the tensor, see {@link Shown}.
   */
  show?(observations: TensorTree): Shown;
  /**
   * The anomaly score of each example, `[batch]`: higher is more anomalous, for instance -log p(x)
   * up to a constant.
   *
   * Only the order of scores of one state matters. The key is for chains or noise in the score.
   */
  score?(state: S, batch: Batch, key: Key): Promise<tf.Tensor1D>;
  /**
   * Several anomaly scores by name, each as `score` describes it. `score` is among them, with the
   * numbers that `score()` has for the same key.
   */
  scores?(state: S, batch: Batch, key: Key): Promise<Readonly<Record<string, tf.Tensor1D>>>;
  /** Translations, where the data have two sides. */
  readonly translation?: Translation<S, Batch>;
  /** log p(x), where it is to be had by importance sampling. */
  readonly likelihood?: MarginalLikelihood<S, Batch>;
  /** The class probabilities of the examples of a batch, and their classes. */
  classify?(state: S, batch: Batch): Promise<Classified>;
  /**
   * log p(s | x) of symbols s that the model has found by itself, `[batch, symbols]`, and the classes
   * of the batch to compare them with. Symbols have no order, so scores of them name none.
   */
  symbols?(state: S, batch: Batch): Promise<Classified>;
  /**
   * Sets of points in the plane that belong together, such as data, latents and samples, to be shown
   * side by side. `n` bounds the points of each set that the model draws.
   */
  panels?(state: S, batch: Batch, key: Key, n: number): Promise<readonly Panel[]>;
  /** Named curves that show whether the chains work, for instance the energy along a chain. */
  diagnose?(state: S, key: Key): Promise<Record<string, number[]>>;
  /**
   * The Markov chains of the model by name, of latents or of data.
   *
   * `batch` holds a few examples for posterior chains. The caller owns it and keeps it alive as
   * long as the chains.
   */
  chains?(state: S, batch: Batch): Readonly<Record<string, ModelChain>>;
  /**
   * Functions that can be exported for other programs, by name, for batches of `n`. The caller
   * disposes the examples.
   */
  exports?(state: S, n: number): Readonly<Record<string, ModelFunction>>;
  /** One line about the model: its parts and their sizes. */
  describe?(): string;
  /** Frees compiled programs. The learner is not used afterwards. */
  dispose?(): Promise<void>;
}

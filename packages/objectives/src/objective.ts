/**
 * How an energy of the data is learned: what is kept between updates, and the loss of one update.
 */
import type { EnergyModel } from "@ergodic/energies";
import type { Energy } from "@ergodic/samplers";
import type { KernelOf } from "@ergodic/samplers/annealing";
import type { Key, TensorTree } from "@ergodic/tensor";
import type * as tf from "@tensorflow/tfjs-core";

/** Scalars of one update, under the names of the metrics log. */
export type Metrics = Readonly<Record<string, tf.Tensor>>;

/** A loss of the parameters, with metrics that carry no gradient. */
export type Loss<P extends TensorTree> = (params: P) => readonly [tf.Tensor, Metrics];

/** What an update is made from. */
export interface UpdateInput<P extends TensorTree, S extends TensorTree> {
  readonly params: P;
  /** Examples, `[batch, ...]`. */
  readonly x: tf.Tensor;
  /** The class of each example, int32 `[batch]`, where the data have labels. */
  readonly labels?: tf.Tensor1D | undefined;
  /** What the objective kept. */
  readonly state: S;
  /** The name of the phase, where the experiment has phases. */
  readonly phase?: string | undefined;
  /** What `prepare` gave, where the objective has it. */
  readonly prepared?: tf.Tensor | undefined;
  readonly key: Key;
}

/** How the model is sampled once it has learned. */
export interface Sampling<S extends TensorTree = TensorTree> {
  /** Markov chains of the data for an energy. */
  readonly kernel: KernelOf<tf.Tensor>;
  /** Steps from a start to a sample. */
  readonly steps: number;
  /** `n` fresh positions. */
  fresh(key: Key, n: number): tf.Tensor;
  /**
   * The kernel of chains that have arrived, which exports as one step. Default: `kernel`; it
   * differs
   * where schedules of `kernel` change the first steps.
   */
  readonly arrived?: KernelOf<tf.Tensor>;
  /** The positions that the objective keeps between updates, if it keeps any. */
  readonly kept?: KeptPositions<S>;
}

/** Positions in the state of an objective. They are only read. */
export interface KeptPositions<S extends TensorTree> {
  readonly count: number;
  /** The positions at these places, int32 `[n]`, each from 0 to `count - 1`. */
  at(state: S, places: tf.Tensor1D): tf.Tensor;
}

/**
 * An objective for one energy model. All functions are pure. All but `prepare` go inside a compiled
 * update.
 */
export interface Objective<P extends TensorTree, S extends TensorTree = TensorTree> {
  /** Names of the phases it learns in. Updates in no such phase are refused. */
  readonly phases?: readonly string[];
  /**
   * What is kept between updates, such as persistent chains. It becomes a part of the learner's
   * state.
   */
  init(key: Key): S;
  /**
   * What the host computes from the examples of an update before its program runs. The caller
   * disposes it. The key is that of `begin`.
   */
  prepare?(x: tf.Tensor, key: Key): Promise<tf.Tensor>;
  /**
   * The loss of one update. Chains run here and not in the loss, so that no gradient passes through
   * them.
   */
  begin(input: UpdateInput<P, S>): { readonly loss: Loss<P>; readonly state: S };
  readonly sampling?: Sampling<S>;
}

/** The state of an objective that keeps nothing. */
export type NoState = Record<string, never>;

/** A loss of an energy and examples that needs no chains and keeps nothing. */
export type DataLoss = (energy: Energy, x: tf.Tensor, key: Key) => tf.Tensor;

/** The objective of a loss that needs no chains. */
export const dataObjective =
  (loss: DataLoss) =>
  <P extends TensorTree>(model: EnergyModel<P>): Objective<P, NoState> => ({
    init: () => ({}),
    begin: ({ x, key }) => ({
      loss: (params) => {
        const value = loss((at) => model.energy(params, at, { key }), x, key);
        return [value, { loss: value }];
      },
      state: {},
    }),
  });

/**
 * Persistent chains: a buffer of positions. Every update draws some of them, runs their chains, and
 * writes them back.
 *
 * Of m positions drawn at random, without replacement, each is replaced with probability ρ by a
 * fresh start. K steps of the kernel on the current energy follow. ρ = 0 is persistent contrastive
 * divergence, and ρ = 1 a short run. The energy changes slowly, so a few steps per update suffice;
 * fresh starts find modes that the other chains have left.
 *
 * Tieleman, "Training restricted Boltzmann machines using approximations to the likelihood
 * gradient" (2008); Du and Mordatch, "Implicit generation and modeling with energy-based models",
 * arXiv 1903.08689; augmentation: Du et al., arXiv 2012.01316, section 3.3.
 */
import * as tf from "@tensorflow/tfjs-core";
import { detached } from "@ergodic/engine";
import {
  assertFunction,
  assertInRange,
  assertPositiveInteger,
  fail,
  random,
  tree,
  type Key,
  type TensorTree,
} from "@ergodic/tensor";
import { chainCount } from "../chains.js";
import type { Kernel, KernelInfo, KernelState } from "../kernel.js";
import { selectRows } from "../rows.js";
import { runSteps } from "../run-steps.js";
import type { StartLaw } from "../start-law.js";
import { gatherRows, scatterRows } from "./rows-at.js";

export interface ReplayBufferOptions<X extends TensorTree = tf.Tensor> {
  /** N, the number of positions in the buffer. */
  readonly size: number;
  /** Where fresh chains start. */
  readonly start: StartLaw<X>;
  /** ρ, in [0, 1]. Default 0.05. */
  readonly reinitialise?: number;
  /**
   * Positions that were drawn this often are replaced by fresh starts. Default: age does not
   * matter.
   */
  readonly maxAge?: number;
  /**
   * Changes positions from the buffer before their chains run, by flips or noise for instance, to
   * help them mix. Fresh starts are not changed.
   */
  readonly augment?: (positions: X, key: Key) => X;
}

/** A plain tree of tensors, for the state of a learner and so for its checkpoints. */
export type ReplayState<X extends TensorTree> = {
  /** N positions. */
  readonly positions: X;
  /** How often each position was drawn since it was fresh, int32, `[N]`. */
  readonly ages: tf.Tensor1D;
};

/** Drawn positions. `indices`, int32 `[m]`, are their places in the buffer. */
export type ReplayDraw<X extends TensorTree> = {
  readonly positions: X;
  readonly indices: tf.Tensor1D;
  /** How often each was drawn before, int32, `[m]`. */
  readonly ages: tf.Tensor1D;
  /** The share that was fresh. */
  readonly reinitialised: tf.Scalar;
};

/** Scalars. */
export type ReplayReport = {
  /** The mean age over the whole buffer. */
  readonly meanAge: tf.Scalar;
  /** The share of this update's chains that started fresh. */
  readonly reinitialised: tf.Scalar;
};

export interface ReplayUpdate<X extends TensorTree, I extends KernelInfo> {
  readonly state: ReplayState<X>;
  /** The last positions of the chains. They are constants to gradients. */
  readonly negatives: X;
  /** The last step's report. */
  readonly info: I;
  readonly report: ReplayReport;
}

export interface ReplayBuffer<X extends TensorTree = tf.Tensor> {
  /** N, the number of positions. */
  readonly size: number;
  /** Where fresh chains start. */
  readonly start: StartLaw<X>;
  /** N fresh positions of age 0. */
  init(key: Key): ReplayState<X>;
  /** Draws `count` positions. @throws ValidationError for more than the buffer holds. */
  draw(state: ReplayState<X>, options: { readonly count: number; readonly key: Key }): ReplayDraw<X>;
  /**
   * The buffer with `positions` in the places of the draw, one older. They are constants to
   * gradients.
   */
  write(state: ReplayState<X>, drawn: ReplayDraw<X>, positions: X): ReplayState<X>;
  /**
   * Draws, runs `steps` steps of `kernel`, and writes. With ρ = 1 the negatives are those of
   * `shortRun` with this key.
   */
  update<S extends KernelState<X>, I extends KernelInfo>(
    state: ReplayState<X>,
    kernel: Kernel<X, S, I>,
    options: { readonly chains: number; readonly steps: number; readonly key: Key },
  ): ReplayUpdate<X, I>;
}

/**
 * A replay buffer. All its functions are pure, for use inside a compiled update; they dispose of
 * nothing.
 *
 * @throws ValidationError for a size or age that is no positive integer, a rate outside [0, 1], or
 *   a start that is no function.
 */
export function replayBuffer<X extends TensorTree = tf.Tensor>(options: ReplayBufferOptions<X>): ReplayBuffer<X> {
  const { size, start, reinitialise = 0.05, maxAge, augment } = options;
  assertPositiveInteger(maxAge === undefined ? { size } : { size, maxAge });
  assertInRange({ reinitialise }, { min: 0, max: 1 });
  assertFunction(augment === undefined ? { start } : { start, augment });

  /** The keys of an update. The first two are those of `shortRun`. */
  const keysOf = (key: Key) => {
    const [startKey, walkKey, indexKey, freshKey, augmentKey] = random.split(key, 5) as [Key, Key, Key, Key, Key];
    return { startKey, walkKey, indexKey, freshKey, augmentKey };
  };

  const draw: ReplayBuffer<X>["draw"] = (state, { count, key }) => {
    assertPositiveInteger({ count });
    if (count > size) fail(`count is ${count}`, `at most ${size}, the size of the buffer`);
    const { startKey, indexKey, freshKey, augmentKey } = keysOf(key);
    const indices = tf.slice1d(random.permutation(indexKey, size), 0, count);
    const kept = gatherRows(state.positions, indices);
    const age = tf.gather(state.ages, indices);
    const chosen = tf.less(random.uniform(freshKey, [count]), reinitialise);
    const fresh = maxAge === undefined ? chosen : tf.logicalOr(chosen, tf.greaterEqual(age, maxAge));
    return {
      positions: selectRows(fresh, start(startKey, count), augment === undefined ? kept : augment(kept, augmentKey)),
      indices,
      ages: tf.where(fresh, tf.zerosLike(age), age) as tf.Tensor1D,
      reinitialised: tf.mean(tf.cast(fresh, "float32")),
    };
  };

  const write: ReplayBuffer<X>["write"] = (state, { indices, ages }, positions) => ({
    positions: scatterRows(state.positions, indices, positions),
    ages: scatterRows(state.ages, indices, tf.add(ages, tf.scalar(1, "int32")) as tf.Tensor1D),
  });

  return {
    size,
    start,
    init(key) {
      const positions = start(key, size);
      if (chainCount(positions) !== size)
        fail(`start gave ${chainCount(positions)} positions`, `${size}, as asked for`);
      return { positions, ages: tf.zeros([size], "int32") };
    },
    draw,
    write,
    update(state, kernel, { chains, steps, key }) {
      const drawn = draw(state, { count: chains, key });
      const { position, info } = runSteps(kernel, drawn.positions, { steps, key: keysOf(key).walkKey });
      const negatives = tree.map((leaf) => detached(leaf), position as TensorTree) as X;
      const next = write(state, drawn, negatives);
      const meanAge = tf.mean<tf.Scalar>(tf.cast(next.ages, "float32"));
      return { state: next, negatives, info, report: { meanAge, reinitialised: drawn.reinitialised } };
    },
  };
}

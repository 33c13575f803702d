/**
 * The contract of Markov kernels: a pure step over a state that holds the position and the method's
 * own tensors.
 */
import type * as tf from "@tensorflow/tfjs-core";
import { fail, type Key, type TensorTree } from "@ergodic/tensor";
import type { Begin } from "./start-law.js";

/**
 * The state of a kernel: the position, a tree of tensors whose first axis numbers the chains, and
 * the method's own tensors.
 */
export type KernelState<X extends TensorTree> = { readonly position: X } & { readonly [name: string]: TensorTree };

/** The report of a step: named tensors, most of them `[chains]`. */
export type KernelInfo = { readonly [name: string]: TensorTree };

/**
 * A family of independent Markov chains that advance together.
 *
 * Both functions are pure: nothing given is changed or disposed, and all randomness comes from
 * `key`.
 */
export interface Kernel<
  X extends TensorTree = tf.Tensor,
  S extends KernelState<X> = KernelState<X>,
  I extends KernelInfo = KernelInfo,
> {
  init(position: X): S;
  step(state: S, key: Key): [S, I];
  /**
   * Rebuilds the state for a new position or a changed energy.
   *
   * Cached values (energy, gradient) are recomputed; tuned parameters and counters are kept. A
   * kernel without `moveTo` starts again by `init`.
   */
  moveTo?(state: S, position: X): S;
  /**
   * The energy and gradient at a position, of a kernel whose state caches neither. Chains start
   * only where both are finite.
   *
   * Chains inside a compiled function do not check this.
   */
  evaluate?(position: X): TensorTree;
}

/**
 * Draws of several steps: positions and reports with the steps on the second axis, `[chains, steps,
 * ...]`.
 */
export interface Drawn<X extends TensorTree, S, I extends KernelInfo> {
  readonly state: S;
  readonly positions: X;
  /** A part of the report that is one number for all chains is `[steps]`. */
  readonly info: I;
}

/** A kernel ready to run: its programs are compiled when first needed and kept until `dispose`. */
export interface OpenKernel<X extends TensorTree, S, I extends KernelInfo> {
  /**
   * The first state at a position, or at drawn starts.
   *
   * @throws ValidationError when a position, its energy or its gradient is not finite; for drawn
   *   starts, when they are not in 100 draws.
   */
  init(begin: Begin<X>): Promise<S>;
  /**
   * Draws number `from` to `from + count - 1` of the run of `key`. The given state is kept; the
   * caller owns the result.
   */
  draw(state: S, which: { readonly key: Key; readonly from: number; readonly count: number }): Promise<Drawn<X, S, I>>;
  dispose(): Promise<void>;
}

/** A kernel whose step has no fixed length: the host runs it as a sequence of compiled programs. */
export interface HostKernel<
  X extends TensorTree = tf.Tensor,
  S extends KernelState<X> = KernelState<X>,
  I extends KernelInfo = KernelInfo,
> {
  init(position: X): S;
  open(): OpenKernel<X, S, I>;
}

/**
 * @throws ValidationError for a kernel that the host runs, where a step must be part of a program.
 */
export function assertStep(kernel: object, caller: string): void {
  if ("step" in kernel) return;
  fail(
    `${caller} was given a kernel without a step`,
    "one whose step is a pure function, such as hmc or mala",
    "nuts has steps of no fixed length: run it by sample or summarizeWhileSampling",
  );
}

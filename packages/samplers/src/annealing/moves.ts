/**
 * One level of annealing as a compiled program. β is an input, so one program serves all levels.
 */
import * as tf from "@tensorflow/tfjs-core";
import { compile } from "@ergodic/engine";
import { assertFunction, fail, tree, type Key, type TensorTree } from "@ergodic/tensor";
import { acceptanceIn } from "../acceptance.js";
import type { Energy } from "../chains.js";
import { mean } from "../diagnostics/moments.js";
import { assertStep, type Kernel, type KernelInfo, type KernelState } from "../kernel.js";
import type { Path } from "./path.js";

/**
 * The kernel of an energy.
 *
 * A kernel that leaves exp(-energy) invariant reports `acceptProb`. Any other kernel must report
 * the `logWeight` that corrects for its step, as {@link weightedLangevin} does.
 */
export type KernelOf<X extends TensorTree> = (energy: Energy<X>) => Kernel<X, KernelState<X>, KernelInfo>;

/** ε at inverse temperature β, for kernels that keep their step size in their state. */
export type StepSizeAt = (beta: number) => number;

/** Draws after a move, with their numbers in float64. */
export interface Moved<X extends TensorTree> {
  readonly position: X;
  /** E₁ - E₀. */
  readonly differences: Float64Array;
  /** Mean probability of acceptance; nothing for a kernel without an accept step. */
  readonly acceptance?: number;
  /** Added to log weights by the move; nothing for a kernel that leaves exp(-E_β) invariant. */
  readonly logWeights?: Float64Array;
}

/**
 * The programs of an annealing run. The caller owns positions that are returned; given ones are not
 * disposed.
 */
export interface Moves<X extends TensorTree> {
  /** E₁ - E₀ of draws at β. */
  differences(position: X, beta: number): Promise<Float64Array>;
  move(position: X, beta: number, key: Key): Promise<Moved<X>>;
  choose(position: X, draws: Int32Array): Promise<X>;
  /** The number of recorded programs. */
  programs(): number;
  dispose(): Promise<void>;
}

/**
 * The reported effect of a kernel's step on the law of its draws.
 *
 * @throws ValidationError for a kernel that reports none.
 */
function effectOf(info: KernelInfo): { acceptProb?: tf.Tensor; logWeight?: tf.Tensor } {
  if (info.logWeight instanceof tf.Tensor) return { logWeight: info.logWeight };
  const acceptProb = acceptanceIn(info);
  if (acceptProb !== undefined) return { acceptProb };
  return fail(
    `the kernel reports {${Object.keys(info).join(", ")}}`,
    "acceptProb or logWeight",
    "use a kernel with an accept step (mala, hmc), or weightedLangevin",
  );
}

/**
 * E₁ - E₀ in float64.
 *
 * @throws ValidationError naming the draw and β where an energy is NaN or -Infinity.
 */
export function differencesOf({ from, to }: { from: tf.Tensor; to: tf.Tensor }, beta: number): Float64Array {
  const [ofFrom, ofTo] = [from.dataSync(), to.dataSync()];
  return Float64Array.from(ofTo, (energy, i) => {
    const difference = energy - ofFrom[i]!;
    if (Number.isNaN(difference) || energy === -Infinity || ofFrom[i] === -Infinity) {
      fail(
        `the energies of draw ${i} at beta ${beta} are ${ofFrom[i]} (from) and ${energy} (to)`,
        "numbers, or one of them Infinity",
        "let the energy be Infinity where the density is 0",
      );
    }
    return difference;
  });
}

/**
 * The kernel's state with another step size.
 *
 * @throws ValidationError for a kernel that keeps none in its state.
 */
export function withStepSize<S extends { readonly [name: string]: TensorTree }>(state: S, stepSize: tf.Tensor): S {
  if (!("stepSize" in state)) fail("the kernel has no step size in its state", "one that does, such as hmc or mala");
  return { ...state, stepSize };
}

/** Compiles the moves along a path. */
export function openMoves<X extends TensorTree>(
  path: Path<X>,
  kernel: KernelOf<X>,
  stepSize: StepSizeAt | undefined,
): Moves<X> {
  assertFunction({ kernel, ...(stepSize && { stepSize }) });
  const energies = compile((position: X) => path.at(position));
  const level = compile((position: X, beta: tf.Scalar, stepSizes: readonly tf.Scalar[], key: Key) => {
    const made = kernel(path.between(beta));
    assertStep(made, "annealing");
    const { init, step } = made;
    const start = init(position);
    const [state, info] = step(stepSizes[0] === undefined ? start : withStepSize(start, stepSizes[0]), key);
    return { position: state.position, energies: path.at(state.position), effect: effectOf(info) };
  });
  const chosen = compile((position: X, draws: tf.Tensor) => tree.map((leaf) => tf.gather(leaf, draws), position));
  const programs = [energies, level, chosen];
  return {
    async differences(position, beta) {
      const both = await energies(position);
      try {
        return differencesOf(both, beta);
      } finally {
        tree.dispose(both);
      }
    },
    async move(position, beta, key) {
      const betaTensor = tf.scalar(beta);
      const stepSizes = stepSize === undefined ? [] : [tf.scalar(stepSize(beta))];
      let result: Awaited<ReturnType<typeof level>> | undefined;
      try {
        result = await level(position, betaTensor, stepSizes, key);
        const { acceptProb, logWeight } = result.effect;
        return {
          differences: differencesOf(result.energies, beta),
          ...(acceptProb && { acceptance: mean(acceptProb.dataSync()) }),
          ...(logWeight && { logWeights: Float64Array.from(logWeight.dataSync()) }),
          position: tree.clone(result.position),
        };
      } finally {
        tree.dispose([betaTensor, stepSizes, result]);
      }
    },
    async choose(position, draws) {
      const indices = tf.tensor1d(draws, "int32");
      try {
        return await chosen(position, indices);
      } finally {
        indices.dispose();
      }
    },
    programs: () => programs.reduce((sum, program) => sum + program.programs, 0),
    async dispose() {
      await Promise.all(programs.map((program) => program.dispose()));
    },
  };
}

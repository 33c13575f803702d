/** Checks a kernel on a target whose moments are known. */
import { warmUp, type Energy, type Tunable } from "@ergodic/samplers";
import { tree, type TensorTree } from "@ergodic/tensor";
import type * as tf from "@tensorflow/tfjs-core";
import { runChains, type ChainPlan, type RowKernel, type RowState } from "./run-chains.js";
import { followQuantities, summarizeRun, type KnownTarget, type TargetSummary } from "./summary.js";

/** A density of rows of numbers with known moments, such as those of `@ergodic/energies`. */
export interface CheckedTarget extends KnownTarget {
  readonly dimension: number;
  readonly energy: Energy;
}

/** How long to run. */
export type CheckPlan = Partial<Pick<ChainPlan, "chains" | "warmup" | "draws" | "seed" | "onProgress">>;

/**
 * Runs chains of a kernel on a target and compares their moments with the exact ones.
 *
 * The result has estimates, exact values, effective sizes and R-hat of every quantity. `troubles`
 * is empty for a right kernel that ran long enough. A mean or standard deviation counts as wrong
 * beyond 5 Monte Carlo standard errors, so about one in 10⁶ right estimates is refused.
 *
 * @param kernelOf the kernel of an energy. A kernel for `warmUp` is tuned during the warm-up; any
 *   other only moves.
 * @param plan default: 4 chains, 1,000 steps of warm-up, 1,000 draws, seed 0
 * @throws ValidationError when chains find no start where the energy is finite
 */
export async function checkSampler(
  kernelOf: (energy: Energy) => RowKernel,
  target: CheckedTarget,
  { chains = 4, warmup = 1000, draws = 1000, seed = 0, onProgress }: CheckPlan = {},
): Promise<TargetSummary> {
  const kernel = kernelOf((x: tf.Tensor) => target.energy(x));
  const prepared = prepareKernel(kernel);
  const run = await runChains(prepared, { dimension: target.dimension, chains, warmup, draws, seed, onProgress });
  try {
    return summarizeRun(target, run, followQuantities(target, run), prepared);
  } finally {
    tree.dispose([run.positions, run.info] as TensorTree);
  }
}

/** A kernel with its warm-up, if it can be tuned. */
export function prepareKernel(kernel: RowKernel) {
  const isTunable = (given: RowKernel): given is RowKernel & Tunable<tf.Tensor> => "probe" in given;
  return {
    kernel,
    stepSize: NaN,
    momentum: false,
    ...(isTunable(kernel) && {
      warmUp: (start, options) => warmUp(kernel, start, options) as Promise<RowState>,
    }),
  } satisfies import("./run-chains.js").PreparedKernel;
}

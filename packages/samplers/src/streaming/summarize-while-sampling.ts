/**
 * Summaries of chains of any length in constant memory: draws are summarized as they are made, and
 * not kept.
 */
import * as tf from "@tensorflow/tfjs-core";
import { fail, assertPositiveInteger, tree, type TensorTree } from "@ergodic/tensor";
import { chainCount } from "../chains.js";
import { scalarsOf, type ChainSamples } from "../diagnostics/samples.js";
import type { HostKernel, Kernel, KernelInfo, KernelState, OpenKernel } from "../kernel.js";
import { failLost, lostChains } from "../lost-chains.js";
import { isOpen, openKernel } from "../open-kernel.js";
import { begun, isState, type SampleOptions } from "../sample.js";
import { runningMoments, type RunningEstimates } from "./moments.js";
import { runningReports, type RunningReports } from "./reports.js";

/** The summary of one number of the position. */
export interface StreamedRow extends RunningEstimates {
  /** As in `summarize`. */
  readonly name: string;
}

export interface StreamedSummary<S> extends RunningReports {
  readonly rows: readonly StreamedRow[];
  /** As `expectedSquaredJumpDistance` of the draws. */
  readonly expectedSquaredJumpDistance: number;
  /** The last state of the chains; the caller frees it. */
  readonly state: S;
}

/** The number of draws in memory at a time. */
const blockLength = 32;

/** The numbers of draw k of a block of positions `[chains, count, ...]`, as `[chains, size]`. */
function rowsAt(
  leaves: readonly Float32Array[],
  k: number,
  { chains, count, size }: { chains: number; count: number; size: number },
) {
  const rows = new Float64Array(chains * size);
  let offset = 0;
  for (const values of leaves) {
    const width = values.length / (chains * count);
    for (let c = 0; c < chains; c++) {
      rows.set(values.subarray((c * count + k) * width, (c * count + k + 1) * width), c * size + offset);
    }
    offset += width;
  }
  return rows;
}

/** Names of the numbers of a position. */
function namesOf(position: TensorTree): string[] {
  return tf.tidy(() =>
    Array.from(
      scalarsOf(tree.map((leaf) => tf.zeros([1, 4, ...leaf.shape.slice(1)]), position) as ChainSamples),
      ({ name }) => name,
    ),
  );
}

/**
 * Runs the chains of `kernel` as `sample` does, with the same draws for the same key, but keeps
 * running sums alone.
 *
 * Memory does not grow with `draws`. Means, sds, split R-hat, acceptance, E-BFMI and jump distance
 * are those of the draws, in float64. The effective size for the mean and its standard error are by
 * batch means (see {@link runningMoments}), not by autocorrelations as in `summarize`. Quantiles
 * and ranks need the draws, and are absent.
 *
 * @throws ValidationError for fewer than 16 draws, a position where the energy or gradient is not
 *   finite, or chains that diverge to infinity.
 */
export async function summarizeWhileSampling<X extends TensorTree, S extends KernelState<X>, I extends KernelInfo>(
  kernel: Kernel<X, S, I> | HostKernel<X, S, I> | OpenKernel<X, S, I>,
  { initial, draws, key }: SampleOptions<X, S>,
): Promise<StreamedSummary<S>> {
  assertPositiveInteger({ draws });
  if (draws < 16) fail(`draws is ${draws}`, "at least 16, for batches of draws", "use sample for short runs");
  const opened: OpenKernel<X, S, I> = isOpen(kernel) ? kernel : openKernel(kernel);
  let made: S | undefined;
  try {
    let state = isState<X, S>(initial) ? initial : (made = await opened.init(begun(initial, key)));
    const names = namesOf(state.position);
    const chains = chainCount(state.position);
    const size = names.length;
    const moments = runningMoments(chains, size, draws);
    const reports = runningReports(chains);
    let before: Float64Array | undefined;
    let jumps = 0;
    for (let from = 0; from < draws; from += blockLength) {
      const count = Math.min(blockLength, draws - from);
      const drawn = await opened.draw(state, { key, from, count });
      tree.dispose(made);
      made = state = drawn.state;
      try {
        const lost = lostChains(drawn.positions, chains, count);
        if (lost !== undefined) failLost(lost.chains, { chains, step: from + lost.draw + 1 });
        const leaves = await Promise.all(
          tree.leaves(drawn.positions as TensorTree).map((leaf) => leaf.data<"float32">()),
        );
        const rows = Array.from({ length: count }, (_, k) => rowsAt(leaves, k, { chains, count, size }));
        rows.forEach((row, k) => {
          moments.observe(row, from + k);
          if (before !== undefined) for (let i = 0; i < row.length; i++) jumps += (row[i]! - before[i]!) ** 2;
          before = row;
        });
        const positionAt = (chain: number, k: number) => rows[k]!.subarray(chain * size, (chain + 1) * size);
        await reports.observe(drawn.info, { from, count, positionAt });
      } finally {
        tree.dispose([drawn.positions, drawn.info]);
      }
    }
    const rows = moments.estimates().map((estimates, i) => ({ name: names[i]!, ...estimates }));
    made = undefined;
    return { ...reports.result(), rows, expectedSquaredJumpDistance: jumps / (chains * (draws - 1)), state };
  } finally {
    tree.dispose(made);
    if (opened !== kernel) await opened.dispose();
  }
}

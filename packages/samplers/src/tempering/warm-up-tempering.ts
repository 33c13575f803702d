/**
 * Warm-up of tempered chains: finds the ladder at which all neighbours exchange equally often, and
 * a step size for each temperature.
 *
 * Rounds double in length. After each round but the last, the ladder is retuned by the measured
 * rejections. Dual averaging of each replica's acceptance fits the step sizes; the last round, half
 * of all steps, settles them. The draws of a warm-up are no sample of the target. Syed et al.,
 * arXiv 1905.02939, algorithm 4.
 */
import * as tf from "@tensorflow/tfjs-core";
import { compile, type Compiled } from "@ergodic/engine";
import { assertInRange, assertPositiveInteger, tree, type Key, type TensorTree } from "@ergodic/tensor";
import { dualAverage, shrinkageFor, startDualAveraging, type DualAveraging } from "../adaptation/dual-averaging.js";
import { mean } from "../diagnostics/moments.js";
import type { OpenKernel } from "../kernel.js";
import { openKernel } from "../open-kernel.js";
import { interpolate, retuneLadder } from "./ladder.js";
import type { TemperingInfo, TemperingKernel, TemperingState } from "./parallel-tempering.js";
import { meansOfLast, rejectionsOf } from "./summary.js";

export interface TemperingWarmUpOptions {
  /** The number of steps, some hundreds at least. */
  readonly steps: number;
  readonly key: Key;
  /**
   * Mean acceptance probability of local moves to reach at every temperature, in (0, 1). Default
   * 0.8, good for HMC; 0.574 for MALA.
   */
  readonly targetAcceptance?: number;
  /** Called after every step with the number of steps done and the number of all. */
  readonly onProgress?: (done: number, of: number) => void;
}

/** The last step of each round but the last. */
export function roundEnds(steps: number, shortest = 50): number[] {
  if (steps < 2 * shortest) return [];
  const before = Math.ceil(steps / 2);
  return [...roundEnds(before, shortest), before - 1];
}

type Opened<X extends TensorTree> = OpenKernel<X, TemperingState<X>, TemperingInfo>;

/** The state with the step sizes of `averaging`, if its kernel has any; the old ones are freed. */
function withSizes<X extends TensorTree>(
  state: TemperingState<X>,
  averaging: readonly DualAveraging[],
  which: "stepSize" | "averaged",
): TemperingState<X> {
  if (averaging.length === 0) return state;
  tree.dispose(state.stepSizes);
  return { ...state, stepSizes: [tf.tensor1d(averaging.map((one) => one[which]))] };
}

/** New averagings at another ladder, each β with the step size that was found near it. */
function restarted(
  averaging: readonly DualAveraging[],
  from: readonly number[],
  to: readonly number[],
  target: number,
): DualAveraging[] {
  const [betas, sizes] = [from.toReversed(), averaging.map(({ averaged }) => averaged).toReversed()];
  return averaging.map((_, i) => startDualAveraging(interpolate(to[i]!, betas, sizes), shrinkageFor(target)));
}

const meanOfRows = (rows: readonly (readonly number[])[]): number[] =>
  rows[0]!.map((_, i) => mean(rows.map((row) => row[i]!)));

/** The state at another ladder; the old one is freed. */
async function renewed<X extends TensorTree>(
  retuned: Compiled<[TemperingState<X>, tf.Tensor1D], TemperingState<X>>,
  state: TemperingState<X>,
  betas: readonly number[],
): Promise<TemperingState<X>> {
  const beta = tf.tensor1d([...betas]);
  try {
    return await retuned(state, beta);
  } finally {
    tree.dispose([state, beta]);
  }
}

/**
 * Fits ladder and step sizes of a tempering kernel while running its chains from `position`, then
 * freezes both.
 *
 * @returns the state at the end, for {@link sample}; its `beta` is the new ladder. The caller owns
 *   its tensors.
 * @throws ValidationError for a number of steps that is no positive integer, a target outside (0,
 *   1), or a position where the energy or its gradient is not finite.
 */
export async function warmUpTempering<X extends TensorTree>(
  kernel: TemperingKernel<X>,
  position: X,
  { steps, key, targetAcceptance = 0.8, onProgress }: TemperingWarmUpOptions,
): Promise<TemperingState<X>> {
  assertPositiveInteger({ steps });
  assertInRange({ targetAcceptance }, { min: 0, max: 1, minOpen: true, maxOpen: true });
  const opened: Opened<X> = openKernel(kernel);
  const retuned = compile((state: TemperingState<X>, beta: tf.Tensor1D) =>
    kernel.retuned(state, beta, state.stepSizes),
  );
  const ends = roundEnds(steps);
  let state: TemperingState<X> | undefined;
  try {
    state = await opened.init(position);
    let betas = [...kernel.betas];
    let averaging = Array.from(state.stepSizes[0]?.dataSync() ?? [], (size) =>
      startDualAveraging(size, shrinkageFor(targetAcceptance)),
    );
    let rejections: number[][] = [];
    for (let t = 0; t < steps; t++) {
      state = withSizes(state, averaging, "stepSize");
      const drawn: Awaited<ReturnType<Opened<X>["draw"]>> = await opened.draw(state, { key, from: t, count: 1 });
      tree.dispose(state);
      state = drawn.state;
      const acceptance = meansOfLast(drawn.info.acceptance);
      averaging = averaging.map((one, i) => dualAverage(one, acceptance[i]!, targetAcceptance));
      rejections.push(rejectionsOf(drawn.info.swapProb));
      tree.dispose([drawn.positions, drawn.info]);
      onProgress?.(t + 1, steps);
      if (!ends.includes(t)) continue;
      const ladder = retuneLadder(betas, meanOfRows(rejections));
      averaging = restarted(averaging, betas, ladder, targetAcceptance);
      state = await renewed(retuned, withSizes(state, averaging, "stepSize"), ladder);
      [betas, rejections] = [ladder, []];
    }
    return withSizes(state, averaging, "averaged");
  } catch (error) {
    tree.dispose(state);
    throw error;
  } finally {
    await Promise.all([opened.dispose(), retuned.dispose()]);
  }
}

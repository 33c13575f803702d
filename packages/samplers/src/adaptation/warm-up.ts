/**
 * Warm-up: chains move to the typical set while one step size and one mass for all chains are
 * fitted.
 *
 *   - After every step, dual averaging moves the step size by the acceptance probability, averaged
 *     over chains.
 *   - At the end of each window (see `windows.ts`) the inverse mass becomes the regularised
 *     covariance of all chains' positions in it, and the search for a step size starts again.
 *   - At the end a step size that misses the target acceptance is corrected (see `settle.ts`).
 *
 * The draws of a warm-up are no sample of the target.
 */
import * as tf from "@tensorflow/tfjs-core";
import { tidy } from "@ergodic/engine";
import { assertInRange, assertPositiveInteger, fail, random, tree, type Key, type TensorTree } from "@ergodic/tensor";
import { mean, variance } from "../diagnostics/moments.js";
import type { HamiltonianInfo, HamiltonianState, Tunable } from "../hamiltonian.js";
import { chainCount } from "../chains.js";
import type { OpenKernel } from "../kernel.js";
import { denseInverse } from "../mass.js";
import { isOpen, openKernel, type OpenTunable } from "../open-kernel.js";
import { fromMatrix, sizeOfRow, toMatrix } from "../rows.js";
import { dualAverage, shrinkageFor, startDualAveraging, type DualAveraging } from "./dual-averaging.js";
import { settledStepSize, type Measured } from "./settle.js";
import { findStepSize } from "./step-search.js";
import { observe, regularisedCovariance, regularisedVariances, startWelford, type Welford } from "./welford.js";
import { warmUpSchedule } from "./windows.js";

export interface WarmUpOptions {
  /** The number of steps. From 150 on, all stages of the schedule have their full length. */
  readonly steps: number;
  readonly key: Key;
  /**
   * Mean acceptance probability to reach, in (0, 1). Default: the kernel's own, 0.574 for MALA and
   * 0.8 otherwise.
   */
  readonly targetAcceptance?: number;
  /** Called after every step with the number of steps done and the number of all. */
  readonly onProgress?: (done: number, of: number) => void;
}

/** The mean of a tensor, in float64. */
const meanOf = (tensor: tf.Tensor): number => mean(tensor.dataSync());

/** The inverse mass of a window, in the form of the one before it. */
function inverseMassOf(welford: Welford, before: TensorTree, position: TensorTree): TensorTree {
  if (welford.dense) return denseInverse(regularisedCovariance(welford));
  const row = tree.map((leaf) => tf.slice(leaf, 0, 1), position);
  const variances = fromMatrix(tf.tensor2d(regularisedVariances(welford), [1, welford.mean.length]), row);
  return tree.zip((leaf, like) => tf.reshape(leaf, like.shape), variances, before);
}

/** The state with other tensors in some places; the replaced ones are freed. */
function replaced<X extends TensorTree>(
  state: HamiltonianState<X>,
  change: { stepSize?: tf.Tensor; inverseMass?: TensorTree },
): HamiltonianState<X> {
  for (const name of Object.keys(change)) tree.dispose(state[name as keyof typeof change]);
  return { ...state, ...change };
}

/** @throws ValidationError for a kernel with a step size for each chain. */
function assertOneStepSize({ shape }: tf.Tensor): void {
  if (shape.length === 0) return;
  fail(
    `the step size of the kernel has shape [${shape.join(",")}]`,
    "one for all chains, []",
    "warmUp tunes one step size: make the kernel with a number, or tune groups of chains apart",
  );
}

/** @throws ValidationError for a kernel that cannot be tuned, such as one with schedules. */
function assertTunable(kernel: object): void {
  if ("probe" in kernel) return;
  fail(
    "warmUp was given a kernel that cannot be tuned",
    "hmc, mala or nuts whose step size and temperature are no schedules",
    "give numbers or tensors",
  );
}

type Opened<X extends TensorTree> = OpenKernel<X, HamiltonianState<X>, HamiltonianInfo>;

/**
 * A dual averaging over fewer steps than this starts at the step size that the search found, and
 * not above it.
 */
const fewSteps = 20;

/** A dual averaging over `steps` steps that starts at a step size found by {@link findStepSize}. */
async function restart<X extends TensorTree>(
  probe: Opened<X>,
  state: HamiltonianState<X>,
  { key, target, steps }: { readonly key: Key; readonly target: number; readonly steps: number },
): Promise<DualAveraging> {
  const acceptanceAt = async (size: number, attempt: number): Promise<number> => {
    const stepSize = tf.scalar(size);
    const drawn = await probe.draw({ ...state, stepSize }, { key, from: attempt, count: 1 });
    const acceptance = meanOf(drawn.info.acceptProb);
    tree.dispose([stepSize, drawn]);
    return acceptance;
  };
  const found = await findStepSize(state.stepSize.dataSync()[0]!, acceptanceAt);
  return startDualAveraging(found, shrinkageFor(target), steps < fewSteps ? 1 : 10);
}

/**
 * Steps that measure the acceptance: enough for so many probabilities, at most `most`, and at most
 * this share of the warm-up.
 */
const measuring = { probabilities: 256, most: 32, share: 1 / 10 };

/** The acceptance of the next steps at another step size. The state is not moved. */
async function measured<X extends TensorTree>(
  opened: Opened<X>,
  state: HamiltonianState<X>,
  { size, key, draws }: { readonly size: number; readonly key: Key; readonly draws: number },
): Promise<Measured> {
  let at: HamiltonianState<X> = { ...state, stepSize: tf.scalar(size) };
  const made: TensorTree[] = [at.stepSize];
  const probabilities: number[] = [];
  try {
    for (let from = 0; from < draws; from++) {
      // One at a time, since the program for single draws is compiled already.
      const drawn = await opened.draw(at, { key, from, count: 1 });
      made.push(drawn.state, drawn.positions, drawn.info);
      at = drawn.state;
      for (const probability of drawn.info.acceptProb.dataSync()) probabilities.push(probability);
    }
  } finally {
    tree.dispose(made);
  }
  const count = probabilities.length;
  const error = count < 2 ? Infinity : Math.sqrt(variance(probabilities) / count);
  return { acceptance: mean(probabilities), error };
}

/**
 * Fits step size and mass of a kernel while its chains run from `position`. Programs of an open
 * kernel are kept.
 *
 * @returns the state of the chains at the end, with the averaged step size and the last window's
 *   inverse mass: what {@link sample} begins with. The caller owns its tensors.
 * @throws ValidationError for a number of steps that is no positive integer, a target outside (0,
 *   1), a position where the energy or its gradient is not finite, or a kernel with schedules or
 *   with a step size for each chain.
 */
export async function warmUp<X extends TensorTree>(
  kernel: Tunable<X> | OpenTunable<X>,
  position: X,
  { steps, key, targetAcceptance = kernel.targetAcceptance, onProgress }: WarmUpOptions,
): Promise<HamiltonianState<X>> {
  assertTunable(kernel);
  assertPositiveInteger({ steps });
  assertInRange({ targetAcceptance }, { min: 0, max: 1, minOpen: true, maxOpen: true });
  const opened: OpenTunable<X> = isOpen(kernel) ? kernel : openKernel(kernel);
  const { probe } = opened;
  const [stepKey, searchKey, settleKey] = random.split(key, 3) as [Key, Key, Key];
  const { from, windowEnds } = warmUpSchedule(steps);
  /** Steps that a dual averaging from step t on lasts. */
  const stepsFrom = (t: number): number => (windowEnds.find((end) => end >= t) ?? steps - 1) + 1 - t;
  const dense = kernel.mass.kind === "dense";
  let state: HamiltonianState<X> | undefined;
  try {
    state = await opened.init(position);
    assertOneStepSize(state.stepSize);
    const dimension = tree.leaves(position as TensorTree).reduce((total, leaf) => total + sizeOfRow(leaf), 0);
    const search = (t: number) => ({
      key: random.fold(searchKey, t),
      target: targetAcceptance,
      steps: stepsFrom(t),
    });
    let averaging = await restart(probe, state, search(0));
    let welford = startWelford(dimension, dense);
    for (let t = 0; t < steps; t++) {
      state = replaced(state, { stepSize: tf.scalar(averaging.stepSize) });
      const drawn: Awaited<ReturnType<Opened<X>["draw"]>> = await opened.draw(state, {
        key: stepKey,
        from: t,
        count: 1,
      });
      tree.dispose(state);
      state = drawn.state;
      averaging = dualAverage(averaging, meanOf(drawn.info.acceptProb), targetAcceptance);
      tree.dispose([drawn.positions, drawn.info]);
      onProgress?.(t + 1, steps);
      if (kernel.mass.kind === "identity" || t < from || t > (windowEnds.at(-1) ?? -1)) continue;
      const rows = tidy(() => toMatrix(drawn.state.position));
      observe(welford, rows.dataSync());
      rows.dispose();
      if (!windowEnds.includes(t)) continue;
      const inverseMass = tidy(() => inverseMassOf(welford, drawn.state.inverseMass, position));
      state = replaced(state, { inverseMass, stepSize: tf.scalar(averaging.averaged) });
      averaging = await restart(probe, state, search(t + 1));
      welford = startWelford(dimension, dense);
    }
    const tuned = state;
    const { probabilities, most, share } = measuring;
    const draws = Math.ceil(Math.min(probabilities / chainCount(position), most, share * steps));
    const stepSize = await settledStepSize(averaging.averaged, targetAcceptance, (size) =>
      measured(opened, tuned, { size, key: settleKey, draws }),
    );
    return replaced(state, { stepSize: tf.scalar(stepSize) });
  } catch (error) {
    tree.dispose(state);
    throw error;
  } finally {
    if (opened !== kernel) await opened.dispose();
  }
}

/**
 * Warm-up: chains move to the typical set while step sizes and masses are fitted.
 *
 *   - Each chain begins with a step size of its own. Dual averaging moves it after every step, by
 *     the acceptance probability.
 *   - At the end of each window (see `windows.ts`) the chains that agree form groups (see
 *     `agreement.ts`). The inverse mass of a group becomes the regularised covariance of its
 *     chains' positions in the window, and its chains share one step size, for which the search
 *     starts again.
 *   - A chain that is lost begins again where starts are drawn from a law.
 *   - At the end a step size that misses the target acceptance is corrected (see `settle.ts`).
 *
 * The draws of a warm-up are no sample of the target.
 */
import * as tf from "@tensorflow/tfjs-core";
import { tidy } from "@ergodic/engine";
import { assertInRange, assertPositiveInteger, fail, random, tree, type Key, type TensorTree } from "@ergodic/tensor";
import { mean, variance } from "../diagnostics/moments.js";
import { doubleRows } from "../double-positions.js";
import type { HamiltonianInfo, HamiltonianState, Tunable } from "../hamiltonian.js";
import { chainCount } from "../chains.js";
import type { OpenKernel } from "../kernel.js";
import { dimensionOf } from "../mass.js";
import { isOpen, openKernel, type OpenProbe, type OpenTunable } from "../open-kernel.js";
import { selectRows } from "../rows.js";
import { begun } from "../sample.js";
import { isStarts, type Starts } from "../start-law.js";
import { agreeingGroups, lostAmong, observeStep, startWindow, type ChainWindow, type LostChain } from "./agreement.js";
import { dualAverage, shrinkageFor, startDualAveraging, type DualAveraging } from "./dual-averaging.js";
import { inverseFrom, inverseTensors, readInverse, type HostInverse } from "./host-mass.js";
import { settledStepSize, type Measured } from "./settle.js";
import { findStepSize } from "./step-search.js";
import { searchTogether } from "./together.js";
import { merged } from "./welford.js";
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
  /**
   * Called at the end when chains are lost, with a sentence that names them. Default: a warning on
   * the console.
   */
  readonly onTrouble?: (text: string) => void;
}

/** Chains that share a step size and an inverse mass. */
interface Group {
  readonly chains: readonly number[];
  readonly averaging: DualAveraging;
  readonly inverse: HostInverse;
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
    "warmUp finds the step size of each chain: make the kernel with a number",
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

/** One value for all chains, or the value of each group for its chains. */
function ofChains<T>(groups: readonly { readonly chains: readonly number[] }[], values: readonly T[]): T[] {
  const all: T[] = [];
  groups.forEach(({ chains }, i) => chains.forEach((chain) => (all[chain] = values[i]!)));
  return all;
}

/** Step sizes of groups as a tensor: `[]` for one group, else `[chains]`. */
const sizesOf = (groups: readonly Group[], sizes: readonly number[]): tf.Tensor =>
  groups.length === 1 ? tf.scalar(sizes[0]!) : tf.tensor1d(ofChains(groups, sizes));

const withSizes = <X extends TensorTree>(
  state: HamiltonianState<X>,
  groups: readonly Group[],
  which: "stepSize" | "averaged",
): HamiltonianState<X> =>
  replaced(state, {
    stepSize: sizesOf(
      groups,
      groups.map(({ averaging }) => averaging[which]),
    ),
  });

/**
 * A dual averaging over fewer steps than this starts at the step size that the search found, and
 * not above it.
 */
const fewSteps = 20;

/** Dual averagings over `steps` steps that start at step sizes found by {@link findStepSize}. */
async function restarted<X extends TensorTree>(
  probe: OpenProbe<X>,
  state: HamiltonianState<X>,
  groups: readonly Group[],
  { key, target, steps }: { readonly key: Key; readonly target: number; readonly steps: number },
): Promise<Group[]> {
  const sizes = groups.map(({ averaging }) => averaging.stepSize);
  let attempt = 0;
  const acceptances = async (asked: readonly (number | undefined)[]): Promise<number[]> => {
    const stepSize = sizesOf(
      groups,
      asked.map((size, i) => size ?? sizes[i]!),
    );
    const probabilities = await probe.acceptance({ ...state, stepSize }, { key, from: attempt });
    attempt += 1;
    stepSize.dispose();
    return groups.map(({ chains }) => mean(chains.map((chain) => probabilities[chain]!)));
  };
  const found = await searchTogether(
    sizes.map((size) => (ask: (size: number) => Promise<number>) => findStepSize(size, ask)),
    acceptances,
  );
  const boldness = steps < fewSteps ? 1 : 10;
  return groups.map((group, i) => ({
    ...group,
    averaging: startDualAveraging(found[i]!, shrinkageFor(target), boldness),
  }));
}

/**
 * Steps that measure the acceptance: enough for so many probabilities, at most `most`, and at most
 * this share of the warm-up.
 */
const measuring = { probabilities: 256, most: 32, share: 1 / 10 };

/** The acceptance of each group in the next steps at other step sizes. The state is not moved. */
async function measured<X extends TensorTree>(
  opened: Opened<X>,
  state: HamiltonianState<X>,
  groups: readonly Group[],
  { sizes, key, draws }: { readonly sizes: readonly number[]; readonly key: Key; readonly draws: number },
): Promise<Measured[]> {
  let at: HamiltonianState<X> = { ...state, stepSize: sizesOf(groups, sizes) };
  const made: TensorTree[] = [at.stepSize];
  const probabilities = groups.map((): number[] => []);
  try {
    for (let from = 0; from < draws; from++) {
      // One at a time, since the program for single draws is compiled already.
      const drawn = await opened.draw(at, { key, from, count: 1 });
      made.push(drawn.state, drawn.positions, drawn.info);
      at = drawn.state;
      const accepted = drawn.info.acceptProb.dataSync();
      groups.forEach(({ chains }, i) => chains.forEach((chain) => probabilities[i]!.push(accepted[chain]!)));
    }
  } finally {
    tree.dispose(made);
  }
  return probabilities.map((values) => ({
    acceptance: mean(values),
    error: values.length < 2 ? Infinity : Math.sqrt(variance(values) / values.length),
  }));
}

/** Adds the position and energy of each chain. */
function observeChains<X extends TensorTree>(windows: readonly ChainWindow[], state: HamiltonianState<X>): void {
  const [values, energies] = [doubleRows(state), state.energy.dataSync()];
  const width = values.length / windows.length;
  windows.forEach((window, chain) =>
    observeStep(window, values.subarray(chain * width, (chain + 1) * width), energies[chain]!),
  );
}

/** Puts fresh starts in place of some chains. The old tensors are freed. */
function begunAgain<X extends TensorTree>(
  state: HamiltonianState<X>,
  fresh: HamiltonianState<X>,
  lost: readonly LostChain[],
): HamiltonianState<X> {
  const again = new Set(lost.map(({ chain }) => chain));
  // Own kernels may hold other tensors of each chain.
  const moving = ({ stepSize: _, inverseMass: __, ...own }: HamiltonianState<X>) => own;
  const chosen = tidy(() => {
    const mask = tf.tensor1d(
      Array.from({ length: chainCount(state.position) }, (_, chain) => again.has(chain)),
      "bool",
    );
    return selectRows<TensorTree>(mask, moving(fresh) as TensorTree, moving(state) as TensorTree) as tf.TensorContainer;
  });
  tree.dispose([fresh, moving(state)]);
  return { ...state, ...(chosen as ReturnType<typeof moving>) };
}

/** The sentence for chains that are lost at the end. */
function lostWords(lost: readonly LostChain[], chains: number): string {
  const named = lost.map(({ chain, above }) => `chain ${chain} (by ${above.toPrecision(3)})`).join(", ");
  return (
    `${lost.length} of ${chains} chains stayed at energies far above the others: ${named}. ` +
    "Their draws are not of the target: leave them out, start elsewhere, or warm up longer."
  );
}

/**
 * Fits step sizes and masses of a kernel while its chains run from `start`. Programs of an open
 * kernel are kept.
 *
 * Chains that agree at the end of the last window share a step size and a mass. Where all agree,
 * the state has one of each, `[]` and `[...]`; else it has one for each chain, `[chains]` and
 * `[chains, ...]`. Below 20 steps there is no window, and one step size for all.
 *
 * @param start a position, whose first axis numbers the chains, or a law of starts; with a law,
 *   lost chains begin again
 * @returns the state of the chains at the end, with the averaged step sizes and the last window's
 *   inverse masses: what {@link sample} begins with. The caller owns its tensors.
 * @throws ValidationError for a number of steps that is no positive integer, a target outside (0,
 *   1), starts where the energy or its gradient is not finite, or a kernel with schedules or with a
 *   step size for each chain.
 */
export async function warmUp<X extends TensorTree>(
  kernel: Tunable<X> | OpenTunable<X>,
  start: X | Starts<X>,
  {
    steps,
    key,
    targetAcceptance = kernel.targetAcceptance,
    onProgress,
    onTrouble = (text) => console.warn(text),
  }: WarmUpOptions,
): Promise<HamiltonianState<X>> {
  assertTunable(kernel);
  assertPositiveInteger({ steps });
  assertInRange({ targetAcceptance }, { min: 0, max: 1, minOpen: true, maxOpen: true });
  const opened: OpenTunable<X> = isOpen(kernel) ? kernel : openKernel(kernel);
  const { probe } = opened;
  const [stepKey, searchKey, settleKey, againKey] = random.split(key, 4) as [Key, Key, Key, Key];
  const { from, windowEnds } = warmUpSchedule(steps);
  /** Steps that a dual averaging from step t on lasts. */
  const stepsFrom = (t: number): number => (windowEnds.find((end) => end >= t) ?? steps - 1) + 1 - t;
  const search = (t: number) => ({ key: random.fold(searchKey, t), target: targetAcceptance, steps: stepsFrom(t) });
  let state: HamiltonianState<X> | undefined;
  try {
    state = await opened.init(begun(start, key));
    assertOneStepSize(state.stepSize);
    const chains = chainCount(state.position);
    const initial = readInverse(state.inverseMass);
    const dense = initial !== undefined && "covariance" in initial;
    const dimension = dimensionOf(state.position);
    const fresh = (): ChainWindow[] => Array.from({ length: chains }, () => startWindow(dimension, dense));
    const averaging = startDualAveraging(state.stepSize.dataSync()[0]!);
    const everyChain = [...Array(chains).keys()];
    const apart = windowEnds.length > 0 ? everyChain.map((chain) => [chain]) : [everyChain];
    let groups: Group[] = apart.map((of) => ({ chains: of, averaging, inverse: initial }));
    groups = await restarted(probe, state, groups, search(0));
    let windows = fresh();
    for (let t = 0; t < steps; t++) {
      state = withSizes(state, groups, "stepSize");
      const drawn: Awaited<ReturnType<Opened<X>["draw"]>> = await opened.draw(state, {
        key: stepKey,
        from: t,
        count: 1,
      });
      tree.dispose(state);
      state = drawn.state;
      const accepted = drawn.info.acceptProb.dataSync();
      groups = groups.map(({ chains: own, averaging, inverse }) => ({
        chains: own,
        averaging: dualAverage(averaging, mean(own.map((chain) => accepted[chain]!)), targetAcceptance),
        inverse,
      }));
      tree.dispose([drawn.positions, drawn.info]);
      onProgress?.(t + 1, steps);
      if (t < from) continue;
      observeChains(windows, state);
      if (!windowEnds.includes(t)) continue;
      const agreeing = agreeingGroups(windows);
      const lost = isStarts(start) && t < windowEnds.at(-1)! ? lostAmong(windows, agreeing) : [];
      if (lost.length > 0) {
        const elsewhere = await opened.init({ ...(start as Starts<X>), key: random.fold(againKey, t) });
        state = begunAgain(state, elsewhere, lost);
      }
      groups = regrouped(groups, windows, agreeing, lost);
      const inverses = ofChains(
        groups,
        groups.map(({ inverse }) => inverse),
      );
      state = replaced(state, { inverseMass: inverseTensors(inverses, state.position) });
      groups = await restarted(probe, state, groups, search(t + 1));
      windows = fresh();
    }
    const tuned = state;
    const { probabilities, most, share } = measuring;
    const draws = Math.ceil(Math.min(probabilities / chains, most, share * steps));
    const averaged = groups.map((group) => group.averaging.averaged);
    const sizes = await searchTogether(
      averaged.map(
        (size) => (ask: (size: number) => Promise<Measured>) => settledStepSize(size, targetAcceptance, ask),
      ),
      (asked) =>
        measured(opened, tuned, groups, {
          sizes: asked.map((size, i) => size ?? averaged[i]!),
          key: settleKey,
          draws,
        }),
    );
    const lost = windowEnds.length > 0 ? lostAmong(windows, agreeingGroups(windows)) : [];
    if (lost.length > 0) onTrouble(lostWords(lost, chains));
    return replaced(state, { stepSize: sizesOf(groups, sizes) });
  } catch (error) {
    tree.dispose(state);
    throw error;
  } finally {
    if (opened !== kernel) await opened.dispose();
  }
}

/**
 * The groups after a window: chains that agreed in it, with the inverse mass of their draws. A lost
 * chain that begins again is alone, with the mass of the largest group.
 */
function regrouped(
  before: readonly Group[],
  windows: readonly ChainWindow[],
  agreeing: readonly (readonly number[])[],
  lost: readonly LostChain[],
): Group[] {
  const groupOf = ofChains(before, before);
  const groups = agreeing.map((chains): Group => {
    const logSize = mean(chains.map((chain) => Math.log(groupOf[chain]!.averaging.averaged)));
    const { averaging, inverse } = groupOf[chains[0]!]!;
    const draws = merged(chains.map((chain) => windows[chain]!.positions));
    return {
      chains,
      averaging: { ...averaging, stepSize: Math.exp(logSize) },
      inverse: inverseFrom(draws, inverse),
    };
  });
  const again = new Set(lost.map(({ chain }) => chain));
  const [largest] = groups;
  return [
    ...groups
      .map((group) => ({ ...group, chains: group.chains.filter((chain) => !again.has(chain)) }))
      .filter(({ chains }) => chains.length > 0),
    ...lost.map(({ chain }) => ({ ...largest!, chains: [chain] })),
  ];
}

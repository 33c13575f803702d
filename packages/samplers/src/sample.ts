/** Draws of a kernel: every position and report, in the form that diagnostics read. */
import { assertFitsMemory, assertPositiveInteger, random, tree, type Key, type TensorTree } from "@ergodic/tensor";
import { chainCount } from "./chains.js";
import type { Drawn, HostKernel, Kernel, KernelInfo, KernelState, OpenKernel } from "./kernel.js";
import { failLost, lostChains } from "./lost-chains.js";
import { isOpen, openKernel } from "./open-kernel.js";
import { isStarts, type Begin, type Starts } from "./start-law.js";

export interface SampleOptions<X extends TensorTree, S> {
  /**
   * Where the chains start, the first axis numbering them; a law of starts; or a kernel's state, as
   * `warmUp` returns it. Not disposed.
   */
  readonly initial: X | Starts<X> | S;
  /** The number of draws of each chain. */
  readonly draws: number;
  readonly key: Key;
}

/** Whether chains start from a kernel's state and not from a position or a law. */
export const isState = <X extends TensorTree, S extends KernelState<X>>(start: X | Starts<X> | S): start is S =>
  typeof start === "object" && "position" in start;

/** Starts of a run of `key`: those that are drawn have a key of their own. */
export const begun = <X extends TensorTree>(initial: X | Starts<X>, key: Key): Begin<X> =>
  isStarts(initial) ? { ...(initial as Starts<X>), key: random.fold(key, startsOfRun) } : (initial as X);

/** The child of a run's key that draws its starts. No draw has this number. */
const startsOfRun = 2 ** 31 - 1;

/**
 * Runs the chains of `kernel` and keeps every draw. Programs of an open kernel are kept for later
 * runs.
 *
 * @returns `positions` and `info` with the draws on the second axis, `[chains, draws, ...]`, for
 *   `summarize` and `summarizeTransitions`, and the last `state`. The caller frees all three with
 *   `tree.dispose`.
 * @throws ValidationError for a number of draws that is no positive integer or takes more than the
 *   memory, starts where the energy or gradient is not finite, or chains that diverge to
 *   infinity.
 */
export async function sample<X extends TensorTree, S extends KernelState<X>, I extends KernelInfo>(
  kernel: Kernel<X, S, I> | HostKernel<X, S, I> | OpenKernel<X, S, I>,
  { initial, draws, key }: SampleOptions<X, S>,
): Promise<Drawn<X, S, I>> {
  assertPositiveInteger({ draws });
  const opened: OpenKernel<X, S, I> = isOpen(kernel) ? kernel : openKernel(kernel);
  let made: S | undefined;
  try {
    const state = isState<X, S>(initial) ? initial : (made = await opened.init(begun(initial, key)));
    for (const { shape } of tree.leaves(state.position)) assertFitsMemory("draws", [draws, ...shape]);
    const drawn = await opened.draw(state, { key, from: 0, count: draws });
    const chains = chainCount(state.position);
    const lost = lostChains(drawn.positions, chains, draws);
    if (lost === undefined) return drawn;
    tree.dispose(drawn);
    return failLost(lost.chains, { chains, step: lost.draw + 1 });
  } finally {
    tree.dispose(made);
    if (opened !== kernel) await opened.dispose();
  }
}
